/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Keeps a log that somebody else writes from filling the disk: what a guest makes QEMU say has no end. */
typedef struct VcLogCap VcLogCap;

#define VC_LOG_CAP (1024 * 1024) /* bytes */

/* vc_log_cap_new - hold a file to so many bytes
 *
 * Looked at every few seconds in the default main context; what is longer then loses all but its last
 * quarter. The writers must append (O_APPEND).  fd: borrowed, open for both.
 *
 * Returns: new, to be freed with vc_log_cap_free before fd is closed.
 */
VcLogCap *vc_log_cap_new (int fd, gsize max);

/* vc_log_cap_open - open again a log of ours in a folder that others may write to
 *
 * Returns: a descriptor to be closed, open for both; or -1: it is not the file that was made there.
 */
int vc_log_cap_open (const char *path);

/* vc_log_cap_look - do it now; TRUE: something was cut away */
gboolean vc_log_cap_look (VcLogCap *cap);

/* vc_log_cap_free - let it grow; NULL is fine */
void vc_log_cap_free (VcLogCap *cap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcLogCap, vc_log_cap_free)
