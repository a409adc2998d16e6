/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "host/user.h"

/* Where things live.
 *
 *                 root DIR                 root user            others
 *   etc           DIR/etc/virtcard         /etc/virtcard        XDG_CONFIG_HOME/virtcard
 *   state         DIR/var/lib/virtcard     /var/lib/virtcard    XDG_STATE_HOME/virtcard
 *   run           DIR/run/virtcard         /run/virtcard        XDG_RUNTIME_DIR/virtcard
 *
 * Without XDG_STATE_HOME it is XDG_DATA_HOME when that is set; without XDG_RUNTIME_DIR, virtcard/run in the
 * cache folder.  Paths that stand in files, and defaults such as /etc/pki/nssdb, are not moved by a root.
 */
typedef struct
{
  char *root;      /* absolute; NULL: none was given                                             */
  char *etc;       /* settings people write                                                      */
  char *state;     /* what is kept over a boot                                                   */
  char *run;       /* what is not                                                                */
  char *caps;      /* cache of what QEMU binaries can do, in state                               */
  char *qemu_conf; /* qemu.conf in etc, else the one of libvirt beside it, which may not exist   */
} VcPaths;

/* vc_paths_new - the places for root, else for VIRTCARD_ROOT, else for who we are
 *
 * Makes nothing.  A relative root is taken from the current folder.
 *
 * Returns: new (free with vc_paths_free), or NULL with VC_ERROR_INVALID for an empty root.
 */
VcPaths *vc_paths_new (const char *root, GError **error);

/* vc_paths_make_run - make the run folder
 *
 * With its parents.  0755 as root, so that QEMU's user can pass, else 0700.  One that is there must be
 * a folder of ours that nobody else can write to.
 */
gboolean vc_paths_make_run (const VcPaths *paths, GError **error);

/* vc_paths_get_guest - the path of a guest's own folder, in the run folder
 *
 * Returns: new string (g_free).
 */
char *vc_paths_get_guest (const VcPaths *paths, const char *uuid);

/* vc_paths_get_channels - the path of the folder in it for sockets that are named after channels
 *
 * Nothing else is there, so that a channel may have any name.  Returns: new string (g_free).
 */
char *vc_paths_get_channels (const VcPaths *paths, const char *uuid);

/* vc_paths_make_guest - make both folders, 0700 and user's
 *
 * Call it with the guest's lock held: what an earlier run left there is removed.  Makes the run folder too.
 */
gboolean vc_paths_make_guest (const VcPaths *paths, const char *uuid, const VcUser *user, GError **error);

/* vc_paths_remove_guest - remove it with all that is in it; that it is not there is fine
 *
 * Follows no symbolic link: the folder was QEMU's to write to.
 */
gboolean vc_paths_remove_guest (const VcPaths *paths, const char *uuid, GError **error);

/* vc_paths_copy - for a thread of its own.  Returns: new (free with vc_paths_free) */
VcPaths *vc_paths_copy (const VcPaths *paths);

/* vc_paths_free - NULL is fine */
void vc_paths_free (VcPaths *paths);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcPaths, vc_paths_free)
