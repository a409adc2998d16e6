/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "lib/run.h"

/* Devices that come to a guest that runs, and leave it.
 *
 * One comes or goes at a time: while it does, another is refused with VC_ERROR_BUSY.  A device that the guest
 * was slow to release does not count any more. */

/* VcPlugFn - the device is there, or has left; or why not, and then all is as it was.  Borrows error
 *
 * From the main context, never from inside the function that began it.  May not free the run. */
typedef void (*VcPlugFn) (VcRun *run, const GError *error, gpointer data);

/* vc_run_check_quiet - is nothing on its way?  FALSE with VC_ERROR_STATE or VC_ERROR_BUSY */
gboolean vc_run_check_quiet (const VcRun *run, GError **error);

/* vc_run_attach - add the device that an element describes
 *
 * Checks the host as a start does.  origin names the text in errors.  Adds to warnings (char *).
 *
 * Returns: FALSE with error: nothing was begun and done is not called.  VC_ERROR_STATE when the guest neither
 * runs nor is held, VC_ERROR_BUSY, VC_ERROR_UNSUPPORTED for what comes only at a start, and the errors of a
 * start.  With done: QEMU's refusal.
 */
gboolean vc_run_attach (VcRun *run, const char *text, gsize len, const char *origin, VcPlugFn done,
                        gpointer data, GPtrArray *warnings, GError **error);

/* vc_run_detach - remove the device that an element describes, and what came along for it only
 *
 * Returns: as vc_run_attach; VC_ERROR_NOT_FOUND, VC_ERROR_INVALID when it fits several.  With done:
 * VC_ERROR_BUSY when the guest does not release it in time.  It may still do so later: then the device leaves
 * as if it had been in time, and the watch of the run is told.
 */
gboolean vc_run_detach (VcRun *run, const char *text, gsize len, const char *origin, VcPlugFn done,
                        gpointer data, GError **error);

/* vc_run_detach_alias - the same by its alias */
gboolean vc_run_detach_alias (VcRun *run, const char *alias, VcPlugFn done, gpointer data, GError **error);
