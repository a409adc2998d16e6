/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/session.h"

/* One TLS 1.3 connection to a server whose key is known beforehand, of a client that shows nothing.
 *
 * The order: shake until it is done, which fails for any other key; then read and write.  Messages speak of
 * the server as "it". */
typedef struct VcTlsPinned VcTlsPinned;

#define VC_TLS_KEY_PRINT 32u /* bytes: SHA-256 of a certificate's public key, as RFC 7469 has it */

/* vc_tls_key_print - of a certificate; FALSE with error */
gboolean vc_tls_key_print (const VcCertificate *certificate, guint8 *ret_print, GError **error);

/* vc_tls_pinned_new - begin; borrows fd
 *
 * host: for the server to choose its certificate by, a name or an address.  protocol: of ALPN, which it has
 * to choose.  print: of its key.
 *
 * Returns: new (free with vc_tls_pinned_free), or NULL with error.
 */
VcTlsPinned *vc_tls_pinned_new (const char *host, const char *protocol, const guint8 *print, int fd,
                                GError **error);

/* vc_tls_pinned_shake - go on with the handshake
 *
 * Returns: VC_TLS_FAILED with error: VC_ERROR_DENIED for another key, VC_ERROR_STATE when it does not choose
 * the protocol.
 */
VcTlsStep vc_tls_pinned_shake (VcTlsPinned *self, GError **error);

/* vc_tls_pinned_channel - what only the two ends of this connection know, as vc_tls_session_channel */
gboolean vc_tls_pinned_channel (VcTlsPinned *self, guint8 *ret_bytes, GError **error);

/* vc_tls_pinned_peer - the server's certificate; borrowed */
const VcCertificate *vc_tls_pinned_peer (const VcTlsPinned *self);

/* vc_tls_pinned_take_peer - the same, once; Returns: new */
VcCertificate *vc_tls_pinned_take_peer (VcTlsPinned *self);

/* vc_tls_pinned_read, …_write - as vc_tls_record_read and …_write */
gssize vc_tls_pinned_read (VcTlsPinned *self, guint8 *bytes, gsize len, GError **error);
gssize vc_tls_pinned_write (VcTlsPinned *self, const guint8 *bytes, gsize len);

/* vc_tls_pinned_free - NULL is fine.  Before the socket is closed */
void vc_tls_pinned_free (VcTlsPinned *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcTlsPinned, vc_tls_pinned_free)
