/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Files that are read or written whole.  What is written is there in full or not at all, and never for
 * others to read in between: it is made beside its place, with its last mode and owner, and moved there. */
typedef struct
{
  mode_t mode;
  gboolean replace; /* FALSE: one that is there stays and is VC_ERROR_EXISTS */
  uid_t uid;        /* (uid_t) -1: ours                                      */
  gid_t gid;        /* (gid_t) -1: ours                                      */
} VcFileHow;

/* vc_file_read - all bytes of a file
 *
 * Must be a plain file: never waits for a FIFO's other end.
 *
 * Returns: new bytes with a zero after them, or NULL with "PATH: …": VC_ERROR_LIMIT for more than max,
 * VC_ERROR_INVALID for what is no file, else by the system's error.
 */
char *vc_file_read (const char *path, gsize max, gsize *ret_len, GError **error);

/* vc_file_read_stat - the same, and what the system says of the very file that was read */
char *vc_file_read_stat (const char *path, gsize max, gsize *ret_len, struct stat *ret_st, GError **error);

/* vc_file_write - make a file of len bytes
 *
 * It is on the disk when this returns.
 *
 * Returns: TRUE, or FALSE with "PATH: …" and nothing changed.
 */
gboolean vc_file_write (const char *path, gconstpointer bytes, gsize len, const VcFileHow *how,
                        GError **error);

/* vc_file_draft - the first half of vc_file_write: what needs room on the disk
 *
 * Returns: path of the draft (new string), to be given to vc_file_commit or removed; or NULL with "PATH: …".
 */
char *vc_file_draft (const char *path, gconstpointer bytes, gsize len, const VcFileHow *how, GError **error);

/* vc_file_draft_open - the same, of which more is to be written
 *
 * Returns: a descriptor that stands at its end, or -1 with error and *ret_draft untouched.
 */
int vc_file_draft_open (const char *path, gconstpointer bytes, gsize len, const VcFileHow *how,
                        char **ret_draft, GError **error);

/* vc_file_commit - the second half: the draft takes its place, or is removed.  Returns: FALSE with "PATH: …"
 */
gboolean vc_file_commit (const char *draft, const char *path, const VcFileHow *how, GError **error);

/* vc_file_remove - remove a file for good; that it is not there is fine
 *
 * That it is gone is on the disk when this returns.  Returns: FALSE with "PATH: …".
 */
gboolean vc_file_remove (const char *path, GError **error);

/* vc_file_link - make a symbolic link; it is on the disk when this returns.  Returns: FALSE with "PATH: …" */
gboolean vc_file_link (const char *target, const char *path, GError **error);

/* vc_file_clean_drafts - remove what vc_file_write left in a folder when it was killed
 *
 * Only for whoever is alone in writing there.
 */
void vc_file_clean_drafts (const char *folder);

/* vc_file_clean_drafts_before - the same of those that were last written before a time (µs, as
 * g_get_real_time says), so that what is being written now stays */
void vc_file_clean_drafts_before (const char *folder, gint64 time);

/* vc_file_read_some - vc_file_read for a child between fork and exec: system calls only
 *
 * Fills buffer, which has size bytes, and never more.  A file that fills it may be longer.
 *
 * *ret_st counts when it returns 0.
 *
 * Returns: 0, or the number of the system error; EISDIR, or EINVAL for other things that are no file.
 */
int vc_file_read_some (const char *path, char *buffer, gsize size, gsize *ret_len, struct stat *ret_st);
