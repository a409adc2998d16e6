/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A list of trusted servers as it may come: what is read is printed so that it is read again. */
#include <string.h>

#include "pki/trust.h"

#define KEY "SHA256:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

static VcTrust *
read_again (const VcTrust *list)
{
  g_autofree char *text = vc_trust_print (list);
  VcTrust *again = vc_trust_read_text (text, strlen (text), "f", NULL);

  g_assert_nonnull (again);
  g_assert_cmpuint (vc_trust_count (again), ==, vc_trust_count (list));
  return again;
}

/* A host of any bytes, too, is taken so that it can be read, or not at all. */
static void
check_host (const guint8 *bytes, gsize len)
{
  g_autofree char *host = g_strndup ((const char *) bytes, len);
  g_autoptr (VcTrust) list = vc_trust_read_text ("", 0, "f", NULL);

  if (vc_trust_add (list, host, 1, KEY, 0, NULL))
    {
      g_autoptr (VcTrust) again = read_again (list);

      g_assert_nonnull (vc_trust_find (again, host, 1));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcTrust) list = vc_trust_read_text ((const char *) bytes, len, "f", &error);
  g_autoptr (VcTrust) again = NULL;

  g_assert ((list == NULL) == (error != NULL));
  check_host (bytes, len);
  if (list == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  again = read_again (list);
  for (guint i = 0; i < vc_trust_count (list); i++)
    {
      const VcTrusted *one = vc_trust_get (list, i);
      const VcTrusted *same = vc_trust_find (again, one->host, one->port);

      g_assert_cmpstr (same->host, ==, one->host);
      g_assert_cmpstr (same->fingerprint, ==, one->fingerprint);
      g_assert_cmpint (same->first_seen, ==, one->first_seen);
      g_assert_true (vc_trust_add (list, one->host, one->port, one->fingerprint, 0, NULL));
    }
  while (vc_trust_count (list) > 0)
    {
      const VcTrusted *one = vc_trust_get (list, 0);

      g_assert_true (vc_trust_remove (list, one->host, one->port, NULL));
    }
  return 0;
}
