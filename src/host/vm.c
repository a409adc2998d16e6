/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/vm.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "host/monitor.h"
#include "host/vm-move.h"
#include "qemu/process.h"
#include "qemu/qmp.h"

/* How this works
 *
 *   OFF --spawn--> STARTING --greeted--> PAUSED <--held/resumed--> RUNNING
 *                     |                    |                          |
 *                     +------ asked -------+------- to go ------------+--> STOPPING --ended--> OFF
 *                     +-- monitor gone ----+--------------------------+--> LOST -------ended--> OFF
 *
 * We connect to the monitor's socket before QEMU runs: the connection waits in the queue of the listening
 * descriptor that QEMU is given, so that nobody has to try again and again.
 *
 * A cold start takes two commands: qmp_capabilities and cont; three when there are pseudo-terminals.
 */

#define OPEN_MS    60000u /* modules of mode 'host' may take their time with a card */
#define COMMAND_MS 30000u
#define AGAIN_MS   1000u
#define LOST_MS    1000u /* QEMU's monitor goes a moment before QEMU does */

struct VcVm
{
  VcVmState state;
  VcVmWatch watch;
  gpointer data;
  VcProcess *process;
  VcQmp *qmp; /* NULL: the connection is gone */
  GHashTable *ptys;
  guint timer; /* of what is waited for: the end, or being lost */

  gboolean found;           /* somebody else started it */
  char *monitor, *found_as; /* … its socket's path, and QEMU's word for what it did then */
  gboolean paused;
  gboolean has_ptys;
  gboolean gentle;  /* asked to end, and never to be killed for it       */
  gboolean reboots; /* begins again when it goes off, whatever on_poweroff */
  gboolean freed;
  VcVmAction on_poweroff, on_reboot, on_crash;
  VcVmEnd end;   /* how it will have ended when we asked it to */
  gboolean kept; /* the guest has ended, and end says how      */
  GError *error; /* why it cannot go on                       */
};

static gboolean
move (VcVm *vm, VcVmMove by, GError **error)
{
  return vc_vm_move (vm->state, by, &vm->state, error);
}

static void
tell (VcVm *vm, VcVmNews news)
{
  vm->watch.on_news (vm, news, vm->data);
}

static void
set_timer (VcVm *vm, guint ms, GSourceFunc fn)
{
  g_clear_handle_id (&vm->timer, g_source_remove);
  vm->timer = g_timeout_add (ms, fn, vm);
}

static gboolean
on_not_gone (gpointer data)
{
  VcVm *vm = data;

  vm->timer = 0;
  vc_process_kill (vm->process, SIGKILL, NULL);
  return G_SOURCE_REMOVE;
}

/* The monitor may be gone already; then the process is ended by a signal. */
static gboolean
stop (VcVm *vm, VcVmEnd end, GError **error)
{
  gboolean was_greeted = vm->state != VC_VM_STARTING && vm->state != VC_VM_LOST;

  if (vm->state == VC_VM_STOPPING)
    {
      if (vm->timer == 0 && !vm->gentle)
        set_timer (vm, VC_VM_STOP_MS, on_not_gone);
      return TRUE;
    }
  if (vm->state == VC_VM_LOST)
    {
      end = VC_VM_BY_FAULT;
      vc_fail (&vm->error, VC_ERROR_GONE, "QEMU closed its monitor and was killed");
    }
  if (!move (vm, VC_VM_ASKED, error))
    return FALSE;
  vm->end = vm->kept ? vm->end : end;
  g_clear_handle_id (&vm->timer, g_source_remove);
  if (!vm->gentle)
    set_timer (vm, VC_VM_STOP_MS, on_not_gone);
  if (was_greeted && vm->qmp != NULL)
    vc_qmp_call (vm->qmp, vc_qmp_command ("quit", NULL), VC_VM_STOP_MS, NULL, NULL);
  else
    vc_process_kill (vm->process, vm->gentle || (vm->found && end != VC_VM_BY_FAULT) ? SIGTERM : SIGKILL,
                     NULL);
  return TRUE;
}

/* It cannot go on: end it and say why. */
static void
give_up (VcVm *vm, const GError *why)
{
  if (vm->error == NULL)
    vm->error = g_error_copy (why);
  stop (vm, VC_VM_BY_FAULT, NULL);
}

static void
on_done (VcJson *value, const GError *error, gpointer data)
{
  VcVm *vm = data;

  if (error != NULL && !vm->freed && vm->state != VC_VM_STOPPING && error->code != VC_ERROR_GONE)
    give_up (vm, error);
}

static void
call (VcVm *vm, const char *command)
{
  if (vm->qmp != NULL)
    vc_qmp_call (vm->qmp, vc_qmp_command (command, NULL), COMMAND_MS, on_done, vm);
}

