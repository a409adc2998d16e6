/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/certificate.h"
#include "pki/folder.h"
#include "pki/problem.h"

/* Will TLS work with this folder?  Says before a start what QEMU would refuse without words, or what would
 * make every handshake fail. */
typedef enum
{
  VC_PKI_SERVER,
  VC_PKI_CLIENT,
} VcPkiEnd;

#define VC_PKI_WARN_DAYS 30 /* before a certificate ends */

/* vc_pki_check - all that is wrong with a folder, for one end of a connection
 *
 * As QEMU's tls-creds-x509: a server needs its certificate and key, a client may have both or none, both
 * need the CA's.  passphrase: of the key, or NULL.  verify_peer: a server asks clients for a certificate.
 * now: seconds since 1970.  Adds to problems (of VcPkiProblem), which may be NULL.
 *
 * Returns: TRUE, there may be warnings; FALSE with the first error.
 */
gboolean vc_pki_check (const VcPkiFolder *folder, VcPkiEnd end, const char *passphrase, gboolean verify_peer,
                       gint64 now, GPtrArray *problems, GError **error);

/* vc_pki_has_end - is there a file of this end's own? */
gboolean vc_pki_has_end (const VcPkiFolder *folder, VcPkiEnd end);
