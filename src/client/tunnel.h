/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A connection through a program: what it reads from its standard input and writes to its standard output is
 * the connection, what it writes to its standard error is why there is none. */
typedef struct VcTunnel VcTunnel;

/* vc_tunnel_new - run a program
 *
 * argv: with the program first, looked for in PATH.  It has this process's environment and terminal.
 * name_taken: of the other end, for errors.
 *
 * Returns: new, and in *ret_fd a descriptor that does not wait; or NULL with error: VC_ERROR_NOT_FOUND.
 */
VcTunnel *vc_tunnel_new (const char *const *argv, char *name_taken, int *ret_fd, GError **error);

/* vc_tunnel_explain - it has come to its end: why?
 *
 * Waits a moment for the program to end, and ends it then.
 *
 * Returns: new error: VC_ERROR_GONE, with the program's own words.
 */
GError *vc_tunnel_explain (VcTunnel *tunnel);

/* vc_tunnel_free - end it; NULL is fine */
void vc_tunnel_free (VcTunnel *tunnel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcTunnel, vc_tunnel_free)