/* What the guest did asks for one of three things. */
static void
act (VcVm *vm, VcVmAction action, VcVmEnd end)
{
  switch (action)
    {
    case VC_VM_DESTROY:
      stop (vm, end, NULL);
      break;
    case VC_VM_RESTART:
      call (vm, "system_reset");
      call (vm, "cont");
      break;
    case VC_VM_PRESERVE:
      vm->kept = TRUE;
      vm->end = end;
      move (vm, VC_VM_HELD, NULL); /* QEMU has stopped it, or will at once */
      call (vm, "stop");
      tell (vm, VC_VM_IS_KEPT);
      break;
    }
}

static void
on_reboot (VcVm *vm)
{
  tell (vm, VC_VM_REBOOTED);
  if (vm->on_reboot != VC_VM_RESTART) /* QEMU has begun it again by itself */
    act (vm, vm->on_reboot, VC_VM_BY_GUEST);
}

static void
go_off (VcVm *vm)
{
  VcVmAction action = vm->reboots ? VC_VM_RESTART : vm->on_poweroff;

  vm->reboots = FALSE;
  tell (vm, VC_VM_WENT_OFF);
  act (vm, action, VC_VM_BY_GUEST);
}

/* Events. values may be NULL. */

static gboolean
is_by_guest (const VcJson *values)
{
  gboolean guest = FALSE;

  return values != NULL && vc_json_bool (values, "guest", &guest) && guest;
}

static void
on_shutdown (VcVm *vm, const VcJson *values)
{
  const char *reason = values != NULL ? vc_json_str (values, "reason") : NULL;

  if (vm->state == VC_VM_STOPPING)
    return;
  if (g_strcmp0 (reason, "guest-panic") == 0)
    return; /* GUEST_PANICKED said so */
  if (g_strcmp0 (reason, "guest-reset") == 0)
    {
      tell (vm, VC_VM_REBOOTED);
      act (vm, vm->on_reboot, VC_VM_BY_GUEST);
    }
  else if (is_by_guest (values))
    go_off (vm);
  /* By a signal or another monitor: QEMU ends by itself, and its exit status says the rest. */
}

static void
on_reset (VcVm *vm, const VcJson *values)
{
  if (is_by_guest (values))
    on_reboot (vm);
}

static void
on_stopped (VcVm *vm, const VcJson *values)
{
  VcVmState before = vm->state;

  if (move (vm, VC_VM_HELD, NULL) && before == VC_VM_RUNNING)
    tell (vm, VC_VM_IS_PAUSED);
}

static void
on_resumed (VcVm *vm, const VcJson *values)
{
  VcVmState before = vm->state;

  if (move (vm, VC_VM_RESUMED, NULL) && before == VC_VM_PAUSED)
    tell (vm, VC_VM_IS_RUNNING);
}

static void
on_panicked (VcVm *vm, const VcJson *values)
{
  if (vm->state == VC_VM_STOPPING)
    return;
  tell (vm, VC_VM_PANICKED);
  act (vm, vm->on_crash, VC_VM_BY_CRASH);
}

static void
on_event (const char *event, VcJson *values, gpointer data)
{
  static const struct
  {
    const char *name;
    void (*fn) (VcVm *vm, const VcJson *values);
  } rows[] = {
    { "SHUTDOWN", on_shutdown },
    { "RESET", on_reset },
    { "STOP", on_stopped },
    { "RESUME", on_resumed },
    { "GUEST_PANICKED", on_panicked },
  };
  VcVm *vm = data;

  if (vm->watch.on_event != NULL)
    vm->watch.on_event (vm, event, values, vm->data);

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    if (g_str_equal (rows[n].name, event))
      rows[n].fn (vm, values);
}

static gboolean
on_lost (gpointer data)
{
  VcVm *vm = data;

  vm->timer = 0;
  if (move (vm, VC_VM_CUT, NULL) && vm->state == VC_VM_LOST)
    tell (vm, VC_VM_IS_LOST);
  return G_SOURCE_REMOVE;
}

static void
on_monitor_end (const GError *why, gpointer data)
{
  VcVm *vm = data;

  g_clear_pointer (&vm->qmp, vc_qmp_free);
  if (vm->state != VC_VM_STOPPING)
    set_timer (vm, LOST_MS, on_lost);
}

