/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "pki/token.h"

static void
test_certificate (void)
{
  static const char *const rows[][2] = {
    { "pkcs11:object=a", "pkcs11:object=a;type=cert" },
    { "pkcs11:token=my%20card;object=a;type=private", "pkcs11:token=my%20card;object=a;type=cert" },
    { "pkcs11:type=private;id=%01", "pkcs11:id=%01;type=cert" },
    { "pkcs11:object-type=private;id=%01?pin-source=file:/a;type=x",
      "pkcs11:id=%01;type=cert?pin-source=file:/a;type=x" },
    { "pkcs11:", "pkcs11:type=cert" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *uri = vc_token_certificate_uri (rows[i][0]);

      g_assert_cmpstr (uri, ==, rows[i][1]);
    }
}

static void
test_check (void)
{
  static const char *const bad[]
      = { "", "/k.pem", "PKCS11:object=a", "pkcs11:object=a?pin-value=1", "a?pin-value=1" };

  g_assert_true (vc_token_check_uri ("pkcs11:object=a?pin-source=file:/a", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (vc_token_check_uri (bad[i], &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
      g_assert_null (g_strrstr (error->message, "=1"));
    }
}

/* What is asked for in no token. */
static void
test_nowhere (void)
{
  const VcSecretAsk nobody = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_null (vc_token_read_certificate ("pkcs11:token=no-such-token-here;type=cert", &nobody, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token/certificate", test_certificate);
  g_test_add_func ("/token/check", test_check);
  g_test_add_func ("/token/nowhere", test_nowhere);
  return g_test_run ();
}
