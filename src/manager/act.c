/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "manager/internal.h"

/* What can be asked of a guest: start, end, and commands of QEMU's that need no more than their answer. */

#define COMMAND_MS 30000u

/* Across the wait. */
typedef struct
{
  VcManager *manager;
  char *uuid;
  guint serial;
  VcGuestFn done;
  gpointer data;
} Asked;

static void
asked_free (Asked *asked)
{
  g_free (asked->uuid);
  g_free (asked);
}

/* Also called when the manager goes, and the connection with it: then from inside vc_manager_free. */
static void
on_answer (VcJson *value, const GError *error, gpointer data)
{
  Asked *asked = data;

  vc_later_done (asked->manager, asked->uuid, asked->done, asked->data, error);
  asked_free (asked);
}

static void
fail (VcGuest *guest, VcGuestFn done, gpointer data, const GError *error)
{
  vc_later_done (guest->manager, guest->uuid, done, data, error);
}

static void
ask (VcGuest *guest, VcVm *vm, const char *command, VcGuestFn done, gpointer data)
{
  Asked *asked = g_new0 (Asked, 1);

  asked->manager = guest->manager;
  asked->uuid = g_strdup (guest->uuid);
  asked->serial = guest->serial;
  asked->done = done;
  asked->data = data;
  vc_qmp_call (vc_vm_qmp (vm), vc_qmp_command (command, NULL), COMMAND_MS, on_answer, asked);
}

/* FALSE: answered already. */
static gboolean
find_vm (VcGuest *guest, VcVm **ret_vm, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *ret_vm = vc_guest_vm (guest, &error);
  if (error != NULL)
    fail (guest, done, data, error);
  return error == NULL;
}

void
vc_guest_start (VcGuest *guest, guint flags, gconstpointer owner, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  VcDescription *live = NULL, *copy = NULL;
  const char *text;

  if (guest->phase != VC_PHASE_OFF)
    vc_fail (&error, VC_ERROR_STATE, "domain is already running");
  else if (vc_managed_restore (guest, flags, owner, done, data, &error))
    return;
  else if (error == NULL && (text = vc_config_text (guest, &error)) != NULL)
    {
      live = vc_config_read (guest->manager, text, strlen (text), &error);
      copy = live != NULL ? vc_config_read (guest->manager, text, strlen (text), &error) : NULL;
    }
  if (copy != NULL)
    {
      vc_life_start (guest, live, copy, flags, owner, done, data);
      return;
    }
  vc_description_free (live);
  fail (guest, done, data, error);
}

/* Each as VcHeldFn: what is asked too early is done when the guest has been found again. */

static void
power_down (VcGuest *guest, const char *text, gsize len, guint reboot, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  VcVm *vm;

  if (vc_held_add (guest, power_down, "", 0, reboot, done, data) || !find_vm (guest, &vm, done, data))
    return;
  if (vc_vm_shutdown (vm, reboot != 0, &error))
    vc_status_note (guest);
  fail (guest, done, data, error);
}

void
vc_guest_shutdown (VcGuest *guest, VcGuestFn done, gpointer data)
{
  power_down (guest, "", 0, FALSE, done, data);
}

void
vc_guest_reboot (VcGuest *guest, VcGuestFn done, gpointer data)
{
  power_down (guest, "", 0, TRUE, done, data);
}

static void
reset (VcGuest *guest, const char *text, gsize len, guint flags, VcGuestFn done, gpointer data)
{
  VcVm *vm;

  if (!vc_held_add (guest, reset, "", 0, 0, done, data) && find_vm (guest, &vm, done, data))
    ask (guest, vm, "system_reset", done, data);
}

void
vc_guest_reset (VcGuest *guest, VcGuestFn done, gpointer data)
{
  reset (guest, "", 0, 0, done, data);
}

