/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* vc_redirfilter_find - the rules for redirected USB devices as QEMU wants them
 *
 * Returns: new string, or NULL when the guest has none.
 */
char *vc_redirfilter_find (const VcPeers *peers);
