/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "manager/internal.h"

#define COMMAND_MS 30000u

/* A command on its way.  Of its answer QEMU's words are wanted, as it said them. */
typedef struct
{
  char *name;
  VcJson *id; /* the caller's, or NULL */
  gboolean hmp;
  VcGuestReplyFn fn;
  gpointer data;
} Command;

static void
command_free (Command *self)
{
  g_free (self->name);
  json_decref (self->id);
  g_free (self);
}

/* QEMU's refusal is an answer like any other; the rest is an error of the connection. */
static const char *
class_of (const GError *error)
{
  switch (error->code)
    {
    case VC_ERROR_NOT_FOUND:
      return "DeviceNotFound";
    case VC_ERROR_UNSUPPORTED:
      return "CommandNotFound";
    case VC_ERROR_QEMU:
      return "GenericError";
    default:
      return NULL;
    }
}

static VcJson *
new_refusal (const Command *self, const char *name, const GError *error)
{
  gsize skip = strlen (self->name) + strlen (": ");
  VcJson *refusal = json_object ();

  json_object_set_new (refusal, "class", json_string (name));
  json_object_set_new (refusal, "desc",
                       json_string (strlen (error->message) > skip ? error->message + skip : error->message));
  return refusal;
}

static void
on_answer (VcJson *value, const GError *error, gpointer data)
{
  Command *self = data;
  const char *refused = error != NULL ? class_of (error) : NULL;
  g_autoptr (json_t) answer = json_object ();
  g_autofree char *text = NULL;

  if (value != NULL)
    json_object_set (answer, "return", value);
  if (self->id != NULL)
    json_object_set (answer, "id", self->id);
  if (refused != NULL)
    json_object_set_new (answer, "error", new_refusal (self, refused, error));
  if (self->hmp && value != NULL)
    text = g_strdup (json_is_string (value) ? json_string_value (value) : "");
  else if (!self->hmp && (value != NULL || refused != NULL))
    text = vc_json_print (answer);
  self->fn (text, text != NULL ? NULL : error, self->data);
  command_free (self);
}

static VcJson *
read_command (const char *text, gboolean hmp, Command *self, GError **error)
{
  g_autoptr (json_t) command = NULL;
  VcJson *arguments;

  if (hmp)
    {
      self->name = g_strdup ("human-monitor-command");
      arguments = json_object ();
      if (!vc_json_put_str (arguments, "command-line", text, error))
        {
          json_decref (arguments);
          return NULL;
        }
      return vc_qmp_command (self->name, arguments);
    }
  command = vc_json_read (text, strlen (text), error);
  if (command == NULL)
    return NULL;
  if (vc_json_str (command, "execute") == NULL)
    return vc_fail_null (error, VC_ERROR_INVALID, "the command is no JSON object with \"execute\"");
  self->name = g_strdup (vc_json_str (command, "execute"));
  self->id = json_incref (vc_json_get (command, "id"));
  return g_steal_pointer (&command);
}

/* A refusal that is told from the main context, as ever. */
typedef struct
{
  VcGuestReplyFn reply;
  VcGuestJsonFn json;
  gpointer data;
} Refused;

static void
on_refused (VcGuest *guest, const GError *error, gpointer data)
{
  Refused *self = data;

  if (self->reply != NULL)
    self->reply (NULL, error, self->data);
  if (self->json != NULL)
    self->json (NULL, error, self->data);
  g_free (self);
}

static void
refuse (VcGuest *guest, VcGuestReplyFn reply, VcGuestJsonFn json, gpointer data, const GError *error)
{
  Refused *self = g_new (Refused, 1);

  *self = (Refused){ reply, json, data };
  vc_later_done (guest->manager, guest->uuid, on_refused, self, error);
}

void
vc_guest_monitor (VcGuest *guest, const char *text, gboolean hmp, VcGuestReplyFn fn, gpointer data)
{
  VcVm *vm;
  g_autoptr (GError) error = NULL;
  Command *self = g_new0 (Command, 1);
  VcJson *command = NULL;

  self->hmp = hmp;
  self->fn = fn;
  self->data = data;
  vm = vc_guest_vm (guest, &error);
  if (vm != NULL)
    command = read_command (text, hmp, self, &error);
  if (command != NULL)
    {
      vc_qmp_call (vc_vm_qmp (vm), command, COMMAND_MS, on_answer, self);
      return;
    }
  refuse (guest, fn, NULL, data, error);
  command_free (self);
}

void
vc_guest_call (VcGuest *guest, VcJson *command_taken, VcGuestJsonFn fn, gpointer data)
{
  vc_guest_call_fd (guest, command_taken, -1, fn, data);
}

void
vc_guest_call_fd (VcGuest *guest, VcJson *command_taken, int fd, VcGuestJsonFn fn, gpointer data)
{
  g_autoptr (GError) error = NULL;
  VcVm *vm = vc_guest_vm (guest, &error);

  if (vm != NULL)
    {
      vc_qmp_call_fd (vc_vm_qmp (vm), command_taken, fd, COMMAND_MS, fn, data);
      return;
    }
  json_decref (command_taken);
  refuse (guest, NULL, fn, data, error);
}
