/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/key.h"

/* Somebody asks for a certificate (PKCS#10), and has the key it is to be of. */
typedef struct
{
  struct gnutls_pubkey_st *key; /* GnuTLS' own                     */
  char *text;                   /* "EC 256 bits": what sort it is  */
} VcRequest;

#define VC_REQUEST_MAX_BYTES 4096u

/* vc_request_new - ask for a certificate of a key
 *
 * Names nobody: who signs knows for whom.  Returns: new bytes (DER), or NULL with error.
 */
GBytes *vc_request_new (const VcKey *key, GError **error);

/* vc_request_read - what somebody asks for, in DER
 *
 * It has to be signed with the key it is for, and that to be fit: EC of 256 bits and more, Ed25519, Ed448,
 * RSA of 2048 to 8192 bits.
 *
 * Returns: new (free with vc_request_free), or NULL with VC_ERROR_INVALID.
 */
VcRequest *vc_request_read (const guint8 *bytes, gsize len, GError **error);

/* vc_request_free - NULL is fine */
void vc_request_free (VcRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcRequest, vc_request_free)
