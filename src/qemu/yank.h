/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "json/json.h"
#include "plan/plan.h"

/* Connections that must end before QEMU frees their chardev.
 *
 * QEMU 7.2 aborts when a TLS handshake goes on, or ends, after its chardev was freed; and whoever connects
 * and says nothing has one open. */

/* vc_yank_command - the command that ends what taking away a plan's nth item must not find open
 *
 * A chardev's own connection, or that of the chardev which a device takes along.  QEMU refuses it where there
 * is no connection, which is as good.
 *
 * Returns: new, or NULL when there is none to end.
 */
VcJson *vc_yank_command (const VcPlan *plan, guint n);
