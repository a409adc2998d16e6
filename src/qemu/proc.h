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

/* vc_proc_read - number and start of a process from the text of its /proc/PID/stat; FALSE: it is no such text
 */
gboolean vc_proc_read (const char *text, pid_t *ret_pid, guint64 *ret_started);

typedef struct
{
  guint64 user_ns, system_ns; /* time on processors      */
  guint64 resident;           /* KiB of the host's memory */
} VcProcUse;

/* vc_proc_used - what a process has used; fails as vc_proc_started */
gboolean vc_proc_used (pid_t pid, VcProcUse *ret_use, GError **error);
