/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "lib/plug.h"
#include "manager/internal.h"
#include "manager/saved.h"

/* How this works
 *
 *   save:     stop -> getfd, migrate -> MIGRATION completed -> file in its place -> quit
 *             MIGRATION failed, QEMU gone: file away, and the guest runs on if it ran
 *
 *   restore:  QEMU with -incoming defer, held -> getfd, migrate-incoming -> MIGRATION completed -> cont
 *             MIGRATION failed: QEMU ends
 *
 * A manager that dies meanwhile leaves a draft that is no file of a guest; the next one lets the guest run
 * on (life.c). */

#define COMMAND_MS 30000u
#define FD_NAME    "virtcard-save"

struct VcSave
{
  char *path, *draft; /* NULL: it is a restore */
  char *spent;        /* of a restore: the file that goes once it is loaded, or NULL */
  int fd;
  gboolean was_running;
  VcGuestFn done; /* of a save */
  gpointer data;
};

void
vc_save_free (VcSave *save)
{
  if (save == NULL)
    return;
  if (save->draft != NULL)
    unlink (save->draft);
  if (save->fd >= 0)
    close (save->fd);
  g_free (save->draft);
  g_free (save->path);
  g_free (save->spent);
  g_free (save);
}

gboolean
vc_save_is_spent (const VcSave *save)
{
  return save != NULL && save->spent != NULL;
}

/* What comes or goes after the description was written would not fit the state. */
gboolean
vc_save_check_none (const VcGuest *guest, GError **error)
{
  return guest->save == NULL || vc_fail (error, VC_ERROR_BUSY, "the domain is being saved");
}

/* Across the wait. */
typedef struct
{
  VcManager *manager;
  char *uuid;
  guint serial;
} Asked;

static void fail (VcGuest *guest, const GError *error);

/* Of a command that only matters when it fails. */
static void
on_answer (VcJson *value, const GError *error, gpointer data)
{
  Asked *asked = data;
  VcGuest *guest = vc_guest_find_run (asked->manager, asked->uuid, asked->serial);

  if (error != NULL && guest != NULL && guest->save != NULL)
    fail (guest, error);
  g_free (asked->uuid);
  g_free (asked);
}

static void
call (VcGuest *guest, VcJson *command_taken, int fd)
{
  VcQmp *qmp = vc_vm_qmp (vc_run_vm (guest->run));
  Asked *asked;

  if (qmp == NULL)
    {
      json_decref (command_taken);
      return;
    }
  asked = g_new (Asked, 1);
  *asked = (Asked){ guest->manager, g_strdup (guest->uuid), guest->serial };
  vc_qmp_call_fd (qmp, command_taken, fd, COMMAND_MS, on_answer, asked);
}

static void
say (VcGuest *guest, const char *command, const char *name, const char *value, int fd)
{
  VcJson *arguments = name != NULL ? json_object () : NULL;

  if (arguments != NULL)
    json_object_set_new (arguments, name, json_string (value));
  call (guest, vc_qmp_command (command, arguments), fd);
}

/* Be told how it goes, and do not hold back: nobody runs meanwhile. */
static void
set_up (VcGuest *guest)
{
  VcJson *events = json_object (), *list = json_array (), *capabilities = json_object ();
  VcJson *parameters = json_object ();

  json_object_set_new (events, "capability", json_string ("events"));
  json_object_set_new (events, "state", json_true ());
  json_array_append_new (list, events);
  json_object_set_new (capabilities, "capabilities", list);
  call (guest, vc_qmp_command ("migrate-set-capabilities", capabilities), -1);
  json_object_set_new (parameters, "max-bandwidth", json_integer (G_GINT64_CONSTANT (1) << 40));
  call (guest, vc_qmp_command ("migrate-set-parameters", parameters), -1);
  say (guest, "getfd", "fdname", FD_NAME, guest->save->fd);
}

static void
fail (VcGuest *guest, const GError *error)
{
  VcSave *save = g_steal_pointer (&guest->save);

  if (save->path == NULL)
    {
      guest->fault = guest->fault != NULL ? guest->fault : g_error_copy (error);
      vc_life_stop (guest, FALSE, VC_SHUTOFF_FAILED, VC_STOPPED_FAILED, NULL);
    }
  else
    {
      vc_later_done (guest->manager, guest->uuid, save->done, save->data, error);
      if (save->was_running && guest->phase == VC_PHASE_UP)
        say (guest, "cont", NULL, NULL, -1);
    }
  vc_save_free (save);
}

void
vc_save_cancel (VcGuest *guest, const GError *error)
{
  if (guest->save != NULL)
    fail (guest, error);
}

static void
finish (VcGuest *guest)
{
  VcSave *save = guest->save;
  g_autofree char *draft = NULL;
  g_autoptr (GError) error = NULL;

  if (save->path == NULL)
    {
      /* Loaded twice, it would meet disks that have gone on; and it must not be nowhere. */
      if (save->spent != NULL && (!vc_life_promise (guest, &error) || !vc_file_remove (save->spent, &error)))
        {
          fail (guest, error);
          return;
        }
      vc_save_free (g_steal_pointer (&guest->save));
      vc_life_restored (guest);
      return;
    }
  if (!vc_saved_finish (save->fd, save->draft, save->path, &error))
    {
      fail (guest, error);
      return;
    }
  if (!vc_life_stop (guest, FALSE, VC_SHUTOFF_SAVED, VC_STOPPED_SAVED, &error))
    {
      vc_file_remove (save->path, NULL); /* it runs on */
      fail (guest, error);
      return;
    }
  draft = g_steal_pointer (&save->draft); /* it is the file now */
  vc_wait_add (guest->ends, save->done, save->data);
  vc_save_free (g_steal_pointer (&guest->save));
}

