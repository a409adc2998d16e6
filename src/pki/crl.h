/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/certificate.h"

/* A list of certificates that were taken back by the CA that had signed them. */
typedef struct
{
  char *issuer;       /* RFC 4514                                   */
  gint64 this_update; /* when it was made                           */
  gint64 next_update; /* until when it counts; -1: it does not say  */
  guint n_revoked;
  struct gnutls_x509_crl_int *crl; /* GnuTLS' own                    */
} VcCrl;

/* vc_crls_read_text - all CRLs of a text in PEM
 *
 * Returns: new array of VcCrl, at least one, or NULL with VC_ERROR_INVALID or VC_ERROR_LIMIT: "ORIGIN: …".
 */
GPtrArray *vc_crls_read_text (const char *text, gsize len, const char *origin, GError **error);

/* vc_crl_has - does it take the certificate back? */
gboolean vc_crl_has (const VcCrl *self, const VcCertificate *certificate);

/* vc_crl_is_signed_by - did one of these CAs (VcCertificate) make it?  Its dates are not looked at. */
gboolean vc_crl_is_signed_by (const VcCrl *self, const GPtrArray *cas);

/* vc_crl_print - what it says, a fact a line.  Returns: new string. */
char *vc_crl_print (const VcCrl *self, gint64 now);

/* vc_crl_free - NULL is fine */
void vc_crl_free (VcCrl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcCrl, vc_crl_free)
