/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/vm.h"

/* The moves between a machine's states; vm.c alone makes them. */
typedef enum
{
  VC_VM_SPAWNED,
  VC_VM_GREETED,
  VC_VM_RESUMED,
  VC_VM_HELD,
  VC_VM_ASKED, /* to end */
  VC_VM_CUT,   /* from its monitor */
  VC_VM_ENDED,
  VC_VM_N_MOVES
} VcVmMove;

/* vc_vm_move - where a move leads; FALSE with VC_ERROR_STATE when it may not be made */
gboolean vc_vm_move (VcVmState from, VcVmMove by, VcVmState *ret_to, GError **error);
