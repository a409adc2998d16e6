/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "json/json.h"

/* vc_monitor_connect - a connection to the socket on which a QEMU listens, or will
 *
 * Never waits: a QEMU that has not taken earlier connections is VC_ERROR_BUSY.
 *
 * Returns: a descriptor, or -1 with error.
 */
int vc_monitor_connect (const char *path, GError **error);

/* vc_monitor_find_ptys - add the pseudo-terminals that the answer to query-chardev tells of to a table: id of
 * the character device to path, new strings */
void vc_monitor_find_ptys (const VcJson *list, GHashTable *ptys);
