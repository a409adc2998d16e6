/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/user.h"
#include "lib/describe.h"

/* VcStepFn - something begins that may take seconds; words: "asking the card readers".  Borrows words */
typedef void (*VcStepFn) (const char *words, gpointer data);

/* vc_check_host - find what on this host would keep a guest from starting
 *
 * Looks at what the plan names: the emulator, files, folders, sockets and ports, NSS databases, card readers
 * and KVM, as the user who will have to get at each.  Makes nothing; listens on ports for a moment.  Adds
 * every error to errors (GError, in order of lines) and what does not keep it from starting to warnings
 * (char *), each with its place.  What QEMU cannot do is an error here, too.  on_step may be NULL.
 *
 * Returns: TRUE when there are no errors.
 */
gboolean vc_check_host (VcDescription *description, const VcPaths *paths, const VcQemuConf *conf,
                        const VcUser *user, VcStepFn on_step, gpointer data, GPtrArray *warnings,
                        GPtrArray *errors);

/* vc_check_host_items - vc_check_host for a few things only, as the devices of a plan that come to a running
 * guest
 *
 * Returns: TRUE when there are no errors.
 */
gboolean vc_check_host_items (VcDescription *description, const VcPaths *paths, const VcQemuConf *conf,
                              const VcUser *user, const VcPlan *plan, VcStepFn on_step, gpointer data,
                              GPtrArray *warnings, GPtrArray *errors);
