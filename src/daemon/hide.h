/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Files this process, and all it starts, shall not read, though it is root. */

/* vc_hide_begin - see the file system in a way of our own from here on
 *
 * Before any thread.  What others mount or unmount is seen here too; what is hidden here is hidden here only.
 * Does nothing where we are not root or not allowed to: vc_hide_key says so then.
 */
void vc_hide_begin (void);

/* vc_hide_key - make sure that a CA's key cannot be read from here by its path
 *
 * It is hidden where that can be.  One that is encrypted (PKCS#8), is not there or not readable will do too.
 *
 * Returns: FALSE with VC_ERROR_DENIED: it can be read.
 */
gboolean vc_hide_key (const char *path, GError **error);
