/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan/plan.h"
#include "qemu/qmp.h"

/* Making a running QEMU create what a plan says, and take it away again.
 *
 * Both go item by item and hold each answer against what was wanted.  They are over when their function is
 * told so, and that is never before they have returned; until then the plan must stay as it is.  When the
 * connection ends, so do they. */

typedef enum
{
  VC_APPLY_WAITS,   /* a guest does not release a device in time (VC_ERROR_BUSY): it may still do so  */
  VC_APPLY_IS_OVER, /* the last call                                                                 */
} VcApplyNews;

/* VcApplyFn - how it goes
 *
 * n_there: the plan's items from the first on that QEMU has now.  error: borrowed; NULL when all went well;
 * VC_ERROR_GONE and VC_ERROR_PROTOCOL when the connection ended; else with QEMU's words.
 */
typedef void (*VcApplyFn) (VcApplyNews news, guint n_there, const GError *error, gpointer data);

#define VC_APPLY_MS  30000u /* QEMU answers a command within this, or never */
#define VC_UNPLUG_MS 5000u  /* guests answer within this, if they do: more is said to take long */

/* vc_apply - create a plan's items in order, or nothing
 *
 * Descriptors that stand in FILE and LISTEN properties are sent before the item they belong to; they may be
 * closed once this is over.  What QEMU refuses ends it: what was created until then is taken away backwards,
 * for which a guest may have to release a device (VC_APPLY_WAITS, with the error that it is all about).  An
 * item without an answer in command_ms may come into being later, and is taken away with the rest.
 */
void vc_apply (VcQmp *qmp, const VcPlan *plan, guint command_ms, VcApplyFn fn, gpointer data);

/* vc_unapply - take a plan's items away, from the last one to the first
 *
 * A device is gone when QEMU says so, which may need the guest: after timeout_ms VC_APPLY_WAITS is told,
 * once, and it goes on when the guest has released it.  A refusal, QEMU's or the guest's, ends it there.
 * What is not there any more counts as taken away.
 */
void vc_unapply (VcQmp *qmp, const VcPlan *plan, guint timeout_ms, VcApplyFn fn, gpointer data);
