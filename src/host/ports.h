/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain/domain.h"

/* TCP ports that QEMU will listen on, looked at by listening there for a moment.  Nobody holds a port for
 * QEMU: somebody else may take it in between. */

#define VC_PORT_FIRST 5900u /* graphics */

/* vc_port_check - can one listen on a port?
 *
 * address is an IP address, "localhost" or NULL for all; of another host name nothing is known, which
 * counts as fine.
 *
 * Returns: FALSE with VC_ERROR_BUSY, VC_ERROR_DENIED or VC_ERROR_FAILED.
 */
gboolean vc_port_check (const char *address, guint port, GError **error);

/* vc_ports_find - give every <graphics> that leaves its ports open free ones
 *
 * has_tls: SPICE gets a TLS port, too.  Two guests started at once may be given the same.
 *
 * Returns: FALSE with VC_ERROR_LIMIT when there is none left.
 */
gboolean vc_ports_find (VcDomain *domain, gboolean has_tls, GError **error);

/* vc_ports_check - are the ports free that <graphics> asks for by number?  Adds to errors */
void vc_ports_check (const VcDomain *domain, GPtrArray *errors);

/* vc_ports_are_lost - has somebody taken a port that vc_ports_find found? */
gboolean vc_ports_are_lost (const VcDomain *domain);