static void
on_why (VcJson *value, const GError *error, gpointer data)
{
  Asked *asked = data;
  VcGuest *guest = vc_guest_find_run (asked->manager, asked->uuid, asked->serial);
  const char *words = value != NULL ? vc_json_str (value, "error-desc") : NULL;
  g_autoptr (GError) why = NULL;

  vc_fail (&why, VC_ERROR_QEMU, "QEMU's state could not be %s: %s",
           guest != NULL && guest->save != NULL && guest->save->path == NULL ? "loaded" : "saved",
           words != NULL ? words : "it does not say why");
  if (guest != NULL)
    vc_save_cancel (guest, why);
  g_free (asked->uuid);
  g_free (asked);
}

void
vc_save_on_migration (VcGuest *guest, const VcJson *values)
{
  const char *status = values != NULL ? vc_json_str (values, "status") : NULL;
  VcQmp *qmp = vc_vm_qmp (vc_run_vm (guest->run));
  Asked *asked;

  if (guest->save == NULL || qmp == NULL)
    return;
  if (g_strcmp0 (status, "completed") == 0)
    finish (guest);
  else if (g_strcmp0 (status, "failed") == 0 || g_strcmp0 (status, "cancelled") == 0)
    {
      asked = g_new (Asked, 1);
      *asked = (Asked){ guest->manager, g_strdup (guest->uuid), guest->serial };
      vc_qmp_call (qmp, vc_qmp_command ("query-migrate", NULL), COMMAND_MS, on_why, asked);
    }
}

/* A start puts all cards into their readers: QEMU would not fit the state any more. */
static gboolean
check_cards (const VcGuest *guest, GError **error)
{
  const VcDevice *card;

  for (guint n = 0;
       (card = vc_peers_find (vc_domain_peers (guest->live->domain), "smartcard", NULL, n)) != NULL; n++)
    if (card->ejected == VC_TRI_YES)
      return vc_fail (error, VC_ERROR_STATE, "the card '%s' is ejected: insert it before the domain is saved",
                      card->alias);
  return TRUE;
}

static void
save (VcGuest *guest, const char *path, gsize len, guint flags, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL, *draft = NULL;
  gboolean is_paused
      = (flags & VC_SAVE_PAUSED) != 0 || ((flags & VC_SAVE_RUNNING) == 0 && guest->state == VC_STATE_PAUSED);
  VcVm *vm;
  int fd = -1;

  if (vc_held_add (guest, save, path, len, flags, done, data))
    return;
  vm = vc_guest_vm (guest, &error);
  if (vm != NULL && guest->save != NULL)
    vc_fail (&error, VC_ERROR_BUSY, "the domain is being saved already");
  else if (vm != NULL && guest->state != VC_STATE_RUNNING && guest->state != VC_STATE_PAUSED)
    vc_fail (&error, VC_ERROR_STATE, "domain has ended, and cannot be saved");
  else if (vm != NULL && vc_run_check_quiet (guest->run, &error) && check_cards (guest, &error))
    {
      xml = vc_domain_print (guest->live->domain, VC_PRINT_MIGRATABLE);
      fd = vc_saved_new (path, xml, is_paused, &draft, &error);
    }
  if (fd < 0)
    {
      vc_later_done (guest->manager, guest->uuid, done, data, error);
      return;
    }
  guest->save = g_new0 (VcSave, 1);
  *guest->save = (VcSave){ .path = g_strdup (path),
                           .draft = g_steal_pointer (&draft),
                           .fd = fd,
                           .was_running = guest->state == VC_STATE_RUNNING,
                           .done = done,
                           .data = data };
  if (guest->save->was_running)
    {
      guest->pause_reason = VC_PAUSED_SAVE;
      say (guest, "stop", NULL, NULL, -1);
    }
  set_up (guest);
  say (guest, "migrate", "uri", "fd:" FD_NAME, -1);
}

void
vc_guest_save (VcGuest *guest, const char *path, guint flags, VcGuestFn done, gpointer data)
{
  save (guest, path, strlen (path), flags, done, data);
}

void
vc_save_load (VcGuest *guest)
{
  set_up (guest);
  say (guest, "migrate-incoming", "uri", "fd:" FD_NAME, -1);
}

void
vc_save_restore (VcManager *manager, const char *path, gboolean is_spent, guint save_flags, guint start_flags,
                 gconstpointer owner, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;
  gboolean is_paused = FALSE;
  VcSave *load;
  gsize len = 0;
  int fd = vc_saved_open (path, &xml, &len, &is_paused, &error);

  if (fd < 0)
    {
      vc_later_done (manager, NULL, done, data, error);
      return;
    }
  load = g_new0 (VcSave, 1);
  load->fd = fd;
  load->spent = is_spent ? g_strdup (path) : NULL;
  if ((save_flags & VC_SAVE_PAUSED) != 0 || (is_paused && (save_flags & VC_SAVE_RUNNING) == 0))
    start_flags |= VC_START_PAUSED;
  vc_create (manager, xml, len, start_flags, owner, load, done, data);
}

void
vc_manager_restore (VcManager *manager, const char *path, guint flags, VcGuestFn done, gpointer data)
{
  vc_save_restore (manager, path, FALSE, flags, 0, NULL, done, data);
}
