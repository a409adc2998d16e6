/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/tunnel.h"
#include "client/uri.h"

/* The other host's daemon by way of ssh and a netcat over there, as libvirt goes. */

/* vc_ssh_argv - the program to run for a URI of transport ssh
 *
 * Where the URI has no socket, the other host's virtcardd is asked for, and where that has none, libvirt's
 * daemon.
 *
 * Returns: new (g_strfreev).
 */
char **vc_ssh_argv (const VcUri *uri, gboolean is_read_only);

/* vc_ssh_dial - connect
 *
 * ssh itself asks for passwords, on the terminal, unless the URI says no_tty; and so it takes its time.  That
 * nobody is there comes out with the first call.
 *
 * Returns: new, and a descriptor, as vc_tunnel_new.
 */
VcTunnel *vc_ssh_dial (const VcUri *uri, gboolean is_read_only, int *ret_fd, GError **error);
