/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* vc_monitor_connect - a connection to the socket on which a QEMU listens, or will
 *
 * Never waits: a QEMU that has not taken earlier connections is VC_ERROR_BUSY.
 *
 * Returns: a descriptor, or -1 with error.
 */
int vc_monitor_connect (const char *path, GError **error);
