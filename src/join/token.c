/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "join/token.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "base/error.h"
#include "base/wipe.h"

#define PREFIX_LEN (sizeof VC_TOKEN_PREFIX - 1)
#define SUM        4u
#define FIXED      (VC_TOKEN_ID + VC_TOKEN_SECRET + VC_TOKEN_KEY_PRINT + 2) /* what stands before the host */
#define MAX_BYTES  (FIXED + VC_TOKEN_MAX_HOST + SUM)

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

G_STATIC_ASSERT (PREFIX_LEN + (MAX_BYTES * 4 + 2) / 3 <= VC_TOKEN_MAX);

static void
sum (const guint8 *bytes, gsize len, guint8 *ret_sum)
{
  guint8 hash[32];
  int rc = gnutls_hash_fast (GNUTLS_DIG_SHA256, bytes, len, hash);

  g_assert (rc == 0);
  memcpy (ret_sum, hash, SUM);
}

char *
vc_token_print (const VcToken *self)
{
  gsize host = strlen (self->host), len = FIXED + host + SUM, at = PREFIX_LEN;
  guint8 bytes[MAX_BYTES];
  char *text = g_malloc0 (VC_TOKEN_MAX + 1);
  guint8 *to = bytes;

  g_assert (vc_token_is_host (self->host, host) && self->port > 0 && self->port <= 65535);
  to = mempcpy (to, self->id, sizeof self->id);
  to = mempcpy (to, self->secret, sizeof self->secret);
  to = mempcpy (to, self->key_print, sizeof self->key_print);
  *to++ = (guint8) (self->port >> 8);
  *to++ = (guint8) self->port;
  memcpy (to, self->host, host);
  sum (bytes, len - SUM, bytes + len - SUM);
  memcpy (text, VC_TOKEN_PREFIX, PREFIX_LEN);
  for (gsize bit = 0; bit < len * 8; bit += 6)
    {
      guint two = (guint) bytes[bit / 8] << 8 | (bit / 8 + 1 < len ? bytes[bit / 8 + 1] : 0u);

      text[at++] = digits[two >> (10 - bit % 8) & 0x3f];
    }
  explicit_bzero (bytes, sizeof bytes);
  return text;
}

gboolean
vc_token_is_host (const char *text, gsize len)
{
  g_autofree char *host = g_strndup (text, len);

  if (len == 0 || len > VC_TOKEN_MAX_HOST || strlen (host) != len)
    return FALSE;
  if (g_hostname_is_ip_address (host))
    return strchr (host, '%') == NULL;
  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isalnum (host[i]) && strchr ("-_.", host[i]) == NULL)
      return FALSE;
  return g_ascii_isalnum (host[0]) && strstr (host, "..") == NULL;
}

/* Returns: FALSE where a character is none, or where bits are left that are not 0. */
static gboolean
decode (const char *text, gsize n, guint8 *bytes, gsize *ret_len)
{
  guint bits = 0, n_bits = 0;
  gsize len = 0;

  for (gsize i = 0; i < n; i++)
    {
      const char *digit = strchr (digits, text[i]);

      if (digit == NULL)
        return FALSE;
      bits = (bits << 6 | (guint) (digit - digits)) & 0xfff;
      n_bits += 6;
      if (n_bits < 8)
        continue;
      n_bits -= 8;
      bytes[len++] = (guint8) (bits >> n_bits);
    }
  *ret_len = len;
  return n_bits < 6 && (bits & ((1u << n_bits) - 1)) == 0;
}

static VcToken *
read_bytes (const guint8 *bytes, gsize len, GError **error)
{
  g_autoptr (VcToken) self = g_new0 (VcToken, 1);
  const guint8 *at = bytes;
  guint8 check[SUM];

  sum (bytes, len - SUM, check);
  if (memcmp (check, bytes + len - SUM, SUM) != 0)
    return vc_fail_null (error, VC_ERROR_INVALID,
                         "the token was not copied whole, or something in it was changed");
  memcpy (self->id, at, sizeof self->id);
  at += sizeof self->id;
  memcpy (self->secret, at, sizeof self->secret);
  at += sizeof self->secret;
  memcpy (self->key_print, at, sizeof self->key_print);
  at += sizeof self->key_print;
  self->port = (guint) at[0] << 8 | at[1];
  if (self->port == 0 || !vc_token_is_host ((const char *) bytes + FIXED, len - FIXED - SUM))
    return vc_fail_null (error, VC_ERROR_INVALID, "the token names no server");
  self->host = g_strndup ((const char *) bytes + FIXED, len - FIXED - SUM);
  return g_steal_pointer (&self);
}

VcToken *
vc_token_read (const char *text, GError **error)
{
  gsize n = strnlen (text, VC_TOKEN_MAX + 1), len = 0;
  guint8 bytes[VC_TOKEN_MAX];
  VcToken *self = NULL;

  if (n > VC_TOKEN_MAX)
    return vc_fail_null (error, VC_ERROR_INVALID, "the token has more than %u characters", VC_TOKEN_MAX);
  if (n < PREFIX_LEN || memcmp (text, VC_TOKEN_PREFIX, PREFIX_LEN) != 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "it is no token: one begins with '%s'", VC_TOKEN_PREFIX);
  if (!decode (text + PREFIX_LEN, n - PREFIX_LEN, bytes, &len) || len <= FIXED + SUM || len > MAX_BYTES)
    vc_fail (error, VC_ERROR_INVALID, "the token was not copied whole, or something in it was changed");
  else
    self = read_bytes (bytes, len, error);
  explicit_bzero (bytes, sizeof bytes);
  return self;
}

void
vc_token_free (VcToken *self)
{
  if (self == NULL)
    return;
  explicit_bzero (self->secret, sizeof self->secret);
  g_free (self->host);
  g_free (self);
}
