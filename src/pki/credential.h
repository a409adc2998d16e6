/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/certificate.h"
#include "pki/folder.h"

/* What an end of TLS shows, and whom it trusts: read and checked once, never changed.
 *
 * Sessions hold the one they began with, in other threads too: it is counted. */
typedef struct VcCredential VcCredential;

/* What is spoken where nobody says otherwise: TLS 1.3 and 1.2, with a key for every session and ciphers that
 * authenticate. */
#define VC_TLS_PRIORITY                                                                                      \
  "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM:"     \
  "+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE:%PROFILE_MEDIUM"

/* vc_tls_priority_check - is it one of GnuTLS' priorities, and is something left of it?
 *
 * What is old or weak is taken away from every priority.  Returns: FALSE with VC_ERROR_INVALID.
 */
gboolean vc_tls_priority_check (const char *priority, GError **error);

/* vc_credential_new - a server's credential, from a folder's parts for a server, which have to be fit
 *
 * priority: NULL is VC_TLS_PRIORITY.  now: seconds since 1970.  Adds to problems (VcPkiProblem), which may
 * be NULL.
 *
 * Returns: new (let go with vc_credential_unref), or NULL with the first error.
 */
VcCredential *vc_credential_new (const VcPkiFolder *folder, const char *priority, gint64 now,
                                 GPtrArray *problems, GError **error);

/* vc_credential_new_client - a client's, which may have no certificate of its own
 *
 * is_checked: the folder's parts for a client have to be fit, else only readable.
 *
 * Returns: as vc_credential_new.
 */
VcCredential *vc_credential_new_client (const VcPkiFolder *folder, gboolean is_checked, const char *priority,
                                        gint64 now, GPtrArray *problems, GError **error);

/* vc_credential_own - this end's own certificate; borrowed.  NULL: a client's without one */
const VcCertificate *vc_credential_own (const VcCredential *self);

/* vc_credential_missing_ca - "PATH is not there", of a CA's certificate; borrowed.  NULL: there is one */
const char *vc_credential_missing_ca (const VcCredential *self);

/* vc_credential_has_crl - is there a list of revoked certificates? */
gboolean vc_credential_has_crl (const VcCredential *self);

/* vc_credential_ref.  Returns: the same, held once more. */
VcCredential *vc_credential_ref (VcCredential *self);

/* vc_credential_unref - NULL is fine */
void vc_credential_unref (VcCredential *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcCredential, vc_credential_unref)

/* For sessions: GnuTLS' own. */
struct gnutls_certificate_credentials_st *vc_credential_gnutls (const VcCredential *self);
struct gnutls_priority_st *vc_credential_priority (const VcCredential *self);

/* vc_credential_has_old_crl - is there one that does not count now?  GnuTLS, when it verifies, does not look.
 */
gboolean vc_credential_has_old_crl (const VcCredential *self, gint64 now);

/* vc_credential_revokes - is a certificate of one of its CRLs? */
gboolean vc_credential_revokes (const VcCredential *self, const VcCertificate *certificate);

/* vc_credential_has_same_trust - do both trust the same CAs? */
gboolean vc_credential_has_same_trust (const VcCredential *self, const VcCredential *other);

/* vc_credential_trusts - does a chain (VcCertificate) lead to one of its CAs?  Dates are not looked at. */
gboolean vc_credential_trusts (const VcCredential *self, const GPtrArray *chain);
