/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "devices/chardev-pty.h"
#include "manager/internal.h"

/* How this works
 *
 *   OFF --start--> STARTING --runs or is held--> UP --ended--> OFF
 *    |                 +---------- failed --------------------->|
 *    +--status file--> FOUND --QEMU answers----> UP
 *
 * VcVm tells news; what they mean for state, reason and events stands here.  A run that has ended is freed
 * from the main context, since its own calls are still on the stack; those who wait are told then. */

static GError *
copy (const GError *error)
{
  return error != NULL ? g_error_copy (error) : NULL;
}

/* Why QEMU's processors stopped, where nobody here asked for it. */
static int
reason_of (const char *word)
{
  static const struct
  {
    const char *word;
    int reason;
  } rows[] = { { "paused", VC_PAUSED_USER },           { "prelaunch", VC_PAUSED_USER },
               { "io-error", VC_PAUSED_IOERROR },      { "watchdog", VC_PAUSED_WATCHDOG },
               { "postmigrate", VC_PAUSED_USER },      { "finish-migrate", VC_PAUSED_USER },
               { "guest-panicked", VC_PAUSED_CRASHED } };

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    if (g_strcmp0 (rows[n].word, word) == 0)
      return rows[n].reason;
  return VC_PAUSED_UNKNOWN;
}

static int
detail_of (int reason)
{
  return reason == VC_PAUSED_IOERROR    ? VC_SUSPENDED_IOERROR
         : reason == VC_PAUSED_WATCHDOG ? VC_SUSPENDED_WATCHDOG
                                        : VC_SUSPENDED_PAUSED;
}

/* The end */

static void
clear_run (VcGuest *guest)
{
  g_clear_handle_id (&guest->late, g_source_remove);
  vc_run_free (g_steal_pointer (&guest->run));
  vc_status_remove (guest);
  vc_guest_set_id (guest, 0);
  guest->phase = VC_PHASE_OFF;
  guest->owner = NULL;
  guest->updated = FALSE;
  guest->by_host = guest->restored = guest->promised = guest->ending = FALSE;
  g_clear_error (&guest->fault);
  g_clear_pointer (&guest->live, vc_description_free);
}

static void
on_gone (VcManager *manager, const char *uuid, guint serial)
{
  VcGuest *guest = vc_guest_find_run (manager, uuid, serial);
  g_autoptr (GError) fault = NULL;
  g_autofree char *why = NULL;
  gboolean was_up;

  if (guest == NULL)
    return;
  was_up = guest->phase != VC_PHASE_STARTING;
  fault = g_steal_pointer (&guest->fault);
  why = fault != NULL ? g_strdup (fault->message) : NULL;
  if (fault == NULL)
    vc_fail (&fault, VC_ERROR_STATE, "domain was ended meanwhile");
  vc_held_fail (guest, fault);
  vc_save_cancel (guest, fault);
  clear_run (guest);
  vc_guest_set_state (guest, VC_STATE_SHUTOFF, was_up ? guest->off_reason : VC_SHUTOFF_FAILED);
  if (was_up)
    vc_event_stopped (guest, guest->off_detail, why);
  vc_wait_answer (manager, guest->starts, uuid, fault);
  vc_wait_answer (manager, guest->ends, uuid, NULL);
  if (!guest->persistent)
    vc_guest_remove (guest);
}

/* What was decided first stays, whatever QEMU dies of then. */
static void
set_end (VcGuest *guest, int reason, int detail)
{
  if (guest->ending)
    return;
  guest->off_reason = reason;
  guest->off_detail = detail;
}

/* Noted before QEMU is told: a manager that dies meanwhile is followed by one that ends the guest, too, and
 * knows why. */
static void
note_ending (VcGuest *guest)
{
  if (guest->ending || guest->phase == VC_PHASE_STARTING)
    return;
  guest->ending = TRUE;
  vc_guest_set_state (guest, VC_STATE_SHUTDOWN, VC_SHUTDOWN_USER);
  vc_status_write (guest, NULL); /* it ends in any case */
}

