/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "api/internal.h"
#include "pki/folder.h"

/* For tls.c and certificate.c: what a program says about TLS, and what it is shown. */

struct VirtcardTls
{
  VcPkiFolder *folder; /* what was given; its paths are names for messages */
  gboolean has_parts;
  guint timeout_s, keepalive_s, keepalive_n;
  VirtcardPolicy policy;
  VirtcardValidatorFn validator;
  gpointer validator_data;
  char *known_servers; /* path, or NULL      */
  char *fingerprint;   /* "SHA256:…", or NULL */
};

/* vc_api_certificate_new - a server's, with those who signed it
 *
 * chain: VcCertificate, held; flaws: VcTlsFlaw.
 *
 * Returns: new (free with vc_api_certificate_free).
 */
VirtcardCertificate *vc_api_certificate_new (const char *host, guint port, GPtrArray *chain,
                                             const GPtrArray *flaws);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VirtcardCertificate, vc_api_certificate_free)
