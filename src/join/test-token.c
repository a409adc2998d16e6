/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "base/wipe.h"
#include "join/token.h"

static VcToken *
get_token (const char *host, guint port)
{
  VcToken *token = g_new0 (VcToken, 1);

  for (guint i = 0; i < VC_TOKEN_ID; i++)
    token->id[i] = (guint8) (i + 1);
  for (guint i = 0; i < VC_TOKEN_SECRET; i++)
    token->secret[i] = (guint8) (0xf0 + i);
  memset (token->key_print, 0xa5, sizeof token->key_print);
  token->host = g_strdup (host);
  token->port = port;
  return token;
}

static void
test_both_ways (void)
{
  const char *const hosts[]
      = { "a", "ab", "abc", "cards.example.org", "192.0.2.1", "2001:db8::1", "under_score-", NULL };
  g_autofree char *longest = g_strnfill (VC_TOKEN_MAX_HOST, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (VcToken) token = get_token (hosts[i] != NULL ? hosts[i] : longest, 1 + 65534 * (i % 2));
      g_autofree char *text = vc_token_print (token);
      g_autofree char *again = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (VcToken) read = vc_token_read (text, &error);

      g_assert_no_error (error);
      g_assert_cmpmem (read->id, VC_TOKEN_ID, token->id, VC_TOKEN_ID);
      g_assert_cmpmem (read->secret, VC_TOKEN_SECRET, token->secret, VC_TOKEN_SECRET);
      g_assert_cmpmem (read->key_print, VC_TOKEN_KEY_PRINT, token->key_print, VC_TOKEN_KEY_PRINT);
      g_assert_cmpstr (read->host, ==, token->host);
      g_assert_cmpuint (read->port, ==, token->port);
      again = vc_token_print (read);
      g_assert_cmpstr (again, ==, text);
      g_assert_cmpuint (strlen (text), <=, VC_TOKEN_MAX);
    }
}

static void
assert_refused (const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (vc_token_read (text, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
  g_assert_null (strlen (text) > 20 ? strstr (error->message, text + 20) : NULL);
}

/* Every other byte in every place, every beginning, and something behind it. */
static void
test_changed (void)
{
  g_autoptr (VcToken) token = get_token ("host.example", 16514);
  g_autofree char *text = vc_token_print (token);
  g_autofree char *more = g_strconcat (text, "A", NULL);
  g_autofree char *line = g_strconcat (text, "\n", NULL);

  for (gsize i = 0; text[i] != '\0'; i++)
    {
      char was = text[i];

      for (int other = 0; other < 256; other++)
        if ((char) other != was)
          {
            text[i] = (char) other;
            assert_refused (text);
          }
      text[i] = was;
    }
  assert_refused (more);
  assert_refused (line);
  assert_refused ("");
  assert_refused (VC_TOKEN_PREFIX);
}

static void
test_too_long (void)
{
  g_autofree char *text = g_strnfill (100000, 'A');
  g_autofree char *whole = g_strconcat (VC_TOKEN_PREFIX, text, NULL);

  assert_refused (text);
  assert_refused (whole);
  whole[VC_TOKEN_MAX] = '\0';
  assert_refused (whole);
}

static void
test_hosts (void)
{
  const char *const bad[]
      = { "", ".a", "-a", "a..b", "a b", "a/b", "[::1]", "fe80::1%eth0", "a\n", "ä", "u@h" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (vc_token_is_host (bad[i], strlen (bad[i])));
  g_assert_false (vc_token_is_host ("a\0b", 3));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token/both-ways", test_both_ways);
  g_test_add_func ("/token/changed", test_changed);
  g_test_add_func ("/token/too-long", test_too_long);
  g_test_add_func ("/token/hosts", test_hosts);
  return g_test_run ();
}
