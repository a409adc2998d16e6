/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/identity.h"
#include "pki/key.h"
#include "pki/request.h"

/* Making a CA, and certificates signed by it, that QEMU, libvirt, GnuTLS and OpenSSL take as they are. */
typedef struct
{
  char *certificate; /* PEM                                     */
  char *key;         /* PEM, not encrypted; NULL: who asked has it */
  gint64 not_after;
} VcIssued;

/* vc_issue_ca - make a CA that signs itself
 *
 * name becomes its CN.  now: seconds since 1970; valid from an hour before that.
 *
 * Returns: new (free with vc_issued_free), or NULL with error.
 */
VcIssued *vc_issue_ca (const char *name, VcKeySort sort, guint days, gint64 now, GError **error);

/* vc_issue - make a certificate for one end of connections
 *
 * names: the first becomes the CN; those that are DNS names or IP addresses become alternative names, which
 * for a server all have to be, for a client all but the first.  Ends with its CA at the latest.
 *
 * Returns: new, or NULL with VC_ERROR_INVALID for a name, a CA that is none, or a key that is not its.
 */
VcIssued *vc_issue (const VcCertificate *ca, const VcKey *ca_key, VcPkiEnd end, char *const *names,
                    VcKeySort sort, guint days, gint64 now, GError **error);

/* vc_issue_check - would it do so?  FALSE with its error */
gboolean vc_issue_check (const VcCertificate *ca, const VcKey *ca_key, VcPkiEnd end, char *const *names,
                         gint64 now, GError **error);

/* vc_issue_requested - vc_issue for a key somebody else has: of the request nothing but that counts */
VcIssued *vc_issue_requested (const VcCertificate *ca, const VcKey *ca_key, VcPkiEnd end, char *const *names,
                              const VcRequest *request, guint days, gint64 now, GError **error);

/* vc_issue_dh_params - a standard group (RFC 7919, 3072 bits) in PEM
 *
 * Returns: new string, or NULL with error.
 */
char *vc_issue_dh_params (GError **error);

/* vc_issued_free - wipes the key; NULL is fine */
void vc_issued_free (VcIssued *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcIssued, vc_issued_free)
