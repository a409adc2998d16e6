/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "devices/memballoon.h"
#include "manager/internal.h"

/* How much memory and how many processors a guest has.
 *
 * A changed definition is written beside the one it is to replace, before QEMU is asked; what QEMU refuses
 * leaves both as they were. */

#define COMMAND_MS 30000u

/* A definition that is to be: still a draft. */
typedef struct
{
  VcDescription *config;
  char *text, *draft;
  guint edition; /* of what it was made from */
} Change;

static void
change_clear (Change *self)
{
  if (self->draft != NULL)
    unlink (self->draft);
  g_clear_pointer (&self->draft, g_free);
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->config, vc_description_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

/* The definition, to be changed. */
static gboolean
open_change (Change *self, VcGuest *guest, GError **error)
{
  const char *text = NULL;

  self->edition = guest->edition;
  if (vc_guest_domain (guest, VC_GUEST_CONFIG, error) != NULL)
    text = vc_config_text (guest, error);
  if (text != NULL)
    self->config = vc_config_read (guest->manager, text, strlen (text), error);
  return self->config != NULL;
}

/* Held to all rules again: to those of NUMA cells and of the processors' topology, too. */
static gboolean
write_draft (Change *self, VcGuest *guest, GError **error)
{
  self->text = vc_domain_print (self->config->domain, VC_PRINT_INACTIVE);
  g_clear_pointer (&self->config, vc_description_free);
  self->config = vc_config_read (guest->manager, self->text, strlen (self->text), error);
  if (self->config != NULL)
    self->draft = vc_store_draft (guest->manager, self->config->domain, self->text, error);
  return self->draft != NULL;
}

static gboolean
commit (Change *self, VcGuest *guest, GError **error)
{
  g_autofree char *draft = g_steal_pointer (&self->draft);

  if (!guest->persistent)
    {
      unlink (draft);
      return vc_fail (error, VC_ERROR_STATE, "the domain was undefined meanwhile");
    }
  if (!vc_store_commit (guest->manager, guest->name, draft, error))
    return FALSE;
  guest->sizes = vc_sizes_of (self->config->domain);
  vc_config_take (guest, g_steal_pointer (&self->text), g_steal_pointer (&self->config));
  guest->updated |= guest->phase != VC_PHASE_OFF;
  return TRUE;
}

/* Memory */

static gboolean
check_size (guint64 size, guint64 most, GError **error)
{
  return size <= most || vc_fail (error, VC_ERROR_LIMIT, "cannot set memory higher than max memory");
}

static gboolean
set_config_memory (Change *self, VcGuest *guest, guint64 size, GError **error)
{
  if (!open_change (self, guest, error) || !check_size (size, self->config->domain->memory, error))
    return FALSE;
  self->config->domain->current_memory = size;
  return write_draft (self, guest, error);
}

/* Somebody else has changed the definition while QEMU was asked: his stays, and is changed once more. */
static gboolean
commit_memory (Change *self, VcGuest *guest, guint64 size, GError **error)
{
  if (guest->persistent && guest->edition != self->edition)
    {
      change_clear (self);
      if (!set_config_memory (self, guest, size, error))
        return FALSE;
    }
  return commit (self, guest, error);
}

typedef struct
{
  VcManager *manager;
  char *uuid;
  Change change; /* draft NULL: of what runs only */
  guint64 size;
  VcGuestFn done;
  gpointer data;
} Asked;

static void
on_balloon (VcJson *value, const GError *error, gpointer data)
{
  Asked *asked = data;
  VcGuest *guest = vc_manager_find_uuid (asked->manager, asked->uuid, NULL);
  g_autoptr (GError) why = error != NULL ? g_error_copy (error) : NULL;

  if (why == NULL && asked->change.draft != NULL)
    {
      if (guest == NULL)
        vc_fail (&why, VC_ERROR_STATE, "the domain was undefined meanwhile");
      else
        commit_memory (&asked->change, guest, asked->size, &why);
    }
  vc_later_done (asked->manager, asked->uuid, asked->done, asked->data, why);
  change_clear (&asked->change);
  g_free (asked->uuid);
  g_free (asked);
}

static gboolean
check_balloon (VcGuest *guest, guint64 size, GError **error)
{
  const VcDomain *domain = guest->live->domain;
  const VcDevice *balloon = vc_peers_find (vc_domain_peers ((VcDomain *) domain), "memballoon", NULL, 0);

  if (balloon == NULL || vc_memballoon_is_none (balloon))
    return vc_fail (error, VC_ERROR_STATE,
                    "Unable to change memory of active domain without the balloon device and guest OS "
                    "balloon driver");
  return check_size (size, domain->memory, error);
}

static void
ask_balloon (VcGuest *guest, VcVm *vm, guint64 size, Change *change, VcGuestFn done, gpointer data)
{
  VcJson *arguments = json_object ();
  Asked *asked = g_new0 (Asked, 1);

  *asked = (Asked){ guest->manager, g_strdup (guest->uuid), *change, size, done, data };
  *change = (Change){ 0 };
  json_object_set_new (arguments, "value", json_integer ((json_int_t) size * 1024));
  vc_qmp_call (vc_vm_qmp (vm), vc_qmp_command ("balloon", arguments), COMMAND_MS, on_balloon, asked);
}

static guint
choose_part (const VcGuest *guest, guint part)
{
  return part != VC_GUEST_CURRENT ? part : guest->live != NULL ? VC_GUEST_LIVE : VC_GUEST_CONFIG;
}

void
vc_guest_set_memory (VcGuest *guest, guint64 size, guint part, VcGuestFn done, gpointer data)
{
  g_auto (Change) change = { 0 };
  g_autoptr (GError) error = NULL;
  VcVm *vm = NULL;

  part = choose_part (guest, part);
  if ((part & VC_GUEST_LIVE) != 0)
    {
      vm = vc_guest_vm (guest, &error);
      if (vm != NULL)
        check_balloon (guest, size, &error);
    }
  if (error == NULL && (part & VC_GUEST_CONFIG) != 0 && set_config_memory (&change, guest, size, &error)
      && vm == NULL)
    commit (&change, guest, &error);
  if (error == NULL && vm != NULL)
    ask_balloon (guest, vm, size, &change, done, data);
  else
    vc_later_done (guest->manager, guest->uuid, done, data, error);
}

gboolean
vc_guest_set_max_memory (VcGuest *guest, guint64 size, guint part, GError **error)
{
  g_auto (Change) change = { 0 };
  VcDomain *domain;

  if ((choose_part (guest, part) & VC_GUEST_LIVE) != 0)
    return vc_fail (error, VC_ERROR_STATE,
                    guest->live != NULL ? "cannot resize the maximum memory on an active domain"
                                        : "domain is not running");
  if (!open_change (&change, guest, error))
    return FALSE;
  domain = change.config->domain;
  domain->memory = size;
  domain->current_memory = MIN (domain->current_memory, size);
  return write_draft (&change, guest, error) && commit (&change, guest, error);
}

/* Processors */

gboolean
vc_guest_set_vcpus (VcGuest *guest, guint n, gboolean is_maximum, GError **error)
{
  g_auto (Change) change = { 0 };
  guint most, online;
  VcDomain *domain;

  if (!open_change (&change, guest, error))
    return FALSE;
  domain = change.config->domain;
  most = vc_u32_or (domain->vcpus, 1);
  online = vc_u32_or (domain->online, most);
  if (!is_maximum && n > most)
    return vc_fail (error, VC_ERROR_LIMIT,
                    "requested vcpus is greater than max allowable vcpus for the persistent domain: %u > %u",
                    n, most);
  domain->vcpus = vc_u32 (is_maximum ? n : most);
  domain->online = vc_u32 (is_maximum ? MIN (online, n) : n);
  return write_draft (&change, guest, error) && commit (&change, guest, error);
}
