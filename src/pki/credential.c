/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/credential.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/error.h"
#include "pki/crl.h"
#include "pki/identity.h"

/* Behind whatever an administrator wishes: nothing of this is wanted by anybody who knows it. */
#define FLOOR                                                                                                \
  ":-VERS-SSL3.0:-VERS-TLS1.0:-VERS-TLS1.1:-RSA:-ANON-ECDH:-ANON-DH:-3DES-CBC:-ARCFOUR-128:-NULL:-MD5:"      \
  "-SIGN-RSA-MD5:-SIGN-RSA-SHA1:-SIGN-DSA-SHA1:-SIGN-ECDSA-SHA1:%SAFE_RENEGOTIATION"

struct VcCredential
{
  gnutls_certificate_credentials_t x509;
  gnutls_priority_t priority;
  GPtrArray *chain; /* VcCertificate, our own first */
  GPtrArray *crls;  /* VcCrl, or NULL               */
  char *missing_ca; /* of the folder                */
  char *trust;      /* SHA-256 of the CAs' file     */
};

/* Returns: NULL with error. */
static gnutls_priority_t
read_priority (const char *text, GError **error)
{
  g_autofree char *whole = g_strconcat (text != NULL ? text : VC_TLS_PRIORITY, FLOOR, NULL);
  const unsigned *list;
  gnutls_priority_t priority;
  int rc;

  rc = gnutls_priority_init (&priority, whole, NULL);
  if (rc < 0 && rc != GNUTLS_E_NO_PRIORITIES_WERE_SET)
    return vc_fail_null (error, VC_ERROR_INVALID, "'%s' is not a priority of GnuTLS", text);
  if (rc >= 0 && gnutls_priority_protocol_list (priority, &list) > 0
      && gnutls_priority_kx_list (priority, &list) > 0 && gnutls_priority_cipher_list (priority, &list) > 0)
    return priority;
  if (rc >= 0)
    gnutls_priority_deinit (priority);
  return vc_fail_null (error, VC_ERROR_INVALID,
                       "'%s' leaves nothing of TLS 1.2 and 1.3 with a key for every session", text);
}

gboolean
vc_tls_priority_check (const char *priority, GError **error)
{
  gnutls_priority_t made = read_priority (priority, error);

  if (made == NULL)
    return FALSE;
  gnutls_priority_deinit (made);
  return TRUE;
}

static gnutls_datum_t
pem_of (const VcPkiFile *file)
{
  return (gnutls_datum_t){ .data = (guchar *) file->bytes, .size = (unsigned) file->len };
}

static gboolean
fail_gnutls (GError **error, const VcPkiFile *file, int rc)
{
  return vc_fail (error, VC_ERROR_INVALID, "%s: cannot be used: %s", file->path, gnutls_strerror (rc));
}

static gboolean
put_trust (VcCredential *self, const VcPkiFolder *folder, GError **error)
{
  const VcPkiFile *ca = &folder->files[VC_PKI_CA_CERT], *crl = &folder->files[VC_PKI_CA_CRL];
  const gnutls_datum_t ca_pem = pem_of (ca), crl_pem = pem_of (crl);
  int rc = gnutls_certificate_allocate_credentials (&self->x509);

  if (rc >= 0 && ca->bytes != NULL)
    rc = gnutls_certificate_set_x509_trust_mem (self->x509, &ca_pem, GNUTLS_X509_FMT_PEM);
  if (rc < 0)
    return fail_gnutls (error, ca, rc);
  if (ca->bytes == NULL)
    self->missing_ca = g_strdup (folder->missing_ca);
  self->trust = g_compute_checksum_for_data (G_CHECKSUM_SHA256, ca_pem.data, ca_pem.size);
  if (crl->bytes == NULL)
    return TRUE;
  rc = gnutls_certificate_set_x509_crl_mem (self->x509, &crl_pem, GNUTLS_X509_FMT_PEM);
  if (rc < 0)
    return fail_gnutls (error, crl, rc);
  self->crls = vc_crls_read_text (crl->bytes, crl->len, crl->path, error);
  return self->crls != NULL;
}

static gboolean
put_own (VcCredential *self, const VcPkiFile *cert, const VcPkiFile *key, GError **error)
{
  const gnutls_datum_t cert_pem = pem_of (cert), key_pem = pem_of (key);
  int rc
      = gnutls_certificate_set_x509_key_mem2 (self->x509, &cert_pem, &key_pem, GNUTLS_X509_FMT_PEM, NULL, 0);

  if (rc < 0)
    return fail_gnutls (error, cert, rc);
  self->chain = vc_certificates_read_text (cert->bytes, cert->len, cert->path, error);
  return self->chain != NULL;
}

