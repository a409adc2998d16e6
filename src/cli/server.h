/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/command.h"
#include <virtcard/virtcard.h>

/* Servers on other hosts: which one is spoken to. */

/* vc_server_tls - how to connect as the command line has it
 *
 * A server that neither a CA nor the list of known servers vouches for is shown to whoever sits at the
 * terminal, who is asked.  Where there is none, it is refused, and hint gets a line that says what to do.
 * hint is borrowed for as long as it lives.
 *
 * Returns: new (free with virtcard_tls_free), or NULL with error.
 */
VirtcardTls *vc_server_tls (const VcCli *cli, GString *hint, GError **error);

/* vc_server_read - "HOST", "HOST:PORT", an address as it is or in brackets; without a port 16514
 *
 * Writes a new string.  Returns: FALSE with VC_ERROR_INVALID.
 */
gboolean vc_server_read (const char *text, char **ret_host, guint *ret_port, GError **error);

/* vc_server_print - the other way; Returns: new string */
char *vc_server_print (const char *host, guint port);
