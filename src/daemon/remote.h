/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/conf.h"
#include "rpc/server.h"

/* Clients from other hosts: sockets of the network, keys, the entry, and what the log says of them. */
typedef struct VcRemote VcRemote;

/* vc_remote_new - read the keys; nothing is listened to yet; borrows conf and server
 *
 * run: the run folder, where invitations are.
 * Keys that are no good are no error: connections are refused until they are.
 *
 * Returns: new (free with vc_remote_free, before server), or NULL with error.
 */
VcRemote *vc_remote_new (const VcTlsConf *conf, const char *run, VcRpcServer *server, GError **error);

/* vc_remote_listen - take connections at listen_addr and tls_port; where that cannot be the log says why */
void vc_remote_listen (VcRemote *self);

/* vc_remote_take - take them from a listening socket that was given; takes fd */
gboolean vc_remote_take (VcRemote *self, int fd_taken, GError **error);

/* vc_remote_again - read the keys once more, and listen where it could not be done before */
void vc_remote_again (VcRemote *self);

/* vc_remote_free - take nobody any more; who is in stays; NULL is fine */
void vc_remote_free (VcRemote *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcRemote, vc_remote_free)
