/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/secure.h"

/* What is told of a TLS connection to who asked for its steps. */

/* vc_secure_tell_peer - the server's certificate, what is wrong with it, and why it is refused; NULL: it is
 * not */
void vc_secure_tell_peer (const VcSecureQuestion *question, const VcTlsCaller *caller, const GPtrArray *flaws,
                          const GError *why);

/* vc_secure_tell_own - it has confirmed the connection, having seen our certificate */
void vc_secure_tell_own (const VcSecureQuestion *question, const VcTlsCaller *caller);
