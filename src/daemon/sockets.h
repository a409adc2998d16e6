/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/conf.h"
#include "host/lock.h"
#include "host/paths.h"

/* The daemon's two sockets: given by systemd, or made in the run folder. */
typedef struct
{
  int rw, ro;              /* -1: none                                    */
  char *rw_path, *ro_path; /* of those we made, to be removed; or NULL    */
  VcLock *lock;            /* of unix_sock_dir; or NULL                   */
} VcSockets;

/* vc_sockets_new - take what systemd gives, else make both
 *
 * One that is left by a dead daemon is replaced; call it with the root's lock held.
 *
 * Returns: new (free with vc_sockets_free), or NULL with error.
 */
VcSockets *vc_sockets_new (const VcPaths *paths, const VcDaemonConf *conf, GError **error);

/* vc_sockets_free - close those that were not taken (set to -1), and remove the files of ours; NULL is fine
 */
void vc_sockets_free (VcSockets *sockets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcSockets, vc_sockets_free)
