/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <virtcard/virtcard.h>

G_BEGIN_DECLS

/* libvirtcard over TLS: certificates and keys of the program's own, and which servers are spoken to. */

/* virtcard_tls_new - Returns: new (free with virtcard_tls_free) */
VirtcardTls *virtcard_tls_new (void);

/* virtcard_tls_free - wipes what it holds; NULL is fine */
void virtcard_tls_free (VirtcardTls *tls);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VirtcardTls, virtcard_tls_free)

typedef enum
{
  VIRTCARD_TLS_CA_CERTIFICATE = 0, /* of those that may sign a server's certificate           */
  VIRTCARD_TLS_CA_CRL = 1,         /* certificates they have taken back                       */
  VIRTCARD_TLS_CLIENT_CERTIFICATE = 2,
  VIRTCARD_TLS_CLIENT_KEY = 3,
} VirtcardTlsPart;

/* virtcard_tls_set_… - give a part, in PEM
 *
 * Copied, and never written to a disk.  Once one part is given, none is looked for in libvirt's places: what
 * is not given is not there.  What is wrong with them is said when connecting.
 *
 * Returns: FALSE with error: too long, a file that cannot be read.
 */
gboolean virtcard_tls_set_data (VirtcardTls *tls, VirtcardTlsPart part, const char *pem, gsize len,
                                GError **error);
gboolean virtcard_tls_set_file (VirtcardTls *tls, VirtcardTlsPart part, const char *path, GError **error);

/* virtcard_tls_set_uri - the client's key, or its certificate, is in a PKCS#11 token (a smartcard, say)
 *
 * uri: "pkcs11:token=x;object=y" (RFC 7512) of a module that p11-kit knows; a PIN may not stand in it.  Where
 * only the key's is given, and no certificate otherwise, the certificate is the one of the same name.
 *
 * Returns: FALSE with VIRTCARD_ERROR_INVALID.
 */
gboolean virtcard_tls_set_uri (VirtcardTls *tls, VirtcardTlsPart part, const char *uri, GError **error);

/* virtcard_tls_set_system_ca - the CAs that this host trusts (those of the web, as a rule) may sign a
 * server's certificate too, besides those that are given, which need not be there.  Without this they do not
 * count. */
void virtcard_tls_set_system_ca (VirtcardTls *tls, gboolean on);

/* virtcard_tls_get_data - a part as it was given, for tools that share it
 *
 * Returns: new string, PEM; or NULL with error: VIRTCARD_ERROR_NOT_FOUND, none was given;
 * VIRTCARD_ERROR_UNSUPPORTED, it is in a token; VIRTCARD_ERROR_DENIED, for the key.
 */
char *virtcard_tls_get_data (const VirtcardTls *tls, VirtcardTlsPart part, GError **error);

/* virtcard_tls_get_key - the client's key as it was given, encrypted if it was
 *
 * Returns: as virtcard_tls_get_data; who has it can be this client.  Whoever asks wipes it.
 */
char *virtcard_tls_get_key (const VirtcardTls *tls, GError **error);

typedef enum
{
  VIRTCARD_SECRET_PASSPHRASE = 0, /* of the client's key, which is encrypted */
  VIRTCARD_SECRET_PIN = 1,        /* of the token that the client's key is in */
} VirtcardSecretKind;

typedef enum
{
  VIRTCARD_SECRET_AGAIN = 1,    /* the one before was wrong                                  */
  VIRTCARD_SECRET_LAST_TRY = 2, /* of a PIN: the token is locked when this one is wrong too  */
} VirtcardSecretFlags;

/* VirtcardSecretFn - what opens the client's key
 *
 * what: the key's path, or the token's label.  flags: VirtcardSecretFlags.  Called from inside
 * virtcard_connect_open_tls, before anybody is spoken to, three times at most.
 *
 * Returns: new string (g_malloc), which is wiped and freed; NULL: give up.
 */
typedef char *(*VirtcardSecretFn) (VirtcardSecretKind kind, const char *what, guint flags, gpointer data);

/* virtcard_tls_set_secret - have fn asked when the client's key needs it; NULL: nobody */
void virtcard_tls_set_secret (VirtcardTls *tls, VirtcardSecretFn fn, gpointer data);

/* virtcard_tls_set_secret_file - the same from a file, read now; one end of line is not part of it
 *
 * It is tried once, and not when a token would be locked by it.  Returns: FALSE with "PATH: …".
 */
gboolean virtcard_tls_set_secret_file (VirtcardTls *tls, const char *path, GError **error);

/* virtcard_tls_set_timeout - for the name, the connection, the handshake and the confirmation together */
void virtcard_tls_set_timeout (VirtcardTls *tls, guint seconds);

/* virtcard_tls_set_keepalive - after how many seconds of silence a server is asked whether it is there, and
 * how many questions it may leave unanswered; seconds 0: never.  Without this every 5 seconds, 5 questions */
void virtcard_tls_set_keepalive (VirtcardTls *tls, guint seconds, guint count);

/* A certificate that a server has shown; what it gives is borrowed.  Strings may hold anything a stranger
 * wrote: who shows them on a terminal makes them safe. */
typedef struct VirtcardCertificate VirtcardCertificate;

/* virtcard_certificate_host, …_port - the server, as it was asked for */
const char *virtcard_certificate_host (const VirtcardCertificate *certificate);
guint virtcard_certificate_port (const VirtcardCertificate *certificate);

const char *virtcard_certificate_subject (const VirtcardCertificate *certificate); /* "CN=web,O=us" */
const char *virtcard_certificate_issuer (const VirtcardCertificate *certificate);

