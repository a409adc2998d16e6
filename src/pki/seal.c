/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/seal.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "base/error.h"
#include "base/wipe.h"

#define BLOCK 16

gboolean
vc_seal_random (guint8 *bytes, gsize len, GError **error)
{
  int status = gnutls_rnd (GNUTLS_RND_KEY, bytes, len);

  return status == 0
         || vc_fail (error, VC_ERROR_FAILED, "no random bytes for a key: %s", gnutls_strerror (status));
}

/* In place. */
static int
encrypt (const guint8 *key, const guint8 *iv, char *bytes, gsize len)
{
  gnutls_datum_t its_key = { (guint8 *) key, VC_SEAL_KEY }, its_iv = { (guint8 *) iv, VC_SEAL_IV };
  gnutls_cipher_hd_t cipher;
  int status = gnutls_cipher_init (&cipher, GNUTLS_CIPHER_AES_256_CBC, &its_key, &its_iv);

  if (status != 0)
    return status;
  status = gnutls_cipher_encrypt (cipher, bytes, len);
  gnutls_cipher_deinit (cipher);
  return status;
}

gboolean
vc_seal (const guint8 *key, const char *text, gsize len, VcSealed *ret_sealed, GError **error)
{
  guint8 iv[VC_SEAL_IV];
  gsize padding = BLOCK - len % BLOCK, size = len + padding;
  char *bytes;
  int status;

  if (!vc_seal_random (iv, sizeof iv, error))
    return FALSE;
  bytes = g_malloc (size);
  memcpy (bytes, text, len);
  memset (bytes + len, (int) padding, padding);
  status = encrypt (key, iv, bytes, size);
  if (status == 0)
    {
      ret_sealed->data = g_base64_encode ((const guint8 *) bytes, size);
      ret_sealed->iv = g_base64_encode (iv, sizeof iv);
    }
  vc_wipe_free (bytes, size);
  return status == 0 || vc_fail (error, VC_ERROR_FAILED, "cannot encrypt: %s", gnutls_strerror (status));
}

void
vc_sealed_clear (VcSealed *self)
{
  g_clear_pointer (&self->data, g_free);
  g_clear_pointer (&self->iv, g_free);
}
