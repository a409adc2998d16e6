/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* vc_proc_started - when a process was started, in clock ticks since boot
 *
 * With its number this names a process for good: a number is given out again, with another time.
 *
 * Returns: TRUE, or FALSE with VC_ERROR_GONE when there is no such process; a dead one that
 * nobody has waited for is none.
 */
gboolean vc_proc_started (pid_t pid, guint64 *ret_ticks, GError **error);
