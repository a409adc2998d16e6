/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/vm-move.h"

#include "base/error.h"

static const char *const state_names[] = {
  [VC_VM_OFF] = "off",       [VC_VM_STARTING] = "starting", [VC_VM_RUNNING] = "running",
  [VC_VM_PAUSED] = "paused", [VC_VM_STOPPING] = "stopping", [VC_VM_LOST] = "lost",
};

G_STATIC_ASSERT (G_N_ELEMENTS (state_names) == VC_VM_N_STATES);

static const char *const words[]
    = { "be started", "be greeted", "run", "be held", "be ended", "be lost", "end" };

G_STATIC_ASSERT (G_N_ELEMENTS (words) == VC_VM_N_MOVES);

/* Where a move leads to; -1: it may not be made. */
static const int moves[VC_VM_N_STATES][VC_VM_N_MOVES] = {
  /*                    spawned         greeted       resumed        held          asked           cut ended
   */
  [VC_VM_OFF] = { VC_VM_STARTING, -1, -1, -1, -1, -1, -1 },
  [VC_VM_STARTING] = { -1, VC_VM_PAUSED, -1, VC_VM_STARTING, VC_VM_STOPPING, VC_VM_LOST, VC_VM_OFF },
  [VC_VM_RUNNING] = { -1, -1, VC_VM_RUNNING, VC_VM_PAUSED, VC_VM_STOPPING, VC_VM_LOST, VC_VM_OFF },
  [VC_VM_PAUSED] = { -1, -1, VC_VM_RUNNING, VC_VM_PAUSED, VC_VM_STOPPING, VC_VM_LOST, VC_VM_OFF },
  [VC_VM_STOPPING] = { -1, -1, VC_VM_STOPPING, VC_VM_STOPPING, VC_VM_STOPPING, VC_VM_STOPPING, VC_VM_OFF },
  [VC_VM_LOST] = { -1, -1, -1, -1, VC_VM_STOPPING, VC_VM_LOST, VC_VM_OFF },
};

gboolean
vc_vm_move (VcVmState from, VcVmMove by, VcVmState *ret_to, GError **error)
{
  int to = moves[from][by];

  if (to < 0)
    return vc_fail (error, VC_ERROR_STATE, "a machine that is %s cannot %s", state_names[from], words[by]);
  *ret_to = (VcVmState) to;
  return TRUE;
}

const char *
vc_vm_state_name (VcVmState state)
{
  return state_names[state];
}
