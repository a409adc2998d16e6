/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/request.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/error.h"

#define MIN_EC  256u
#define MIN_RSA 2048u
#define MAX_RSA 8192u

static int
sign (gnutls_x509_crq_t crq, const VcKey *key)
{
  gnutls_privkey_t own;
  int rc = gnutls_privkey_init (&own);

  if (rc < 0)
    return rc;
  rc = gnutls_privkey_import_x509 (own, key->key, 0);
  if (rc >= 0)
    rc = gnutls_x509_crq_set_version (crq, 1);
  if (rc >= 0)
    rc = gnutls_x509_crq_set_key (crq, key->key);
  if (rc >= 0)
    rc = gnutls_x509_crq_privkey_sign (crq, own, GNUTLS_DIG_SHA256, 0);
  gnutls_privkey_deinit (own);
  return rc;
}

GBytes *
vc_request_new (const VcKey *key, GError **error)
{
  gnutls_datum_t der = { 0 };
  gnutls_x509_crq_t crq;
  GBytes *bytes = NULL;
  int rc = gnutls_x509_crq_init (&crq);

  if (rc >= 0)
    {
      rc = sign (crq, key);
      if (rc >= 0)
        rc = gnutls_x509_crq_export2 (crq, GNUTLS_X509_FMT_DER, &der);
      gnutls_x509_crq_deinit (crq);
    }
  if (rc < 0)
    return vc_fail_null (error, VC_ERROR_FAILED, "cannot ask for a certificate: %s", gnutls_strerror (rc));
  bytes = g_bytes_new (der.data, der.size);
  gnutls_free (der.data);
  return bytes;
}

static gboolean
is_fit (int algorithm, unsigned bits)
{
  switch (algorithm)
    {
    case GNUTLS_PK_ECDSA:
      return bits >= MIN_EC;
    case GNUTLS_PK_EDDSA_ED25519:
    case GNUTLS_PK_EDDSA_ED448:
      return TRUE;
    case GNUTLS_PK_RSA:
      return bits >= MIN_RSA && bits <= MAX_RSA;
    default:
      return FALSE;
    }
}

static VcRequest *
read_crq (gnutls_x509_crq_t crq, GError **error)
{
  g_autoptr (VcRequest) self = g_new0 (VcRequest, 1);
  unsigned bits = 0;
  int algorithm;

  if (gnutls_pubkey_init (&self->key) < 0 || gnutls_pubkey_import_x509_crq (self->key, crq, 0) < 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "the request has no key that can be read");
  algorithm = gnutls_pubkey_get_pk_algorithm (self->key, &bits);
  self->text = g_strdup_printf ("%s %u bits", gnutls_pk_get_name (algorithm), bits);
  if (!is_fit (algorithm, bits))
    return vc_fail_null (error, VC_ERROR_INVALID, "the request's key is not fit: %s", self->text);
  if (gnutls_x509_crq_verify (crq, 0) < 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "the request is not signed with its key");
  return g_steal_pointer (&self);
}

VcRequest *
vc_request_read (const guint8 *bytes, gsize len, GError **error)
{
  const gnutls_datum_t der = { .data = (guchar *) bytes, .size = (unsigned) len };
  VcRequest *self = NULL;
  gnutls_x509_crq_t crq;

  if (len > VC_REQUEST_MAX_BYTES)
    return vc_fail_null (error, VC_ERROR_INVALID, "the request has more than %u bytes", VC_REQUEST_MAX_BYTES);
  if (gnutls_x509_crq_init (&crq) < 0)
    return vc_fail_null (error, VC_ERROR_FAILED, "cannot read a request");
  if (gnutls_x509_crq_import (crq, &der, GNUTLS_X509_FMT_DER) < 0)
    vc_fail (error, VC_ERROR_INVALID, "it is no request for a certificate");
  else
    self = read_crq (crq, error);
  gnutls_x509_crq_deinit (crq);
  return self;
}

void
vc_request_free (VcRequest *self)
{
  if (self == NULL)
    return;
  if (self->key != NULL)
    gnutls_pubkey_deinit (self->key);
  g_free (self->text);
  g_free (self);
}
