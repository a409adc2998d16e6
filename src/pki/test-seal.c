/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/seal.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

/* What QEMU does with it. */
static char *
open_sealed (const guint8 *key, const VcSealed *sealed)
{
  gsize len, iv_len;
  g_autofree guint8 *bytes = g_base64_decode (sealed->data, &len);
  g_autofree guint8 *iv = g_base64_decode (sealed->iv, &iv_len);
  gnutls_datum_t its_key = { (guint8 *) key, VC_SEAL_KEY }, its_iv = { iv, (unsigned) iv_len };
  gnutls_cipher_hd_t cipher;

  g_assert_cmpuint (iv_len, ==, 16);
  g_assert_cmpuint (len % 16, ==, 0);
  g_assert_cmpint (gnutls_cipher_init (&cipher, GNUTLS_CIPHER_AES_256_CBC, &its_key, &its_iv), ==, 0);
  g_assert_cmpint (gnutls_cipher_decrypt (cipher, bytes, len), ==, 0);
  gnutls_cipher_deinit (cipher);
  g_assert_cmpuint (bytes[len - 1], >=, 1);
  g_assert_cmpuint (bytes[len - 1], <=, 16);
  for (gsize i = len - bytes[len - 1]; i < len; i++)
    g_assert_cmpuint (bytes[i], ==, bytes[len - 1]);
  return g_strndup ((const char *) bytes, len - bytes[len - 1]);
}

static void
test_round (void)
{
  guint8 key[VC_SEAL_KEY];
  GString *text = g_string_new (NULL);

  g_assert_true (vc_seal_random (key, sizeof key, NULL));
  for (guint len = 0; len < 40; len++)
    {
      g_auto (VcSealed) sealed = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *back = NULL;

      g_assert_true (vc_seal (key, text->str, text->len, &sealed, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (strlen (sealed.data), ==,
                        (len / 16 + 1) * 16 / 3 * 4 + ((len / 16 + 1) * 16 % 3 != 0 ? 4 : 0));
      back = open_sealed (key, &sealed);
      g_assert_cmpstr (back, ==, text->str);
      g_string_append_c (text, (char) ('a' + len % 26));
    }
  g_string_free (text, TRUE);
}

/* The same text twice does not look the same. */
static void
test_fresh (void)
{
  const guint8 key[VC_SEAL_KEY] = { 1, 2, 3 };
  g_auto (VcSealed) one = { 0 }, other = { 0 };

  g_assert_true (vc_seal (key, "text", 4, &one, NULL));
  g_assert_true (vc_seal (key, "text", 4, &other, NULL));
  g_assert_cmpstr (one.iv, !=, other.iv);
  g_assert_cmpstr (one.data, !=, other.data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/round", test_round);
  g_test_add_func ("/seal/fresh", test_fresh);
  return g_test_run ();
}
