/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/user.h"
#include "plan/plan.h"

/* A guest's master key: QEMU is handed its secrets encrypted under it, so that none of them stands on a
 * command line or in what is written down of QMP.  A file in the guest's own folder, made for one start and
 * kept for as long as the guest runs: what is plugged in later is encrypted under it as well. */

/* vc_master_key_path - where it stands in a guest's folder.  Returns: new string */
char *vc_master_key_path (const char *folder);

/* vc_master_key_make - draw a key and keep it in the guest's folder, 0600 and user's
 *
 * Returns: TRUE, or FALSE with error; one that is there is VC_ERROR_EXISTS.
 */
gboolean vc_master_key_make (const char *folder, const VcUser *user, GError **error);

/* vc_master_key_wants - does a plan hold a secret that is still to be encrypted? */
gboolean vc_master_key_wants (const VcPlan *plan);

/* vc_master_key_seal - encrypt text into each such secret, under the key in the guest's folder
 *
 * Each gets its own initialization vector.  For a start and for what is plugged in later.
 *
 * Returns: TRUE, or FALSE with error.
 */
gboolean vc_master_key_seal (const char *folder, const char *text, VcPlan *plan, GError **error);
