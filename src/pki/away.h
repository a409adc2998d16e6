/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* vc_tls_turn_away - tell a client that has begun with TLS that there can be none now
 *
 * An alert, "internal error", before any handshake; what has come is thrown away, so that the alert is not
 * lost when the socket is closed.  Does not wait; borrows fd.
 */
void vc_tls_turn_away (int fd);
