/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A token as somebody may paste it.  What is taken for one is the only way to write it. */
#include <string.h>

#include "base/error.h"
#include "base/wipe.h"
#include "join/token.h"

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

/* A good token around any bytes, so that those behind the sum are reached. */
static void
check_host (const guint8 *bytes, gsize len)
{
  g_autoptr (VcToken) token = g_new0 (VcToken, 1);
  g_autoptr (VcToken) again = NULL;
  char *text;

  if (len < 2 || !vc_token_is_host ((const char *) bytes + 2, len - 2))
    return;
  memset (token->secret, bytes[0], sizeof token->secret);
  token->port = 1 + bytes[1];
  token->host = g_strndup ((const char *) bytes + 2, len - 2);
  text = vc_token_print (token);
  again = vc_token_read (text, NULL);
  g_assert_cmpstr (again->host, ==, token->host);
  vc_wipe_text (text);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  g_autofree char *text = g_strndup ((const char *) bytes, len);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcToken) token = vc_token_read (text, &error);
  g_autofree char *again = token != NULL ? vc_token_print (token) : NULL;

  g_assert ((token == NULL) == (error != NULL));
  if (token != NULL)
    g_assert_cmpstr (again, ==, text);
  else
    g_assert (g_utf8_validate (error->message, -1, NULL));
  check_host (bytes, len);
  return 0;
}
