/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rpc/calls.h"

/* vc_call_name - libvirt's function for a call, whether there is a row for it or not
 *
 * Without its "vir".  Returns: borrowed, or NULL for a number that libvirt does not give to a function.
 */
const char *vc_call_name (guint32 program, guint32 number);
