/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The holder of guests in this process: the daemon's own handlers over a manager of our own, served by the
 * default main context, so that there is one implementation of every call. */
typedef struct VcEmbed VcEmbed;

/* vc_embed_new - take over a root, and serve one connection
 *
 * root NULL: the places of this user.  ret_fd gets the caller's end of it.
 *
 * warnings (char *) gets what is amiss below the root.
 *
 * Returns: new (free with vc_embed_free), or NULL with error: VC_ERROR_BUSY names who holds the root.
 */
VcEmbed *vc_embed_new (const char *root, gboolean is_read_only, GPtrArray *warnings, int *ret_fd,
                       GError **error);

/* vc_embed_free - give the root back, guests run on; NULL is fine */
void vc_embed_free (VcEmbed *embed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcEmbed, vc_embed_free)