/* virtcard_certificate_names - "DNS:web.example", "IP:10.0.0.1"; NULL ends them */
const char *const *virtcard_certificate_names (const VirtcardCertificate *certificate);

/* virtcard_certificate_not_… - the first and the last second it is valid, since 1970 */
gint64 virtcard_certificate_not_before (const VirtcardCertificate *certificate);
gint64 virtcard_certificate_not_after (const VirtcardCertificate *certificate);

/* virtcard_certificate_fingerprint - of its key, "SHA256:" and base64; it stays when a certificate is renewed
 * with the same key, and 'virtcard pki show' tells it on the server */
const char *virtcard_certificate_fingerprint (const VirtcardCertificate *certificate);

/* virtcard_certificate_digest - SHA-256 of the certificate itself, "ab:cd:…" */
const char *virtcard_certificate_digest (const VirtcardCertificate *certificate);

/* virtcard_certificate_signer - the next one the server has shown, which should be who signed this one; NULL:
 * there is none.  Nobody has checked anything of it but by the faults of the first. */
const VirtcardCertificate *virtcard_certificate_signer (const VirtcardCertificate *certificate);

/* virtcard_certificate_get_pem - the certificate itself; Returns: new string */
char *virtcard_certificate_get_pem (const VirtcardCertificate *certificate);

typedef enum
{
  VIRTCARD_FAULT_UNKNOWN_ISSUER = 1,
  VIRTCARD_FAULT_SELF_SIGNED = 2, /* together with UNKNOWN_ISSUER                          */
  VIRTCARD_FAULT_EXPIRED = 4,     /* it, or a CA it was signed by                          */
  VIRTCARD_FAULT_NOT_YET_VALID = 8,
  VIRTCARD_FAULT_WRONG_NAME = 16, /* it is for another host than the one asked for         */
  VIRTCARD_FAULT_REVOKED = 32,
  VIRTCARD_FAULT_UNKNOWN_REVOKED = 64, /* the CRL is out of date                           */
  VIRTCARD_FAULT_WEAK = 128,
  VIRTCARD_FAULT_WRONG_PURPOSE = 256, /* not for a TLS server                              */
  VIRTCARD_FAULT_OTHER = 512,
  VIRTCARD_FAULT_NOT_TRUSTED_BEFORE = 1024, /* no CA vouches for it, and it is not in the list  */
  VIRTCARD_FAULT_CHANGED = 2048, /* it is in the list with another key, also when a CA vouches for this one */
} VirtcardFault;

/* virtcard_certificate_faults - what is wrong with it, VirtcardFault; 0: nothing */
guint virtcard_certificate_faults (const VirtcardCertificate *certificate);

/* virtcard_certificate_problems - the same as sentences; NULL ends them */
const char *const *virtcard_certificate_problems (const VirtcardCertificate *certificate);

/* virtcard_connect_certificate - what the server of an open connection has shown, with the faults it was
 * accepted with
 *
 * Returns: borrowed from the connection; NULL: it is not over TLS.
 */
const VirtcardCertificate *virtcard_connect_certificate (const VirtcardConnect *connect);

/* Which servers are spoken to.
 *
 * The list of known servers has the keys of those that were trusted before.  A key that is in it stands in
 * for a CA and for a name in the certificate, and for nothing else.  A server that is in it with another key
 * is refused, by all but ASK_ALWAYS.  A certificate that was revoked is never accepted, whoever says so.  A
 * list that cannot be read lets nobody be spoken to. */
typedef enum
{
  VIRTCARD_POLICY_CA = 0,               /* those a CA vouches for; no list                         */
  VIRTCARD_POLICY_CA_OR_REMEMBERED = 1, /* and those that were trusted before                      */
  VIRTCARD_POLICY_ASK = 2,              /* and of all others those that the validator accepts       */
  VIRTCARD_POLICY_ASK_ALWAYS = 3, /* those that the validator accepts: it is asked about good ones too */
} VirtcardPolicy;

typedef enum
{
  VIRTCARD_DECISION_REJECT = 0,
  VIRTCARD_DECISION_ONCE = 1,     /* accept it for this connection                         */
  VIRTCARD_DECISION_REMEMBER = 2, /* and put its key into the list, for another that is there */
} VirtcardDecision;

/* VirtcardValidatorFn - may this server be spoken to?
 *
 * Called from inside virtcard_connect_open_tls, whose 30 seconds do not go on meanwhile.
 */
typedef VirtcardDecision (*VirtcardValidatorFn) (const VirtcardCertificate *certificate, gpointer data);

/* virtcard_tls_set_policy - which servers may be spoken to; without it VIRTCARD_POLICY_CA
 *
 * fn: the validator, for the two that ask.  But for VIRTCARD_POLICY_CA no CA's certificate has to be there.
 * no_verify=1 in a URI passes over all but ASK_ALWAYS and a fingerprint.
 */
void virtcard_tls_set_policy (VirtcardTls *tls, VirtcardPolicy policy, VirtcardValidatorFn fn, gpointer data);

/* virtcard_tls_set_known_servers - where the list is; NULL: virtcard/known_servers in XDG_CONFIG_HOME */
void virtcard_tls_set_known_servers (VirtcardTls *tls, const char *path);

/* virtcard_tls_set_fingerprint - the server's key has to be this one ("SHA256:…")
 *
 * It stands in the place of policy and list.  Returns: FALSE with VIRTCARD_ERROR_INVALID.
 */
gboolean virtcard_tls_set_fingerprint (VirtcardTls *tls, const char *fingerprint, GError **error);

G_END_DECLS
