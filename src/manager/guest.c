/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manager/guest.h"

#include <signal.h>

#include "base/error.h"
#include "devices/chardev-pty.h"
#include "manager/internal.h"
#include "qemu/proc.h"

VcGuest *
vc_guest_new (VcManager *manager, const VcDomain *domain)
{
  VcSizes sizes = vc_sizes_of (domain);

  return vc_guest_new_listed (manager, domain->uuid, domain->name, &sizes);
}

VcGuest *
vc_guest_new_listed (VcManager *manager, const char *uuid, const char *name, const VcSizes *sizes)
{
  VcGuest *guest = g_new0 (VcGuest, 1);

  guest->manager = manager;
  guest->uuid = g_strdup (uuid);
  guest->name = g_strdup (name);
  guest->warm.data = guest;
  guest->held = g_ptr_array_new ();
  guest->starts = g_array_new (FALSE, FALSE, sizeof (VcWait));
  guest->ends = g_array_new (FALSE, FALSE, sizeof (VcWait));
  guest->sizes = *sizes;
  vc_guest_set_state (guest, VC_STATE_SHUTOFF, VC_SHUTOFF_UNKNOWN);
  guest->at = manager->guests->len;
  g_ptr_array_add (manager->guests, guest);
  g_hash_table_insert (manager->by_uuid, guest->uuid, guest);
  g_hash_table_insert (manager->by_name, guest->name, guest);
  return guest;
}

void
vc_guest_leave (VcGuest *guest)
{
  VcVm *vm = guest->run != NULL ? vc_run_vm (guest->run) : NULL;
  g_autoptr (GError) gone = NULL;

  /* What was promised to nobody ends; the next manager cleans up after it. */
  if (guest->phase == VC_PHASE_STARTING && !guest->promised && vm != NULL && vc_vm_state (vm) != VC_VM_OFF)
    kill (vc_vm_pid (vm), SIGKILL);
  vc_fail (&gone, VC_ERROR_GONE, "the manager of guests ends");
  vc_look_end (guest);
  vc_save_cancel (guest, gone); /* QEMU is told */
  vc_run_leave (g_steal_pointer (&guest->run));
  vc_wait_answer (guest->manager, guest->starts, guest->uuid, gone);
  vc_wait_answer (guest->manager, guest->ends, guest->uuid, gone);
  vc_held_fail (guest, gone);
}

void
vc_guest_free (VcGuest *guest)
{
  g_clear_handle_id (&guest->late, g_source_remove);
  vc_config_drop (guest);
  g_clear_pointer (&guest->live, vc_description_free);
  g_clear_error (&guest->fault);
  vc_save_free (guest->save);
  g_ptr_array_unref (guest->held);
  g_array_unref (guest->starts);
  g_array_unref (guest->ends);
  g_free (guest->uuid);
  g_free (guest->name);
  g_free (guest);
}

void
vc_guest_remove (VcGuest *guest)
{
  VcManager *manager = guest->manager;
  guint last = manager->guests->len - 1;

  g_assert (guest->phase == VC_PHASE_OFF);
  g_hash_table_remove (manager->by_uuid, guest->uuid);
  g_hash_table_remove (manager->by_name, guest->name);
  ((VcGuest *) manager->guests->pdata[last])->at = guest->at;
  g_ptr_array_remove_index_fast (manager->guests, guest->at); /* the last one takes its place */
  vc_guest_free (guest);
}

void
vc_guest_set_state (VcGuest *guest, VcState state, int reason)
{
  if (guest->state != state)
    guest->since = g_get_real_time ();
  guest->state = state;
  guest->reason = reason;
}

void
vc_guest_set_id (VcGuest *guest, int id)
{
  VcManager *manager = guest->manager;

  if (guest->id > 0)
    {
      g_hash_table_remove (manager->by_id, GINT_TO_POINTER (guest->id));
      manager->n_active--;
    }
  guest->id = id;
  if (guest->live != NULL)
    guest->live->domain->id = (VcU32){ id > 0, (guint) id };
  if (id > 0)
    {
      g_hash_table_insert (manager->by_id, GINT_TO_POINTER (id), guest);
      manager->n_active++;
    }
}

VcGuest *
vc_guest_find_run (VcManager *manager, const char *uuid, guint serial)
{
  VcGuest *guest = g_hash_table_lookup (manager->by_uuid, uuid);

  return guest != NULL && guest->serial == serial ? guest : NULL;
}

VcVm *
vc_guest_vm (VcGuest *guest, GError **error)
{
  VcVm *vm = guest->run != NULL ? vc_run_vm (guest->run) : NULL;

  if (guest->phase == VC_PHASE_STARTING)
    return vc_fail_null (error, VC_ERROR_BUSY, "domain is starting");
  if (guest->phase == VC_PHASE_OFF || vm == NULL)
    return vc_fail_null (error, VC_ERROR_STATE, "domain is not running");
  if (guest->phase == VC_PHASE_FOUND && vc_vm_qmp (vm) == NULL)
    return vc_fail_null (error, VC_ERROR_BUSY, "the domain's QEMU does not answer");
  if (vc_vm_qmp (vm) == NULL || vc_vm_state (vm) == VC_VM_STOPPING)
    return vc_fail_null (error, VC_ERROR_STATE, "domain is being ended");
  return vm;
}

