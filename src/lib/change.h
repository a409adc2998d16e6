/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "lib/plug.h"

/* Devices of a guest that runs, changed while they are there: the medium of a drive, the cable of a network
 * interface. */

/* vc_run_change - make a device what another one is
 *
 * Checks the host as a start does.  Takes wanted; force: open a tray that the guest has locked.  Adds to
 * warnings (char *).
 *
 * Returns: as vc_run_attach; VC_ERROR_UNSUPPORTED when more differs than can change.  With done:
 * VC_ERROR_BUSY when the guest keeps the tray locked.  With an error all is as it was.
 */
gboolean vc_run_change (VcRun *run, VcDevice *dev, VcDevice *wanted_taken, gboolean force, VcPlugFn done,
                        gpointer data, GPtrArray *warnings, GError **error);
