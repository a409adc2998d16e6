/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/fingerprint.h"

#include <string.h>

#include "base/error.h"

#define HEAD   "SHA256:"
#define DIGITS (VC_FINGERPRINT_CHARS - (guint) strlen (HEAD))

char *
vc_fingerprint_print (const guint8 digest[VC_FINGERPRINT_DIGEST])
{
  g_autofree char *base64 = g_base64_encode (digest, VC_FINGERPRINT_DIGEST);

  return g_strdup_printf (HEAD "%.*s", (int) DIGITS, base64);
}

/* NULL: it is none. */
static char *
read_trimmed (const char *text)
{
  gsize len = strlen (text);
  gsize n = 0;
  g_autofree char *base64 = NULL;
  g_autofree guint8 *digest = NULL;
  g_autofree char *again = NULL;

  if (!g_str_has_prefix (text, HEAD)
      || (len != VC_FINGERPRINT_CHARS && !(len == VC_FINGERPRINT_CHARS + 1 && text[len - 1] == '=')))
    return NULL;
  base64 = g_strdup_printf ("%.*s=", (int) DIGITS, text + strlen (HEAD));
  digest = g_base64_decode (base64, &n);
  if (n != VC_FINGERPRINT_DIGEST)
    return NULL;
  again = vc_fingerprint_print (digest);
  /* What the decoder passed over is no part of a fingerprint. */
  return strncmp (again, text, VC_FINGERPRINT_CHARS) == 0 ? g_steal_pointer (&again) : NULL;
}

char *
vc_fingerprint_read (const char *text, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  char *fingerprint = read_trimmed (trimmed);

  if (fingerprint == NULL)
    vc_fail (error, VC_ERROR_INVALID, "'%s' is no fingerprint: it is 'SHA256:' and %u characters of base64",
             trimmed, DIGITS);
  return fingerprint;
}
