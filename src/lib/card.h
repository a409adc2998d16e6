/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "lib/plug.h"

/* Cards of a guest that runs, taken out of their readers and put back.
 *
 * The reader stays, and so does the card in the description, marked as ejected.  QEMU has neither the card
 * nor its way to a provider meanwhile. */

/* vc_run_eject - take the card of an alias out of its reader
 *
 * Returns: as vc_run_detach_alias; VC_ERROR_INVALID when the device is no card, VC_ERROR_STATE when it is out
 * already.
 */
gboolean vc_run_eject (VcRun *run, const char *alias, VcPlugFn done, gpointer data, GError **error);

/* vc_run_insert - put it back
 *
 * Checks the host as a start does.  Adds to warnings (char *).
 *
 * Returns: as vc_run_attach; VC_ERROR_INVALID when the device is no card, VC_ERROR_STATE when it is in its
 * reader.
 */
gboolean vc_run_insert (VcRun *run, const char *alias, VcPlugFn done, gpointer data, GPtrArray *warnings,
                        GError **error);
