/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/key.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/wipe.h"

#define RSA_BITS 3072u

static gpointer
fail (GError **error, const char *what, int rc)
{
  return vc_fail_null (error, VC_ERROR_FAILED, "%s: %s", what, gnutls_strerror (rc));
}

static VcKey *
new_empty (GError **error)
{
  g_autoptr (VcKey) self = g_new0 (VcKey, 1);
  int rc = gnutls_x509_privkey_init (&self->key);

  return rc < 0 ? fail (error, "cannot make a private key", rc) : g_steal_pointer (&self);
}

static void
describe (VcKey *self)
{
  unsigned bits = 0;
  int algorithm = gnutls_x509_privkey_get_pk_algorithm2 (self->key, &bits);
  const char *name = algorithm >= 0 ? gnutls_pk_get_name (algorithm) : NULL;

  if (name == NULL)
    self->text = g_strdup ("of an unknown sort");
  else
    self->text = g_strdup_printf ("%s %u bits", g_str_has_prefix (name, "EC/") ? "EC" : name, bits);
}

VcKey *
vc_key_new (VcKeySort sort, GError **error)
{
  g_autoptr (VcKey) self = new_empty (error);
  int rc;

  if (self == NULL)
    return NULL;
  if (sort == VC_KEY_RSA)
    rc = gnutls_x509_privkey_generate (self->key, GNUTLS_PK_RSA, RSA_BITS, 0);
  else
    rc = gnutls_x509_privkey_generate (self->key, GNUTLS_PK_ECDSA,
                                       GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0);
  if (rc < 0)
    return fail (error, "cannot make a private key", rc);
  describe (self);
  return g_steal_pointer (&self);
}

static gboolean
has (const char *text, gsize len, const char *part)
{
  return memmem (text, len, part, strlen (part)) != NULL;
}

gboolean
vc_key_is_encrypted (const char *text, gsize len)
{
  return has (text, len, "-----BEGIN ENCRYPTED PRIVATE KEY-----")
         || (has (text, len, "PRIVATE KEY-----") && has (text, len, "Proc-Type: 4,ENCRYPTED"));
}

VcKey *
vc_key_read_text (const char *text, gsize len, const char *passphrase, const char *origin, GError **error)
{
  g_autoptr (VcKey) self = new_empty (error);
  const gnutls_datum_t pem = { .data = (guchar *) text, .size = (unsigned) len };
  gboolean encrypted = vc_key_is_encrypted (text, len);
  int rc;

  if (self == NULL)
    return NULL;
  if (len > VC_KEY_MAX_BYTES)
    return vc_fail_null (error, VC_ERROR_LIMIT, "%s: has more than %u bytes", origin, VC_KEY_MAX_BYTES);
  if (len == 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: is empty", origin);
  if (!has (text, len, "PRIVATE KEY-----"))
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: holds no private key in PEM form", origin);
  if (encrypted && passphrase == NULL)
    return vc_fail_null (error, VC_ERROR_DENIED,
                         "%s: the key is encrypted, and there is no passphrase for it", origin);
  rc = gnutls_x509_privkey_import2 (self->key, &pem, GNUTLS_X509_FMT_PEM, encrypted ? passphrase : NULL, 0);
  if (rc < 0 && encrypted)
    return vc_fail_null (error, VC_ERROR_DENIED, "%s: the key does not open with its passphrase", origin);
  if (rc < 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: holds a damaged private key", origin);
  self->was_encrypted = encrypted;
  describe (self);
  return g_steal_pointer (&self);
}

VcKey *
vc_key_read (const char *path, const char *passphrase, GError **error)
{
  gsize len;
  char *text = vc_file_read (path, VC_KEY_MAX_BYTES, &len, error);
  VcKey *self = text != NULL ? vc_key_read_text (text, len, passphrase, path, error) : NULL;

  vc_wipe_free (text, text != NULL ? len : 0);
  return self;
}

char *
vc_key_print (const VcKey *self, GError **error)
{
  gnutls_datum_t pem = { 0 };
  int rc = gnutls_x509_privkey_export2_pkcs8 (self->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem);
  char *text;

  if (rc < 0)
    return fail (error, "cannot write a private key", rc);
  text = g_strndup ((const char *) pem.data, pem.size);
  explicit_bzero (pem.data, pem.size);
  gnutls_free (pem.data);
  return text;
}

gboolean
vc_key_fits (const VcKey *self, const VcCertificate *certificate)
{
  guint8 a[64], b[64];
  size_t a_size = sizeof a, b_size = sizeof b;

  return gnutls_x509_privkey_get_key_id (self->key, GNUTLS_KEYID_USE_SHA256, a, &a_size) >= 0
         && gnutls_x509_crt_get_key_id (certificate->crt, GNUTLS_KEYID_USE_SHA256, b, &b_size) >= 0
         && a_size == b_size && memcmp (a, b, a_size) == 0;
}

void
vc_key_free (VcKey *self)
{
  if (self == NULL)
    return;
  if (self->key != NULL)
    gnutls_x509_privkey_deinit (self->key);
  g_free (self->text);
  g_free (self);
}
