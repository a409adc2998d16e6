/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "lib/describe.h"

/* vc_start_plan - what a start asks of QEMU
 *
 * As vc_describe_argv, but with what only a start knows: SPICE without a password, its certificates where
 * they are.  The description must have the facts of its emulator.
 *
 * Returns: new plan, whose items have their devices as source; or NULL with error.
 */
VcPlan *vc_start_plan (VcDescription *description, const VcPaths *paths, const VcQemuConf *conf,
                       GError **error);

/* vc_live_plan - the same for a guest that runs: the devices keep their names */
VcPlan *vc_live_plan (VcDescription *description, const VcPaths *paths, const VcQemuConf *conf,
                      GError **error);

/* vc_start_monitor - the path of a guest's QMP socket.  Returns: new string */
char *vc_start_monitor (const VcDescription *description, const VcPaths *paths);
