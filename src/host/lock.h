/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What only one process may do: run a guest (a lock per domain uuid, in the run folder), own a root.
 *
 * Held by an open file and so gone with its process, whatever ends it.  The file that a dead process
 * left is taken over.  Programs begun meanwhile do not inherit it.
 */
typedef struct VcLock VcLock;

/* vc_lock_new - take the lock of uuid in folder
 *
 * Waits for five seconds at most, and only while no living process is known to hold it.
 *
 * Returns: new (free with vc_lock_free), or NULL with VC_ERROR_BUSY, "… is being run by process PID", or
 * another error when the file cannot be made.
 */
VcLock *vc_lock_new (const char *folder, const char *uuid, GError **error);

/* vc_lock_take - take the lock that is a file at path
 *
 * what: "domain 'x' is being run", for the error.  Otherwise as vc_lock_new.
 */
VcLock *vc_lock_take (const char *path, const char *what, GError **error);

/* vc_lock_free - give it back; NULL is fine */
void vc_lock_free (VcLock *lock);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcLock, vc_lock_free)