static void
on_ended (const VcExit *how, gpointer data)
{
  VcVm *vm = data;
  gboolean was_asked = vm->state == VC_VM_STOPPING;
  g_autoptr (GError) error = g_steal_pointer (&vm->error);

  g_clear_handle_id (&vm->timer, g_source_remove);
  if (!was_asked)
    vm->end = VC_VM_BY_FAULT;
  if (vm->end == VC_VM_BY_FAULT && error == NULL)
    vc_process_fail (vm->process, how, "QEMU", &error);
  move (vm, VC_VM_ENDED, NULL);
  vm->watch.on_off (vm, vm->end, error, vm->data);
}

/* It may have done anything while nobody listened. */
static void
on_status (VcJson *value, const GError *error, gpointer data)
{
  VcVm *vm = data;
  const char *status = value != NULL ? vc_json_str (value, "status") : NULL;

  on_done (value, error, vm);
  if (error != NULL || vm->freed || !move (vm, VC_VM_GREETED, NULL))
    return;
  vm->found_as = g_strdup (status != NULL ? status : "");
  tell (vm, VC_VM_IS_READY);
  if (vm->state != VC_VM_PAUSED)
    return;
  if (g_strcmp0 (status, "running") == 0)
    {
      move (vm, VC_VM_RESUMED, NULL);
      tell (vm, VC_VM_IS_RUNNING);
    }
  else if (g_strcmp0 (status, "shutdown") == 0)
    go_off (vm);
  else if (g_strcmp0 (status, "guest-panicked") == 0)
    on_panicked (vm, NULL);
  else
    tell (vm, VC_VM_IS_PAUSED);
}

static void
run_guest (VcVm *vm)
{
  if (vm->found)
    {
      vc_qmp_call (vm->qmp, vc_qmp_command ("query-status", NULL), COMMAND_MS, on_status, vm);
      return;
    }
  if (!move (vm, VC_VM_GREETED, NULL))
    return;
  tell (vm, VC_VM_IS_READY);
  if (vm->state != VC_VM_PAUSED)
    return;
  if (vm->paused)
    tell (vm, VC_VM_IS_PAUSED);
  else
    call (vm, "cont");
}

void
vc_vm_add_ptys (VcVm *vm, const VcJson *list)
{
  vc_monitor_find_ptys (list, vm->ptys);
}

static void
on_chardevs (VcJson *value, const GError *error, gpointer data)
{
  VcVm *vm = data;

  on_done (value, error, vm);
  if (error != NULL || vm->freed)
    return;
  vc_vm_add_ptys (vm, value);
  run_guest (vm);
}

static gboolean on_again (gpointer data);

static void
on_open (VcJson *value, const GError *error, gpointer data)
{
  VcVm *vm = data;

  if (error != NULL && vm->found && !vm->freed && error->code == VC_ERROR_BUSY)
    {
      g_clear_pointer (&vm->qmp, vc_qmp_free);
      set_timer (vm, AGAIN_MS, on_again);
      return;
    }
  on_done (value, error, vm);
  if (error != NULL || vm->freed || vm->state != VC_VM_STARTING)
    return;
  if (vm->has_ptys)
    vc_qmp_call (vm->qmp, vc_qmp_command ("query-chardev", NULL), COMMAND_MS, on_chardevs, vm);
  else
    run_guest (vm);
}

static int
become (gconstpointer user)
{
  return vc_user_become (user);
}

static VcVm *
new_off (const VcVmStart *how, const VcVmWatch *watch, gpointer data)
{
  VcVm *vm = g_new0 (VcVm, 1);

  vm->watch = *watch;
  vm->data = data;
  vm->paused = how->paused;
  vm->has_ptys = how->has_ptys;
  vm->on_poweroff = how->on_poweroff;
  vm->on_reboot = how->on_reboot;
  vm->on_crash = how->on_crash;
  vm->ptys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return vm;
}

static void
open_monitor (VcVm *vm, int fd_taken)
{
  vm->qmp = vc_qmp_new (fd_taken, NULL, on_event, on_monitor_end, vm);
  if (vm->found)
    vc_qmp_set_found (vm->qmp);
  vc_qmp_open (vm->qmp, OPEN_MS, on_open, vm);
}

/* A QEMU that hangs may come back. */
static gboolean
on_again (gpointer data)
{
  VcVm *vm = data;
  g_autoptr (GError) error = NULL;
  int fd = vc_monitor_connect (vm->monitor, &error);

  vm->timer = 0;
  if (fd >= 0)
    open_monitor (vm, fd);
  else if (error->code == VC_ERROR_BUSY)
    set_timer (vm, AGAIN_MS, on_again);
  else
    on_lost (vm);
  return G_SOURCE_REMOVE;
}

