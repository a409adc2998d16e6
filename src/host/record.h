/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Which process runs a guest, for whoever did not start it: a file UUID.pid in the run folder, which is
 * ours, so that QEMU cannot write to it.
 *
 *   line 1   number of the boot of this host
 *   line 2   /proc/PID/stat of the process, written by itself before it became QEMU (VcSpawn.record)
 */
typedef struct
{
  pid_t pid;       /* 0: nothing was started yet                                                  */
  guint64 started; /* as vc_proc_started says, so that another process is not taken for it        */
  gboolean before; /* … in another boot of this host                                              */
} VcRecord;

/* vc_record_open - make the file anew, for the process to come
 *
 * Returns: a descriptor for VcSpawn.record, which the caller closes, or -1 with error.
 */
int vc_record_open (const char *folder, const char *uuid, GError **error);

/* vc_record_read - what stands there; FALSE with error: VC_ERROR_NOT_FOUND, VC_ERROR_PROTOCOL */
gboolean vc_record_read (const char *folder, const char *uuid, VcRecord *ret_record, GError **error);

/* vc_record_is_alive - does that very process still run? */
gboolean vc_record_is_alive (const VcRecord *record);

/* vc_record_remove - that it is not there is fine */
void vc_record_remove (const char *folder, const char *uuid);

/* vc_boot_id - the number of this boot of the host.  Returns: new string, "" where there is none */
char *vc_boot_id (void);
