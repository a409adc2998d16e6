/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A text locked up for QEMU's `secret` objects: AES-256-CBC with PKCS#7 padding, in base64. */

#define VC_SEAL_KEY 32 /* bytes of a key */
#define VC_SEAL_IV  16

typedef struct
{
  char *data;
  char *iv; /* drawn for this text alone */
} VcSealed;

/* vc_seal_random - fill a buffer with bytes nobody can guess; FALSE with error when there are none */
gboolean vc_seal_random (guint8 *bytes, gsize len, GError **error);

/* vc_seal - lock a text up under a key of VC_SEAL_KEY bytes
 *
 * Returns: TRUE, with new strings in *ret_sealed (free with vc_sealed_clear); or FALSE with error.
 */
gboolean vc_seal (const guint8 *key, const char *text, gsize len, VcSealed *ret_sealed, GError **error);

/* vc_sealed_clear - free what is in it */
void vc_sealed_clear (VcSealed *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VcSealed, vc_sealed_clear)
