/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xdr/signature.h"

#include "xdr/xdr.h"

guint
vc_signature_limit (const char **at, guint otherwise)
{
  guint limit = 0;

  if (!g_ascii_isdigit (**at))
    return otherwise;
  for (; g_ascii_isdigit (**at); (*at)++)
    limit = limit * 10 + (guint) (**at - '0');
  return limit;
}

const char *
vc_signature_close (const char *at)
{
  guint depth = 0;

  for (;; at++)
    {
      g_assert (*at != '\0');
      if (*at == '[' || *at == '(')
        depth++;
      else if ((*at == ']' || *at == ')') && --depth == 0)
        return at;
    }
}

const char *
vc_signature_next (const char *at)
{
  while (*at == '?')
    at++;
  at = *at == '[' || *at == '(' ? vc_signature_close (at) + 1 : at + 1;
  vc_signature_limit (&at, 0);
  return at;
}

static guint64
padded (guint n)
{
  return (n + 3u) & ~3u;
}

static guint64
max_of (const char *at, const char *end)
{
  guint64 sum = 0;

  while (at < end)
    {
      const char *next = vc_signature_next (at);
      char letter = *at++;

      switch (letter)
        {
        case 'S':
        case 's':
          sum += 8 + padded (vc_signature_limit (&at, VC_XDR_MAX_TEXT));
          break;
        case 'o':
          sum += 4 + padded (vc_signature_limit (&at, VC_XDR_MAX_TEXT));
          break;
        case 'c':
        case 'C':
          sum += 4 + 4 * (guint64) vc_signature_limit (&at, 0);
          break;
        case 'D':
          sum += 4 + VC_XDR_MAX_NAME + 16 + 4;
          break;
        case 'P':
          sum += 4 + VC_XDR_MAX_NAME + 8 + VC_XDR_MAX_TEXT;
          break;
        case 'U':
          sum += 16;
          break;
        case '?':
          sum += 4 + max_of (at, next);
          break;
        case '(':
          sum += max_of (at, next - 1);
          break;
        case '[':
          {
            const char *close = vc_signature_close (at - 1);
            guint64 one = max_of (at, close);

            at = close + 1;
            sum += 4 + one * vc_signature_limit (&at, VC_XDR_MAX_LIST);
            break;
          }
        case 'h':
        case 'H':
        case 'd':
          sum += 8;
          break;
        default:
          g_assert (letter == 'i' || letter == 'u');
          sum += 4;
        }
      at = next;
    }
  return sum;
}

guint64
vc_xdr_max (const char *signature)
{
  const char *end = signature;

  while (*end != '\0')
    end++;
  return max_of (signature, end);
}
