/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/conf.h"
#include "host/lock.h"
#include "host/paths.h"

#define VC_MAX_SOCKETS 4u
#define VC_MAX_NETWORK 8u /* sockets of the network that systemd may give */

/* The daemon's sockets: given by systemd, or made in the run folder; and at libvirt's places, if that is
 * wanted (libvirt_sock_dir); and those of the network that systemd gives. */
typedef struct
{
  VcLock *lock; /* of unix_sock_dir; or NULL */
  struct
  {
    int fd;     /* -1: taken                                */
    char *path; /* of one we made, to be removed; or NULL   */
    gboolean is_read_only;
  } all[VC_MAX_SOCKETS];
  guint n;
  int network[VC_MAX_NETWORK];
  guint n_network;
} VcSockets;

/* vc_sockets_new - take what systemd gives; make both where it gives none of them; then those of libvirt's
 * names
 *
 * One that is left by a dead daemon is replaced; call it with the root's lock held.  Where somebody listens
 * at libvirt's place it is VC_ERROR_BUSY.
 *
 * Returns: new (free with vc_sockets_free), or NULL with error.
 */
VcSockets *vc_sockets_new (const VcPaths *paths, const VcDaemonConf *conf, GError **error);

/* vc_sockets_free - close those that were not taken (set to -1, n_network to 0), and remove the files of
 * ours; NULL is fine
 */
void vc_sockets_free (VcSockets *sockets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcSockets, vc_sockets_free)

/* vc_address_print - "192.0.2.1:4000", "[2001:db8::1]:4000".  Returns: new string. */
struct sockaddr_storage;
char *vc_address_print (const struct sockaddr_storage *address, guint len);

/* vc_address_network - of a printed one: whose it is, for limits.  Without its port; of IPv6 the first 64
 * bits, for a host has as many addresses of them as it likes.  Returns: new string. */
char *vc_address_network (const char *printed);