static void
on_end (VcRun *run, VcVmEnd end, const GError *error, gpointer data)
{
  VcGuest *guest = data;

  switch (end)
    {
    case VC_VM_BY_GUEST:
      set_end (guest, VC_SHUTOFF_SHUTDOWN, VC_STOPPED_SHUTDOWN);
      break;
    case VC_VM_BY_CRASH:
      set_end (guest, VC_SHUTOFF_CRASHED, VC_STOPPED_CRASHED);
      break;
    case VC_VM_BY_US: /* whoever asked has said why */
      break;
    case VC_VM_BY_FAULT:
      if (guest->by_host)
        set_end (guest, VC_SHUTOFF_SHUTDOWN, VC_STOPPED_SHUTDOWN);
      else
        set_end (guest, VC_SHUTOFF_CRASHED, VC_STOPPED_FAILED);
      if (guest->fault == NULL)
        guest->fault = copy (error);
      break;
    }
  vc_later_call (guest->manager, guest, on_gone);
}

void
vc_life_ended (VcGuest *guest)
{
  set_end (guest, VC_SHUTOFF_CRASHED, VC_STOPPED_FAILED);
  on_gone (guest->manager, guest->uuid, guest->serial);
}

gboolean
vc_life_stop (VcGuest *guest, gboolean gently, int reason, int detail, GError **error)
{
  VcVm *vm = guest->run != NULL ? vc_run_vm (guest->run) : NULL;

  if (guest->phase == VC_PHASE_OFF)
    return vc_fail (error, VC_ERROR_STATE, "domain is not running");
  if (guest->look != NULL) /* there is no QEMU yet */
    {
      vc_look_end (guest);
      vc_later_call (guest->manager, guest, on_gone);
      return TRUE;
    }
  set_end (guest, reason, detail);
  if (vm == NULL || vc_vm_state (vm) == VC_VM_OFF)
    return TRUE; /* it is on its way */
  if (!gently)
    note_ending (guest);
  return vc_vm_stop (vm, gently, error);
}

/* The start */

void
vc_life_set_terminals (VcGuest *guest)
{
  const GPtrArray *devices = guest->live->domain->devices;

  for (guint n = 0; n < devices->len; n++)
    {
      VcDevice *dev = devices->pdata[n];
      g_autofree char *id = g_strconcat ("char", dev->alias, NULL);

      vc_device_set_terminal (dev, vc_vm_pty (vc_run_vm (guest->run), id));
    }
  vc_channels_begin (guest);
}

static void
set_balloon (VcGuest *guest)
{
  const VcDomain *domain = guest->live->domain;
  VcJson *arguments;

  guest->balloon = domain->current_memory;
  if (domain->current_memory >= domain->memory)
    return;
  arguments = json_object ();
  json_object_set_new (arguments, "value", json_integer ((json_int_t) domain->current_memory * 1024));
  vc_qmp_call (vc_vm_qmp (vc_run_vm (guest->run)), vc_qmp_command ("balloon", arguments), 30000, NULL, NULL);
}

/* A guest of which nothing could be found again would be lost to its next manager: then rather none. */
static gboolean
come_up (VcGuest *guest)
{
  GError *error = NULL;

  guest->phase = VC_PHASE_UP;
  if (vc_status_write (guest, guest->promised ? NULL : &error) || guest->promised)
    return TRUE;
  guest->phase = VC_PHASE_STARTING;
  guest->fault = error;
  vc_vm_stop (vc_run_vm (guest->run), FALSE, NULL);
  return FALSE;
}

static void
say_started (VcGuest *guest)
{
  gboolean runs = guest->state == VC_STATE_RUNNING;

  if (!come_up (guest))
    return;
  if (runs && !guest->restored)
    vc_event_life (guest, VC_LIFE_RESUMED, VC_RESUMED_UNPAUSED);
  vc_event_life (guest, VC_LIFE_STARTED, guest->restored ? VC_STARTED_RESTORED : VC_STARTED_BOOTED);
  if (runs && guest->restored)
    vc_event_life (guest, VC_LIFE_RESUMED, VC_RESUMED_FROM_SNAPSHOT);
  if (!runs)
    vc_event_life (guest, VC_LIFE_SUSPENDED, guest->restored ? VC_SUSPENDED_RESTORED : VC_SUSPENDED_PAUSED);
  vc_wait_answer (guest->manager, guest->starts, guest->uuid, NULL);
}

