/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/credential.h"
#include "pki/record.h"

/* One TLS connection of a server, over a connected socket that does not wait.
 *
 * Used by one thread at a time, whichever.  The order: shake until it is done, check, then confirm or refuse;
 * then read and write. */
typedef struct VcTlsSession VcTlsSession;

#define VC_TLS_ALPN    "virtcard/1" /* a client that names this protocol is told why it is refused  */
#define VC_TLS_CONFIRM 0x01         /* what libvirt's protocol sends first, once all was checked    */

#define VC_TLS_JOIN "virtcard-join/1" /* of one without a certificate, who was invited to get one   */

/* vc_tls_session_new - begin; borrows fd, holds credential
 *
 * Returns: new (free with vc_tls_session_free), or NULL with error.
 */
VcTlsSession *vc_tls_session_new (VcCredential *credential, int fd, GError **error);

/* vc_tls_session_offer_join - VC_TLS_JOIN is spoken too; before it shakes.  FALSE with error */
gboolean vc_tls_session_offer_join (VcTlsSession *self, GError **error);

/* vc_tls_session_is_join - did it choose that?  Then it is not checked, and never confirmed */
gboolean vc_tls_session_is_join (const VcTlsSession *self);

/* vc_tls_session_channel - as vc_tls_record_channel */
gboolean vc_tls_session_channel (VcTlsSession *self, guint8 *ret_bytes, GError **error);

/* vc_tls_session_shake - go on with the handshake.  Returns: VC_TLS_FAILED with error. */
VcTlsStep vc_tls_session_shake (VcTlsSession *self, GError **error);

/* vc_tls_session_check - may this client come in?
 *
 * Its certificate has to be there, good, of a CA that is trusted, and for a TLS client; its name to fit one
 * of allowed, where that is not NULL: patterns with * and ?, of the name as virt-pki-query-dn prints it or as
 * RFC 4514 writes it.
 *
 * Returns: FALSE with a sentence that the client may read: it speaks of its certificate only.
 */
gboolean vc_tls_session_check (VcTlsSession *self, char *const *allowed, gint64 now, GError **error);

/* vc_tls_session_peer - the client's certificate; borrowed.  NULL: none, or not checked yet, or confirmed */
const VcCertificate *vc_tls_session_peer (const VcTlsSession *self);

/* vc_tls_session_forget - go on as if the client had shown none; after a check that failed */
void vc_tls_session_forget (VcTlsSession *self);

/* vc_tls_session_bits - of the key that is used for encryption */
guint vc_tls_session_bits (const VcTlsSession *self);

/* vc_tls_session_print - what was agreed on, "(TLS1.3)-…".  Returns: new string, or NULL. */
char *vc_tls_session_print (const VcTlsSession *self);

/* vc_tls_session_confirm - let it in.  Returns: FALSE when the byte cannot be sent now. */
gboolean vc_tls_session_confirm (VcTlsSession *self);

/* vc_tls_session_refuse - send it away: an alert, and to a client of VC_TLS_ALPN why's sentence instead */
void vc_tls_session_refuse (VcTlsSession *self, const GError *why);

/* vc_tls_session_check_again - may a client that came in stay, with what is trusted now?
 *
 * Neither its certificate nor one of its CAs' may be revoked, and it has to lead to a CA that is trusted.
 * Dates are not looked at.
 *
 * Returns: FALSE with VC_ERROR_DENIED.
 */
gboolean vc_tls_session_check_again (const VcTlsSession *self, const VcCredential *now_valid, GError **error);

/* vc_tls_session_check_crls - the same with lists (VcCrl) that count besides */
gboolean vc_tls_session_check_crls (const VcTlsSession *self, const GPtrArray *crls, GError **error);

/* vc_tls_session_read, …_write - as recv and send, with errno; read with error where there is more to say
 *
 * After EAGAIN the same bytes have to be written again.
 */
gssize vc_tls_session_read (VcTlsSession *self, guint8 *bytes, gsize len, GError **error);
gssize vc_tls_session_write (VcTlsSession *self, const guint8 *bytes, gsize len);

/* vc_tls_session_end - tell the client that nothing more comes */
void vc_tls_session_end (VcTlsSession *self);

/* vc_tls_session_free - NULL is fine */
void vc_tls_session_free (VcTlsSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcTlsSession, vc_tls_session_free)
