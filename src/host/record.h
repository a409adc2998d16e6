/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* What is known of a running guest by whoever did not start it: a file UUID.json in the run folder, which
 * is ours, so that QEMU cannot write to it. */
typedef struct
{
  char *uuid;
  char *name;
  char *monitor;   /* path of the QMP socket, where another connection can be made */
  pid_t pid;       /* of QEMU                                                      */
  guint64 started; /* as vc_proc_started says, so that another process is not taken for it */
} VcRecord;

/* vc_record_print - write the file; all of it or nothing */
gboolean vc_record_print (const VcRecord *record, const char *folder, GError **error);

/* vc_record_read - what stands there
 *
 * Returns: new (free with vc_record_free), or NULL with error: VC_ERROR_NOT_FOUND, VC_ERROR_PROTOCOL.
 */
VcRecord *vc_record_read (const char *folder, const char *uuid, GError **error);

/* vc_record_is_alive - does that very process still run? */
gboolean vc_record_is_alive (const VcRecord *record);

/* vc_record_remove - that it is not there is fine */
void vc_record_remove (const char *folder, const char *uuid);

void vc_record_free (VcRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcRecord, vc_record_free)
