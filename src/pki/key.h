/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/certificate.h"

/* A private key, in PEM: PKCS#8 or a sort's own form, also encrypted with a passphrase. */
typedef struct
{
  struct gnutls_x509_privkey_int *key; /* GnuTLS' own                            */
  char *text;                          /* "EC 256 bits", for people              */
  guint was_encrypted : 1;             /* it took a passphrase to read it        */
} VcKey;

typedef enum
{
  VC_KEY_EC,  /* P-256     */
  VC_KEY_RSA, /* 3072 bits */
} VcKeySort;

#define VC_KEY_MAX_BYTES (64u * 1024)

/* vc_key_new - make a key.  Returns: new (free with vc_key_free), or NULL with error. */
VcKey *vc_key_new (VcKeySort sort, GError **error);

/* vc_key_read_text - the key in a text
 *
 * passphrase: NULL when there is none.  origin: the file's path, in messages "ORIGIN: …".
 *
 * Returns: new, or NULL with VC_ERROR_INVALID; VC_ERROR_DENIED when the passphrase is missing or wrong.
 */
VcKey *vc_key_read_text (const char *text, gsize len, const char *passphrase, const char *origin,
                         GError **error);

/* vc_key_read - the same from a file */
VcKey *vc_key_read (const char *path, const char *passphrase, GError **error);

/* vc_key_is_encrypted - does it take a passphrase to read the key in a text? */
gboolean vc_key_is_encrypted (const char *text, gsize len);

/* vc_key_print - the key in PEM, PKCS#8, not encrypted
 *
 * Returns: new string (free with vc_wipe_text), or NULL with error.
 */
char *vc_key_print (const VcKey *self, GError **error);

/* vc_key_fits - is it the certificate's key? */
gboolean vc_key_fits (const VcKey *self, const VcCertificate *certificate);

/* vc_key_free - wipes it; NULL is fine */
void vc_key_free (VcKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcKey, vc_key_free)