/* All parts are known to be good, or to be read at least. */
static VcCredential *
make (const VcPkiFolder *folder, VcPkiPart cert, VcPkiPart key, const char *priority, GError **error)
{
  g_autoptr (VcCredential) self = g_atomic_rc_box_new0 (VcCredential);

  self->priority = read_priority (priority, error);
  if (self->priority == NULL || !put_trust (self, folder, error))
    return NULL;
  if (folder->files[cert].bytes != NULL && !put_own (self, &folder->files[cert], &folder->files[key], error))
    return NULL;
  return g_steal_pointer (&self);
}

VcCredential *
vc_credential_new (const VcPkiFolder *folder, const char *priority, gint64 now, GPtrArray *problems,
                   GError **error)
{
  if (!vc_pki_check (folder, VC_PKI_SERVER, NULL, TRUE, now, problems, error))
    return NULL;
  return make (folder, VC_PKI_SERVER_CERT, VC_PKI_SERVER_KEY, priority, error);
}

/* What the check would have found too: a part that is needed and cannot be read. */
static gboolean
need (const VcPkiFile *file, gboolean is_optional, GError **error)
{
  if (file->bytes != NULL || (is_optional && file->errsv == ENOENT))
    return TRUE;
  return vc_fail_errno (error, file->errsv, "%s", file->path);
}

VcCredential *
vc_credential_new_client (const VcPkiFolder *folder, gboolean is_checked, const char *priority, gint64 now,
                          GPtrArray *problems, GError **error)
{
  gboolean has_none = !vc_pki_has_end (folder, VC_PKI_CLIENT);

  if (is_checked && !vc_pki_check (folder, VC_PKI_CLIENT, NULL, TRUE, now, problems, error))
    return NULL;
  if (!need (&folder->files[VC_PKI_CA_CERT], folder->missing_ca != NULL, error)
      || !need (&folder->files[VC_PKI_CA_CRL], TRUE, error)
      || !need (&folder->files[VC_PKI_CLIENT_CERT], has_none, error)
      || !need (&folder->files[VC_PKI_CLIENT_KEY], has_none, error))
    return NULL;
  return make (folder, VC_PKI_CLIENT_CERT, VC_PKI_CLIENT_KEY, priority, error);
}

const VcCertificate *
vc_credential_own (const VcCredential *self)
{
  return self->chain != NULL ? self->chain->pdata[0] : NULL;
}

const char *
vc_credential_missing_ca (const VcCredential *self)
{
  return self->missing_ca;
}

gboolean
vc_credential_has_crl (const VcCredential *self)
{
  return self->crls != NULL;
}

gnutls_certificate_credentials_t
vc_credential_gnutls (const VcCredential *self)
{
  return self->x509;
}

gnutls_priority_t
vc_credential_priority (const VcCredential *self)
{
  return self->priority;
}

gboolean
vc_credential_has_old_crl (const VcCredential *self, gint64 now)
{
  for (guint i = 0; self->crls != NULL && i < self->crls->len; i++)
    {
      const VcCrl *crl = self->crls->pdata[i];

      if ((crl->next_update != -1 && now > crl->next_update) || now < crl->this_update)
        return TRUE;
    }
  return FALSE;
}

gboolean
vc_credential_revokes (const VcCredential *self, const VcCertificate *certificate)
{
  for (guint i = 0; self->crls != NULL && i < self->crls->len; i++)
    if (vc_crl_has (self->crls->pdata[i], certificate))
      return TRUE;
  return FALSE;
}

gboolean
vc_credential_has_same_trust (const VcCredential *self, const VcCredential *other)
{
  return strcmp (self->trust, other->trust) == 0;
}

gboolean
vc_credential_trusts (const VcCredential *self, const GPtrArray *chain)
{
  const unsigned bad
      = GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_NOT_CA;
  g_autofree gnutls_x509_crt_t *crts = g_new (gnutls_x509_crt_t, chain->len);
  gnutls_x509_trust_list_t cas;
  unsigned status = 0;

  for (guint i = 0; i < chain->len; i++)
    crts[i] = ((const VcCertificate *) chain->pdata[i])->crt;
  gnutls_certificate_get_trust_list (self->x509, &cas);
  return gnutls_x509_trust_list_verify_crt2 (cas, crts, chain->len, NULL, 0,
                                             GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status, NULL)
             >= 0
         && (status & bad) == 0;
}

VcCredential *
vc_credential_ref (VcCredential *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  VcCredential *self = data;

  if (self->x509 != NULL)
    gnutls_certificate_free_credentials (self->x509);
  if (self->priority != NULL)
    gnutls_priority_deinit (self->priority);
  g_clear_pointer (&self->chain, g_ptr_array_unref);
  g_clear_pointer (&self->crls, g_ptr_array_unref);
  g_free (self->missing_ca);
  g_free (self->trust);
}

void
vc_credential_unref (VcCredential *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, clear);
}