const char *
vc_guest_name (const VcGuest *guest)
{
  return guest->name;
}

const char *
vc_guest_uuid (const VcGuest *guest)
{
  return guest->uuid;
}

int
vc_guest_id (const VcGuest *guest)
{
  return guest->id > 0 ? guest->id : -1;
}

gboolean
vc_guest_is_active (const VcGuest *guest)
{
  return guest->phase != VC_PHASE_OFF;
}

gboolean
vc_guest_is_persistent (const VcGuest *guest)
{
  return guest->persistent;
}

gboolean
vc_guest_is_updated (const VcGuest *guest)
{
  return guest->updated;
}

gboolean
vc_guest_autostart (const VcGuest *guest)
{
  return guest->autostart;
}

VcState
vc_guest_state (const VcGuest *guest, int *ret_reason)
{
  if (ret_reason != NULL)
    *ret_reason = guest->reason;
  return guest->state;
}

gint64
vc_guest_since (const VcGuest *guest)
{
  return guest->since;
}

void
vc_guest_get_info (const VcGuest *guest, VcGuestInfo *ret_info)
{
  const VcDomain *domain = guest->live != NULL ? guest->live->domain : NULL;
  VcVm *vm = guest->run != NULL ? vc_run_vm (guest->run) : NULL;
  VcProcUse used = { 0 };

  *ret_info = (VcGuestInfo){ .max_memory = guest->sizes.max_memory,
                             .memory = guest->sizes.memory,
                             .vcpus = guest->sizes.vcpus,
                             .max_vcpus = guest->sizes.max_vcpus };
  if (domain != NULL)
    {
      VcSizes live = vc_sizes_of (domain);

      *ret_info = (VcGuestInfo){ .max_memory = live.max_memory,
                                 .memory = guest->balloon,
                                 .vcpus = live.vcpus,
                                 .max_vcpus = live.max_vcpus };
    }
  if (vm == NULL || !vc_proc_used (vc_vm_pid (vm), &used, NULL))
    return;
  ret_info->resident = used.resident;
  ret_info->user_ns = used.user_ns;
  ret_info->system_ns = used.system_ns;
  ret_info->cpu_ns = used.user_ns + used.system_ns;
}

const VcDomain *
vc_guest_domain (const VcGuest *guest, VcGuestPart part, GError **error)
{
  VcDescription *config;

  if (part == VC_GUEST_LIVE && guest->live == NULL)
    return vc_fail_null (error, VC_ERROR_STATE, "domain is not running");
  if (part == VC_GUEST_CONFIG && !guest->persistent)
    return vc_fail_null (error, VC_ERROR_STATE, "transient domains do not have any persistent config");
  if (part != VC_GUEST_CONFIG && guest->live != NULL)
    return guest->live->domain;
  config = vc_config_get ((VcGuest *) guest, error);
  return config != NULL ? config->domain : NULL;
}

char *
vc_guest_print (const VcGuest *guest, guint flags, GError **error)
{
  gboolean live = guest->live != NULL && (flags & VC_XML_INACTIVE) == 0;
  VcDescription *description = live ? guest->live : NULL;
  const char *text;

  if (!live && (flags & VC_XML_MIGRATABLE) == 0)
    {
      text = vc_config_text ((VcGuest *) guest, error);
      return g_strdup (text);
    }
  if (!live)
    description = vc_config_get ((VcGuest *) guest, error);
  if (description == NULL)
    return NULL;
  return vc_domain_print (description->domain,
                          (flags & VC_XML_MIGRATABLE) != 0 ? VC_PRINT_MIGRATABLE : VC_PRINT_LIVE);
}

static const VcDevice *
find_terminal (const VcDomain *domain, const char *alias, GError **error)
{
  const VcPeers *peers = vc_domain_peers ((VcDomain *) domain);
  const VcDevice *dev;

  for (guint n = 0; alias != NULL && n < domain->devices->len; n++)
    {
      dev = domain->devices->pdata[n];
      if (g_strcmp0 (dev->alias, alias) == 0)
        return dev;
    }
  if (alias != NULL)
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "no device has the alias '%s'", alias);
  dev = vc_peers_find (peers, "console", NULL, 0);
  if (dev == NULL)
    dev = vc_peers_find (peers, "serial", NULL, 0);
  if (dev == NULL)
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "the domain has no console and no serial port");
  return dev;
}

const char *
vc_guest_terminal (const VcGuest *guest, const char *alias, GError **error)
{
  const VcDevice *dev;
  const char *path;

  if (guest->live == NULL || guest->phase == VC_PHASE_STARTING)
    return vc_fail_null (error, VC_ERROR_STATE, "domain is not running");
  dev = find_terminal (guest->live->domain, alias, error);
  if (dev == NULL)
    return NULL;
  path = vc_device_terminal (dev);
  if (path == NULL)
    return vc_fail_null (error, VC_ERROR_UNSUPPORTED, "device '%s' is no pseudo-terminal", dev->alias);
  return path;
}