static void
on_running (VcGuest *guest)
{
  gboolean again = guest->state == VC_STATE_SHUTDOWN || guest->state == VC_STATE_CRASHED;

  if (guest->phase == VC_PHASE_STARTING)
    {
      vc_guest_set_state (guest, VC_STATE_RUNNING, guest->restored ? VC_RUNNING_RESTORED : VC_RUNNING_BOOTED);
      say_started (guest);
      return;
    }
  if (guest->state == VC_STATE_RUNNING)
    return;
  vc_guest_set_state (guest, VC_STATE_RUNNING, again ? VC_RUNNING_BOOTED : VC_RUNNING_UNPAUSED);
  vc_status_note (guest);
  vc_event_life (guest, VC_LIFE_RESUMED, VC_RESUMED_UNPAUSED);
}

static void
on_paused (VcGuest *guest)
{
  int reason = guest->pause_reason;

  guest->pause_reason = VC_PAUSED_UNKNOWN;
  if (guest->phase == VC_PHASE_STARTING && guest->save != NULL)
    {
      vc_save_load (guest);
      return;
    }
  if (guest->phase == VC_PHASE_STARTING)
    {
      vc_guest_set_state (guest, VC_STATE_PAUSED, VC_PAUSED_USER);
      say_started (guest);
      return;
    }
  if (guest->state != VC_STATE_RUNNING)
    return;
  vc_guest_set_state (guest, VC_STATE_PAUSED, reason);
  vc_status_note (guest);
  vc_event_life (guest, VC_LIFE_SUSPENDED, detail_of (reason));
}

/* Who dies before it is up leaves one that was to go on, or to be held. */
gboolean
vc_life_promise (VcGuest *guest, GError **error)
{
  int reason = guest->reason;

  guest->phase = VC_PHASE_UP;
  guest->reason = guest->paused ? VC_PAUSED_USER : VC_PAUSED_SAVE;
  guest->promised = vc_status_write (guest, error);
  guest->phase = VC_PHASE_STARTING;
  guest->reason = reason;
  return guest->promised;
}

void
vc_life_restored (VcGuest *guest)
{
  g_autoptr (GError) error = NULL;

  guest->restored = TRUE;
  if (guest->paused)
    on_paused (guest);
  else if (!vc_vm_resume (vc_run_vm (guest->run), &error))
    vc_life_stop (guest, FALSE, VC_SHUTOFF_FAILED, VC_STOPPED_FAILED, NULL);
}

/* Its last manager was saving or restoring it, and died: it was to run on unless all went well.  What is
 * kept of it goes first: started from there later, it would meet disks that have gone on. */
static void
go_on (VcGuest *guest)
{
  if (!vc_guest_drop_saved (guest, NULL))
    return;
  if (guest->state == VC_STATE_PAUSED && guest->reason == VC_PAUSED_SAVE)
    vc_qmp_call (vc_vm_qmp (vc_run_vm (guest->run)), vc_qmp_command ("cont", NULL), 30000, NULL, NULL);
}

static void
on_ready (VcGuest *guest)
{
  vc_life_set_terminals (guest);
  if (guest->phase == VC_PHASE_STARTING)
    {
      set_balloon (guest);
      return;
    }
  guest->phase = VC_PHASE_UP;
  guest->pause_reason = reason_of (vc_vm_found_as (vc_run_vm (guest->run)));
  vc_status_note (guest);
  vc_channels_find (guest);
  go_on (guest);
  if (guest->owner != NULL) /* it went with the last manager */
    vc_life_stop (guest, FALSE, VC_SHUTOFF_DESTROYED, VC_STOPPED_DESTROYED, NULL);
}

