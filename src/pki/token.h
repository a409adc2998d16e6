/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/secret.h"

/* Keys and certificates in a PKCS#11 token, a smartcard say, by URI (RFC 7512): "pkcs11:token=x;object=y".
 *
 * The tokens are those of the modules that p11-kit knows.  A key never leaves its token: that signs. */

#define VC_TOKEN_SCHEME "pkcs11:"

/* vc_token_check_uri - is it one, without a PIN in it?
 *
 * pin-source=file:PATH may stand there; a PIN itself would be seen by everybody who lists processes.
 *
 * Returns: FALSE with VC_ERROR_INVALID.
 */
gboolean vc_token_check_uri (const char *uri, GError **error);

/* vc_token_certificate_uri - where a key's certificate is: under the key's own name.  Returns: new string. */
char *vc_token_certificate_uri (const char *key_uri);

/* vc_token_read_certificate - a certificate, and those in the token that signed it
 *
 * Returns: new string in PEM, or NULL with "URI: …": VC_ERROR_NOT_FOUND, VC_ERROR_DENIED.
 */
char *vc_token_read_certificate (const char *uri, const VcSecretAsk *ask, GError **error);

/* vc_token_find_key - a private key
 *
 * Borrows ask's data for as long as the key lives.
 *
 * Returns: GnuTLS' own (free with gnutls_privkey_deinit), or NULL as vc_token_read_certificate.
 */
struct gnutls_privkey_st *vc_token_find_key (const char *uri, VcSecretAsk *ask, GError **error);

/* vc_token_fail - what GnuTLS says of a token, in words; Returns: NULL, always */
gpointer vc_token_fail (GError **error, const char *uri, int rc);
