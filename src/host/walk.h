/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The way to a file that we are to make with rights QEMU's user does not have. */
typedef struct
{
  int folder;       /* O_PATH descriptor of the folder it is in                    */
  char *name;       /* its name there; nobody's symbolic link but ours or root's   */
  gboolean is_firm; /* nobody else can make the same path lead to another folder   */
} VcWalk;

#define VC_WALK_INIT                                                                                         \
  {                                                                                                          \
    .folder = -1                                                                                             \
  }

/* vc_walk - go to the folder of a path, led astray by nobody
 *
 * Follows the symbolic links of root and of ourselves, also one at the end, and no others: in a folder
 * that QEMU can write to, one could lead to any file of the host.  path is absolute.
 *
 * Returns: FALSE with error: NOT_FOUND, DENIED, INVALID for a path that names no file.
 */
gboolean vc_walk (const char *path, VcWalk *ret_walk, GError **error);

void vc_walk_clear (VcWalk *walk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VcWalk, vc_walk_clear)