static void
on_off (VcGuest *guest)
{
  vc_guest_set_state (guest, VC_STATE_SHUTDOWN, VC_SHUTDOWN_UNKNOWN);
  vc_status_note (guest);
  vc_event_life (guest, VC_LIFE_SHUTDOWN, VC_SHUTDOWN_GUEST);
}

static void
on_panicked (VcGuest *guest)
{
  vc_guest_set_state (guest, VC_STATE_CRASHED, VC_CRASHED_PANICKED);
  vc_status_note (guest);
  vc_event_life (guest, VC_LIFE_CRASHED, VC_CRASHED_DETAIL_PANICKED);
}

static void
on_news (VcRun *run, VcVmNews news, gpointer data)
{
  VcGuest *guest = data;

  switch (news)
    {
    case VC_VM_IS_READY:
      guest->run = run; /* it may say so before it is returned to us */
      on_ready (guest);
      break;
    case VC_VM_IS_RUNNING:
      on_running (guest);
      break;
    case VC_VM_IS_PAUSED:
      on_paused (guest);
      break;
    case VC_VM_WENT_OFF:
      on_off (guest);
      break;
    case VC_VM_PANICKED:
      on_panicked (guest);
      break;
    case VC_VM_REBOOTED: /* RESET says so */
    case VC_VM_IS_KEPT:
      break;
    case VC_VM_IS_LOST:
      vc_life_stop (guest, FALSE, VC_SHUTOFF_FAILED, VC_STOPPED_FAILED, NULL);
      break;
    }
}

/* QEMU's own events */

static void
on_balloon (VcGuest *guest, const VcJson *values)
{
  gint64 actual = 0;
  VcEvent event = {
    .kind = VC_EVENT_BALLOON_CHANGE, .name = guest->name, .uuid = guest->uuid, .id = vc_guest_id (guest)
  };

  if (values == NULL || !vc_json_int (values, "actual", &actual) || actual < 0)
    return;
  guest->balloon = (guint64) actual / 1024;
  event.number = actual / 1024;
  vc_later_event (guest->manager, &event);
}

static void
on_io_error (VcGuest *guest, const VcJson *values)
{
  if (values != NULL && g_strcmp0 (vc_json_str (values, "action"), "stop") == 0)
    guest->pause_reason = VC_PAUSED_IOERROR;
}

static void
on_watchdog (VcGuest *guest, const VcJson *values)
{
  if (values != NULL && g_strcmp0 (vc_json_str (values, "action"), "pause") == 0)
    guest->pause_reason = VC_PAUSED_WATCHDOG;
}

static void
on_reset (VcGuest *guest, const VcJson *values)
{
  if (guest->phase == VC_PHASE_UP)
    vc_event_tell (guest, VC_EVENT_REBOOT, NULL);
}

static void
on_shutdown (VcGuest *guest, const VcJson *values)
{
  gboolean by_guest = FALSE;

  if (values == NULL || !vc_json_bool (values, "guest", &by_guest) || by_guest
      || vc_vm_state (vc_run_vm (guest->run)) == VC_VM_STOPPING)
    return;
  guest->by_host = TRUE;
  vc_guest_set_state (guest, VC_STATE_SHUTDOWN, VC_SHUTDOWN_UNKNOWN);
  vc_event_life (guest, VC_LIFE_SHUTDOWN, VC_SHUTDOWN_HOST);
}

/* Its guest refuses to let a device go. */
static void
on_unplug_refused (VcGuest *guest, const VcJson *values)
{
  const char *alias = values != NULL ? vc_json_str (values, "device") : NULL;

  if (alias != NULL)
    vc_event_tell (guest, VC_EVENT_DEVICE_REMOVAL_FAILED, alias);
}

