/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/crl.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/error.h"
#include "pki/text.h"

#define MAX_CRLS 64u /* in a file */

/* Takes crl. */
static VcCrl *
read_crl (gnutls_x509_crl_t crl)
{
  VcCrl *self = g_new0 (VcCrl, 1);
  gnutls_datum_t issuer = { 0 };
  int n = gnutls_x509_crl_get_crt_count (crl);

  self->crl = crl;
  if (gnutls_x509_crl_get_issuer_dn3 (crl, &issuer, 0) >= 0 && issuer.data != NULL)
    self->issuer = vc_pki_text (issuer.data, issuer.size);
  else
    self->issuer = g_strdup ("");
  gnutls_free (issuer.data);
  self->this_update = gnutls_x509_crl_get_this_update (crl);
  self->next_update = gnutls_x509_crl_get_next_update (crl);
  self->n_revoked = n > 0 ? (guint) n : 0;
  return self;
}

GPtrArray *
vc_crls_read_text (const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) vc_crl_free);
  const gnutls_datum_t pem = { .data = (guchar *) text, .size = (unsigned) len };
  gnutls_x509_crl_t crls[MAX_CRLS];
  unsigned n = G_N_ELEMENTS (crls);
  int rc;

  if (len > VC_PKI_MAX_BYTES)
    return vc_fail_null (error, VC_ERROR_LIMIT, "%s: has more than %u bytes", origin, VC_PKI_MAX_BYTES);
  if (len == 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: is empty", origin);
  rc = gnutls_x509_crl_list_import (crls, &n, &pem, GNUTLS_X509_FMT_PEM,
                                    GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
  if (rc == GNUTLS_E_SHORT_MEMORY_BUFFER)
    return vc_fail_null (error, VC_ERROR_LIMIT, "%s: holds more than %u CRLs", origin, MAX_CRLS);
  if (rc <= 0 || n == 0)
    return vc_fail_null (error, VC_ERROR_INVALID,
                         memmem (text, len, "-----BEGIN X509 CRL-----", 24) != NULL
                             ? "%s: holds a damaged CRL"
                             : "%s: holds no CRL in PEM form",
                         origin);
  for (unsigned i = 0; i < n; i++)
    g_ptr_array_add (list, read_crl (crls[i]));
  return g_steal_pointer (&list);
}

gboolean
vc_crl_has (const VcCrl *self, const VcCertificate *certificate)
{
  const gnutls_x509_crl_t crl = self->crl;

  return gnutls_x509_crt_check_revocation (certificate->crt, &crl, 1) == 1;
}

gboolean
vc_crl_is_signed_by (const VcCrl *self, const GPtrArray *cas)
{
  for (guint i = 0; i < cas->len; i++)
    {
      const gnutls_x509_crt_t ca = ((const VcCertificate *) cas->pdata[i])->crt;
      unsigned status = 0;

      if (gnutls_x509_crl_verify (self->crl, &ca, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) >= 0
          && (status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE)) == 0)
        return TRUE;
    }
  return FALSE;
}

char *
vc_crl_print (const VcCrl *self, gint64 now)
{
  g_autofree char *made = vc_pki_time_print (self->this_update);
  g_autofree char *next = self->next_update != -1 ? vc_pki_time_print (self->next_update) : NULL;

  return g_strdup_printf (
      "CRL of       %s\nmade         %s%s\nnext one by  %s%s\nrevoked      %u certificates\n",
      *self->issuer != '\0' ? self->issuer : "(nobody)", made, now < self->this_update ? " (not yet)" : "",
      next != NULL ? next : "(not said)", next != NULL && now > self->next_update ? " (out of date)" : "",
      self->n_revoked);
}

void
vc_crl_free (VcCrl *self)
{
  if (self == NULL)
    return;
  if (self->crl != NULL)
    gnutls_x509_crl_deinit (self->crl);
  g_free (self->issuer);
  g_free (self);
}
