/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/credential.h"
#include "pki/session.h"

/* One TLS connection of a client, over a connected socket that does not wait.
 *
 * The order: shake until it is done, check, hear until it is done, then read and write.  Messages speak of
 * the server as "it". */
typedef struct VcTlsCaller VcTlsCaller;

/* What may be wrong with a server's certificate; their numbers are those of virtcard.h. */
typedef enum
{
  VC_TLS_UNKNOWN_ISSUER = 1 << 0,
  VC_TLS_SELF_SIGNED = 1 << 1, /* and not one of those we trust                     */
  VC_TLS_EXPIRED = 1 << 2,     /* it, or a CA it was signed by                      */
  VC_TLS_NOT_YET_VALID = 1 << 3,
  VC_TLS_WRONG_NAME = 1 << 4,
  VC_TLS_REVOKED = 1 << 5,
  VC_TLS_UNKNOWN_REVOKED = 1 << 6, /* the list of revoked ones is out of date       */
  VC_TLS_WEAK = 1 << 7,
  VC_TLS_WRONG_PURPOSE = 1 << 8, /* not for a TLS server                            */
  VC_TLS_OTHER = 1 << 9,
  VC_TLS_NOT_TRUSTED_BEFORE = 1 << 10, /* by a list of servers: it is not in it       */
  VC_TLS_CHANGED = 1 << 11,            /* it had another key                          */
} VcTlsFault;

/* vc_tls_caller_new - begin; borrows fd, holds credential
 *
 * host: the name or address that was asked for, which the certificate has to be for.
 *
 * Returns: new (free with vc_tls_caller_free), or NULL with error.
 */
VcTlsCaller *vc_tls_caller_new (VcCredential *credential, const char *host, int fd, GError **error);

/* vc_tls_caller_shake - go on with the handshake
 *
 * Once it is done, the server's certificate has been read.  Returns: VC_TLS_FAILED with error.
 */
VcTlsStep vc_tls_caller_shake (VcTlsCaller *self, GError **error);

/* One thing that is wrong with it. */
typedef struct
{
  guint faults; /* VcTlsFault, as a rule one    */
  char *words;  /* a sentence that speaks of it */
} VcTlsFlaw;

/* vc_tls_flaws_new - an empty list of them, which frees them.  Returns: new. */
GPtrArray *vc_tls_flaws_new (void);

/* vc_tls_flaws_add - one more */
void vc_tls_flaws_add (GPtrArray *flaws, guint faults, const char *fmt, ...) G_GNUC_PRINTF (3, 4);

/* vc_tls_flaws_sum - VcTlsFault of all of them, 0: there is none */
guint vc_tls_flaws_sum (const GPtrArray *flaws);

/* vc_tls_caller_check - all that is wrong with its certificate, added to a list of flaws */
void vc_tls_caller_check (VcTlsCaller *self, gint64 now, GPtrArray *flaws);

/* vc_tls_caller_chain - what it has shown (VcCertificate): its own, and who signed the one before; borrowed
 */
GPtrArray *vc_tls_caller_chain (const VcTlsCaller *self);

/* vc_tls_caller_bits - of the key that is used for encryption */
guint vc_tls_caller_bits (const VcTlsCaller *self);

/* vc_tls_caller_print - what was agreed on, "(TLS1.3)-…".  Returns: new string, or NULL. */
char *vc_tls_caller_print (const VcTlsCaller *self);

/* vc_tls_caller_was_asked - did the server ask for a certificate of ours? */
gboolean vc_tls_caller_was_asked (const VcTlsCaller *self);

/* vc_tls_caller_hear - wait for its confirmation, or what it has to say instead
 *
 * Returns: VC_TLS_FAILED with error: VC_ERROR_DENIED with its own sentence, where it has one.
 */
VcTlsStep vc_tls_caller_hear (VcTlsCaller *self, GError **error);

/* vc_tls_caller_read, …_write - as vc_tls_record_read and …_write */
gssize vc_tls_caller_read (VcTlsCaller *self, guint8 *bytes, gsize len, GError **error);
gssize vc_tls_caller_write (VcTlsCaller *self, const guint8 *bytes, gsize len);

/* vc_tls_caller_has_more - have bytes come that the socket does not tell of any more? */
gboolean vc_tls_caller_has_more (const VcTlsCaller *self);

/* vc_tls_caller_free - tells the server that nothing more comes; NULL is fine.  Before the socket is closed
 */
void vc_tls_caller_free (VcTlsCaller *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcTlsCaller, vc_tls_caller_free)