static void
on_event (VcRun *run, const char *name, VcJson *values, gpointer data)
{
  static const struct
  {
    const char *name;
    void (*fn) (VcGuest *guest, const VcJson *values);
  } rows[] = {
    { "BALLOON_CHANGE", on_balloon },
    { "BLOCK_IO_ERROR", on_io_error },
    { "WATCHDOG", on_watchdog },
    { "MIGRATION", vc_save_on_migration },
    { "DEVICE_UNPLUG_GUEST_ERROR", on_unplug_refused },
    { "VSERPORT_CHANGE", vc_channels_on_change },
    { "RESET", on_reset },
    { "SHUTDOWN", on_shutdown },
  };
  VcGuest *guest = data;

  vc_event_monitor (guest, name, values);
  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    if (g_str_equal (rows[n].name, name))
      rows[n].fn (guest, values);
}

static void
on_left (VcRun *run, const char *alias, gpointer data)
{
  VcGuest *guest = data;

  vc_status_note (guest);
  vc_event_tell (guest, VC_EVENT_DEVICE_REMOVED, alias);
}

static void
on_settled (VcRun *run, gpointer data)
{
  VcGuest *guest = data;

  guest->settled = TRUE;
  vc_later_call (guest->manager, guest, vc_held_go_on);
}

/* Written before QEMU is told, so that it can be cleaned up after whoever dies meanwhile. */
static gboolean
on_coming (VcRun *run, GError **error, gpointer data)
{
  return vc_status_write (data, error);
}

static void
on_added (VcRun *run, GPtrArray *devices, gpointer data)
{
  vc_bridges_fill (((const VcGuest *) data)->manager, devices);
}

const VcRunWatch vc_life_watch = {
  .on_news = on_news,
  .on_event = on_event,
  .on_end = on_end,
  .on_added = on_added,
  .on_coming = on_coming,
  .on_settled = on_settled,
  .on_left = on_left,
};

static gboolean
run (VcGuest *guest, GError **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();
  guint flags
      = VC_RUN_CHECKED | (guest->paused ? VC_RUN_PAUSED : 0) | (guest->save != NULL ? VC_RUN_INCOMING : 0);

  guest->run
      = vc_run_new (guest->live, guest->manager->paths, flags, &vc_life_watch, guest, warnings, errors);
  if (guest->run == NULL)
    g_propagate_error (error, g_error_copy (errors->pdata[0]));
  return guest->run != NULL;
}

static void
fail_start (VcGuest *guest, const GError *error)
{
  guest->fault = g_error_copy (error);
  vc_later_call (guest->manager, guest, on_gone);
}

void
vc_life_go_on (VcGuest *guest, const GError *error)
{
  g_autoptr (GError) why = NULL;

  if (error != NULL)
    fail_start (guest, error);
  else if (!run (guest, &why))
    fail_start (guest, why);
}

void
vc_life_start (VcGuest *guest, VcDescription *live_taken, VcDescription *copy_taken, guint flags,
               gconstpointer owner, VcGuestFn done, gpointer data)
{
  VcManager *manager = guest->manager;
  g_autoptr (GError) error = NULL;

  g_assert (guest->phase == VC_PHASE_OFF);
  vc_bridges_fill (manager, live_taken->domain->devices);
  vc_bridges_fill (manager, copy_taken->domain->devices);
  guest->live = live_taken;
  guest->serial = ++manager->last_serial;
  guest->settled = TRUE;
  guest->phase = VC_PHASE_STARTING;
  guest->paused = (flags & VC_START_PAUSED) != 0;
  guest->owner = (flags & VC_START_AUTODESTROY) != 0 ? owner : NULL;
  guest->balloon = live_taken->domain->current_memory;
  guest->pause_reason = VC_PAUSED_UNKNOWN;
  vc_guest_set_id (guest, ++manager->last_id);
  vc_guest_set_state (guest, VC_STATE_PAUSED, VC_PAUSED_STARTING_UP);
  vc_wait_add (guest->starts, done, data);
  if (vc_paths_make_run (manager->paths, &error) && vc_status_write (guest, &error))
    {
      vc_look_begin (guest, copy_taken);
      return;
    }
  vc_description_free (copy_taken);
  fail_start (guest, error);
}
