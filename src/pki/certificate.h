/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What an X.509 certificate says, read once.
 *
 * Times are seconds since 1970.  Strings are UTF-8 and may hold anything a stranger wrote: who shows them
 * on a terminal makes them safe.
 */
typedef struct
{
  char *origin;      /* where it was read, for messages                          */
  char *subject;     /* RFC 4514, "CN=web,O=us"; "" where it has none            */
  char *issuer;      /* the same for who signed it                               */
  char *common_name; /* the subject's, or NULL                                   */
  char **names;      /* "DNS:web.example", "IP:10.0.0.1", "EMAIL:…", "URI:…"     */
  gint64 not_before; /* first and last second it is valid                        */
  gint64 not_after;
  char *serial;          /* hexadecimal digits                                       */
  char *fingerprint;     /* SHA-256, "ab:cd:…"                                       */
  char *key_fingerprint; /* of its key: "SHA256:…" (pki/fingerprint.h)               */
  char *key;             /* "EC 256 bits", "RSA 2048 bits", "EdDSA (Ed25519) …"      */
  guint key_bits;
  char *signature; /* "ECDSA-SHA256": how its issuer signed                    */
  char **usages;   /* "digital signature"…; NULL: it does not say              */
  char **purposes; /* "TLS server"…, an OID where it is unknown; NULL: not said */
  guint is_rsa : 1;
  guint is_weak_key : 1;       /* RSA of less than 2048 bits and the like                  */
  guint is_weak_signature : 1; /* SHA-1, MD5                                           */
  guint is_ca : 1;
  guint says_ca : 1; /* it has basic constraints                                 */
  guint usage_is_critical : 1;
  guint may_sign : 1;     /* key usage: TLS' signatures, or nothing said              */
  guint may_encipher : 1; /* RSA key exchange, or nothing said                        */
  guint may_sign_certificates : 1;
  guint may_sign_crls : 1;
  guint may_serve : 1;             /* purposes: as a TLS server, or nothing said               */
  guint may_connect : 1;           /* as a TLS client, or nothing said                         */
  struct gnutls_x509_crt_int *crt; /* GnuTLS' own                                      */
} VcCertificate;

#define VC_PKI_MAX_BYTES        (1024u * 1024) /* of a file of certificates, or a CRL    */
#define VC_PKI_MAX_CERTIFICATES 64u            /* in a file                              */

/* vc_certificates_read_text - all certificates of a text in PEM
 *
 * Text around them is passed over.  origin: the file's path, in messages "ORIGIN: …".
 *
 * Returns: new array of VcCertificate, at least one, or NULL with VC_ERROR_INVALID or VC_ERROR_LIMIT.
 */
GPtrArray *vc_certificates_read_text (const char *text, gsize len, const char *origin, GError **error);

/* vc_certificates_read - the same from a file */
GPtrArray *vc_certificates_read (const char *path, GError **error);

/* vc_certificate_read_crt - what GnuTLS' certificate says
 *
 * Takes crt_taken, also when it fails.
 *
 * Returns: new (free with vc_certificate_free), or NULL with VC_ERROR_INVALID.
 */
VcCertificate *vc_certificate_read_crt (struct gnutls_x509_crt_int *crt_taken, const char *origin,
                                        GError **error);

/* vc_certificate_read_der - the same for what a TLS session shows */
VcCertificate *vc_certificate_read_der (const guint8 *bytes, guint len, const char *origin, GError **error);

/* vc_certificate_free - NULL is fine */
void vc_certificate_free (VcCertificate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcCertificate, vc_certificate_free)

/* vc_certificate_print - all it says, a fact a line, for people
 *
 * Returns: new string.
 */
char *vc_certificate_print (const VcCertificate *self, gint64 now);

/* vc_certificate_print_pem - the certificate itself, in PEM.  Returns: new string. */
char *vc_certificate_print_pem (const VcCertificate *self);

/* vc_certificate_has_name - may it stand for that host?  DNS name (wildcards count) or IP address */
gboolean vc_certificate_has_name (const VcCertificate *self, const char *host);

/* vc_certificate_is_signed_by - did that CA sign it?  Dates are not looked at. */
gboolean vc_certificate_is_signed_by (const VcCertificate *self, const VcCertificate *ca);

/* vc_pki_time_print - a time, "2030-01-31 23:59:59 UTC".  Returns: new string. */
char *vc_pki_time_print (gint64 seconds);