VcVm *
vc_vm_new (const VcVmStart *how, const VcVmWatch *watch, gpointer data, GError **error)
{
  g_autoptr (VcVm) vm = new_off (how, watch, data);
  const VcSpawn spawn = { .argv = how->argv,
                          .env = how->env,
                          .fds = how->fds,
                          .n_fds = how->n_fds,
                          .in = -1,
                          .out = how->log, /* a stdio device's output, as libvirt has it */
                          .err = how->log,
                          .record = how->record,
                          .become = become,
                          .who = how->user };
  int fd = vc_monitor_connect (how->monitor, error);

  if (fd < 0)
    return NULL;
  vm->process = vc_process_new (&spawn, NULL, on_ended, vm, error);
  if (vm->process == NULL)
    {
      close (fd);
      return NULL;
    }
  move (vm, VC_VM_SPAWNED, NULL);
  open_monitor (vm, fd);
  return g_steal_pointer (&vm);
}

VcVm *
vc_vm_find (const VcVmStart *how, const VcRecord *record, const VcVmWatch *watch, gpointer data,
            GError **error)
{
  g_autoptr (VcVm) vm = new_off (how, watch, data);
  int fd;

  vm->found = TRUE;
  vm->monitor = g_strdup (how->monitor);
  vm->reboots = how->reboots;
  vm->process = vc_process_find (record->pid, record->started, how->log, NULL, on_ended, vm, error);
  if (vm->process == NULL)
    return NULL;
  move (vm, VC_VM_SPAWNED, NULL);
  fd = vc_monitor_connect (how->monitor, NULL);
  if (fd >= 0)
    open_monitor (vm, fd);
  else
    vm->timer = g_idle_add (on_again, vm);
  return g_steal_pointer (&vm);
}

void
vc_vm_free (VcVm *vm)
{
  if (vm == NULL)
    return;
  vm->freed = TRUE;
  g_clear_handle_id (&vm->timer, g_source_remove);
  vc_qmp_free (vm->qmp);
  vc_process_free (vm->process);
  g_clear_pointer (&vm->ptys, g_hash_table_unref);
  g_free (vm->found_as);
  g_free (vm->monitor);
  g_clear_error (&vm->error);
  g_free (vm);
}

VcVmState
vc_vm_state (const VcVm *vm)
{
  return vm->state;
}

pid_t
vc_vm_pid (const VcVm *vm)
{
  return vc_process_pid (vm->process);
}

void
vc_vm_drop_pty (VcVm *vm, const char *id)
{
  g_hash_table_remove (vm->ptys, id);
}

/* To one that was found commands can be given before it has answered. */
static gboolean
lives (const VcVm *vm)
{
  return vm->state == VC_VM_RUNNING || vm->state == VC_VM_PAUSED
         || (vm->state == VC_VM_STARTING && vm->found);
}

VcQmp *
vc_vm_qmp (const VcVm *vm)
{
  return lives (vm) ? vm->qmp : NULL;
}

const char *
vc_vm_pty (const VcVm *vm, const char *id)
{
  return g_hash_table_lookup (vm->ptys, id);
}

const char *
vc_vm_found_as (const VcVm *vm)
{
  return vm->found_as;
}

gboolean
vc_vm_reboots (const VcVm *vm)
{
  return vm->reboots;
}

gboolean
vc_vm_shutdown (VcVm *vm, gboolean reboot, GError **error)
{
  if (!lives (vm) || vm->kept || vm->qmp == NULL)
    return vc_fail (error, VC_ERROR_STATE, "a machine that is %s cannot be asked to shut down",
                    vc_vm_state_name (vm->state));
  vm->reboots = reboot;
  vc_qmp_call (vm->qmp, vc_qmp_command ("system_powerdown", NULL), COMMAND_MS, NULL, NULL);
  return TRUE;
}

gboolean
vc_vm_resume (VcVm *vm, GError **error)
{
  if (vm->state != VC_VM_PAUSED || vm->kept || vm->qmp == NULL)
    return vc_fail (error, VC_ERROR_STATE, "a machine that is %s cannot be resumed",
                    vm->kept ? "kept after its end" : vc_vm_state_name (vm->state));
  call (vm, "cont");
  return TRUE;
}

gboolean
vc_vm_stop (VcVm *vm, gboolean gently, GError **error)
{
  vm->gentle = gently;
  return stop (vm, VC_VM_BY_US, error);
}

void
vc_vm_kill (VcVm *vm)
{
  VcExit how;

  if (vm->state == VC_VM_OFF)
    return;
  if (vm->state != VC_VM_STOPPING)
    {
      move (vm, VC_VM_ASKED, NULL);
      vm->end = vm->kept ? vm->end : VC_VM_BY_US;
    }
  vc_process_kill (vm->process, SIGKILL, NULL);
  vc_process_wait (vm->process, VC_VM_STOP_MS, &how);
}