static void
suspend (VcGuest *guest, const char *text, gsize len, guint flags, VcGuestFn done, gpointer data)
{
  VcVm *vm;

  if (vc_held_add (guest, suspend, "", 0, 0, done, data) || !find_vm (guest, &vm, done, data))
    return;
  if (guest->state == VC_STATE_RUNNING)
    guest->pause_reason = VC_PAUSED_USER;
  ask (guest, vm, "stop", done, data);
}

void
vc_guest_suspend (VcGuest *guest, VcGuestFn done, gpointer data)
{
  suspend (guest, "", 0, 0, done, data);
}

static void
resume (VcGuest *guest, const char *text, gsize len, guint flags, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  VcVm *vm;

  if (vc_held_add (guest, resume, "", 0, 0, done, data) || !find_vm (guest, &vm, done, data))
    return;
  if (guest->state == VC_STATE_RUNNING)
    vc_fail (&error, VC_ERROR_STATE, "domain is already running");
  else if (guest->state != VC_STATE_PAUSED)
    vc_fail (&error, VC_ERROR_STATE, "domain has ended, and can only be reset or destroyed");
  if (error != NULL)
    fail (guest, done, data, error);
  else
    ask (guest, vm, "cont", done, data);
}

void
vc_guest_resume (VcGuest *guest, VcGuestFn done, gpointer data)
{
  resume (guest, "", 0, 0, done, data);
}

/* The end */

typedef struct
{
  VcManager *manager;
  char *uuid;
  guint serial;
} Late;

static void
late_free (gpointer data)
{
  g_free (((Late *) data)->uuid);
  g_free (data);
}

static gboolean
on_late (gpointer data)
{
  const Late *late = data;
  VcGuest *guest = vc_guest_find_run (late->manager, late->uuid, late->serial);
  g_autoptr (GError) error = NULL;

  if (guest == NULL || guest->phase == VC_PHASE_OFF)
    return G_SOURCE_REMOVE;
  guest->late = 0;
  vc_fail (&error, VC_ERROR_BUSY, "QEMU was asked to end, and has not in %u s", VC_VM_STOP_MS / 1000);
  vc_wait_answer (late->manager, guest->ends, late->uuid, error);
  return G_SOURCE_REMOVE;
}

void
vc_guest_destroy (VcGuest *guest, gboolean graceful, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  Late *late;

  if (!vc_life_stop (guest, graceful, VC_SHUTOFF_DESTROYED, VC_STOPPED_DESTROYED, &error))
    {
      fail (guest, done, data, error);
      return;
    }
  vc_wait_add (guest->ends, done, data);
  if (!graceful || guest->late != 0)
    return;
  late = g_new (Late, 1);
  *late = (Late){ guest->manager, g_strdup (guest->uuid), guest->serial };
  guest->late = g_timeout_add_full (G_PRIORITY_DEFAULT, VC_VM_STOP_MS, on_late, late, late_free);
}

void
vc_manager_drop_owner (VcManager *manager, gconstpointer owner)
{
  for (guint n = 0; n < manager->guests->len; n++)
    {
      VcGuest *guest = manager->guests->pdata[n];

      if (guest->owner == owner && guest->phase != VC_PHASE_OFF)
        vc_life_stop (guest, FALSE, VC_SHUTOFF_DESTROYED, VC_STOPPED_DESTROYED, NULL);
    }
}

guint
vc_manager_n_owned (const VcManager *manager)
{
  guint n_owned = 0;

  for (guint n = 0; n < manager->guests->len; n++)
    {
      const VcGuest *guest = manager->guests->pdata[n];

      n_owned += guest->owner != NULL && guest->phase != VC_PHASE_OFF;
    }
  return n_owned;
}

guint
vc_manager_n_found (const VcManager *manager)
{
  guint n_found = 0;

  for (guint n = 0; n < manager->guests->len; n++)
    n_found += ((const VcGuest *) manager->guests->pdata[n])->phase == VC_PHASE_FOUND;
  return n_found;
}
