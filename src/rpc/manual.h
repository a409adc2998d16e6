/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* vc_rpc_manual_print - docs/rpc.md: every call and event, from their rows
 *
 * Returns: new string.
 */
char *vc_rpc_manual_print (void);
