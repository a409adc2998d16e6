/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "xdr/signature.h"
#include "xdr/xdr.h"

/* How this works
 *
 * vc_xdr_read walks the whole message along its signature and refuses what is wrong; nothing is copied.
 * Afterwards the reader walks both again, a letter a call.
 *
 * A text on the wire is its length, its bytes, and zeros up to a multiple of four: there need not be one.  So
 * its bytes are moved over its length, four to the left, which makes room for a zero.
 */

typedef struct
{
  const guint8 *at, *end;
} Bytes;

static guint32
word_at (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_BE (value);
}

static guint64
hyper_at (const guint8 *at)
{
  return (guint64) word_at (at) << 32 | word_at (at + 4);
}

static gsize
padded (gsize n)
{
  return (n + 3u) & ~(gsize) 3u;
}

static gboolean
check_skip (Bytes *bytes, gsize n)
{
  if ((gsize) (bytes->end - bytes->at) < n)
    return FALSE;
  bytes->at += n;
  return TRUE;
}

static gboolean
check_word (Bytes *bytes, guint32 *ret_value)
{
  if (!check_skip (bytes, 4))
    return FALSE;
  *ret_value = word_at (bytes->at - 4);
  return TRUE;
}

static gboolean
check_bytes (Bytes *bytes, guint limit)
{
  guint32 len;

  return check_word (bytes, &len) && len <= limit && check_skip (bytes, padded (len));
}

static gboolean
check_text (Bytes *bytes, guint limit)
{
  const guint8 *start = bytes->at;

  return check_bytes (bytes, limit) && memchr (start + 4, '\0', word_at (start)) == NULL;
}

/* What is not there is 0, what is there is 1. */
static gboolean
check_flag (Bytes *bytes, gboolean *ret_is_there)
{
  guint32 flag;

  if (!check_word (bytes, &flag) || flag > 1)
    return FALSE;
  *ret_is_there = (gboolean) flag;
  return TRUE;
}

static gboolean
check_param (Bytes *bytes)
{
  guint32 type;

  if (!check_text (bytes, VC_XDR_MAX_NAME) || !check_word (bytes, &type))
    return FALSE;
  switch (type)
    {
    case VC_PARAM_INT:
    case VC_PARAM_UINT:
    case VC_PARAM_BOOLEAN:
      return check_skip (bytes, 4);
    case VC_PARAM_LLONG:
    case VC_PARAM_ULLONG:
    case VC_PARAM_DOUBLE:
      return check_skip (bytes, 8);
    case VC_PARAM_STRING:
      return check_text (bytes, VC_XDR_MAX_TEXT);
    default:
      return FALSE;
    }
}

static gboolean check_all (const char *at, const char *end, Bytes *bytes);

static gboolean
check_list (const char *at, Bytes *bytes)
{
  const char *close = vc_signature_close (at);
  const char *behind = close + 1;
  guint limit = vc_signature_limit (&behind, VC_XDR_MAX_LIST);
  guint32 n;

  if (!check_word (bytes, &n) || n > limit)
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    if (!check_all (at + 1, close, bytes))
      return FALSE;
  return TRUE;
}

/* c: as many words as it says; a byte a word. */
static gboolean
check_chars (Bytes *bytes, guint n)
{
  const guint8 *start = bytes->at;

  if (!check_skip (bytes, 4 * (gsize) n))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      gint32 c = (gint32) word_at (start + 4 * (gsize) i);

      if (c < -128 || c > 255)
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_one (const char *at, const char *next, Bytes *bytes)
{
  const char *number = at + 1;
  gboolean is_there;
  guint32 n;

  switch (*at)
    {
    case 's':
      return check_text (bytes, vc_signature_limit (&number, VC_XDR_MAX_TEXT));
    case 'S':
      return check_flag (bytes, &is_there)
             && (!is_there || check_text (bytes, vc_signature_limit (&number, VC_XDR_MAX_TEXT)));
    case 'o':
      return check_bytes (bytes, vc_signature_limit (&number, VC_XDR_MAX_TEXT));
    case 'c':
      return check_chars (bytes, vc_signature_limit (&number, 0));
    case 'C':
      return check_word (bytes, &n) && n <= vc_signature_limit (&number, 0) && check_chars (bytes, n);
    case 'D':
      return check_text (bytes, VC_XDR_MAX_NAME) && check_skip (bytes, 16 + 4);
    case 'P':
      return check_param (bytes);
    case 'U':
      return check_skip (bytes, 16);
    case 'h':
    case 'H':
    case 'd':
      return check_skip (bytes, 8);
    case '[':
      return check_list (at, bytes);
    case '(':
      return check_all (at + 1, next - 1, bytes);
    case '?':
      return check_flag (bytes, &is_there) && (!is_there || check_all (at + 1, next, bytes));
    default:
      g_assert (*at == 'i' || *at == 'u');
      return check_skip (bytes, 4);
    }
}

static gboolean
check_all (const char *at, const char *end, Bytes *bytes)
{
  while (at < end)
    {
      const char *next = vc_signature_next (at);

      if (!check_one (at, next, bytes))
        return FALSE;
      at = next;
    }
  return TRUE;
}

gboolean
vc_xdr_read (VcXdrReader *ret_reader, const char *signature, guint8 *bytes, gsize len, GError **error)
{
  Bytes walk = { bytes, bytes + len };

  if (!check_all (signature, signature + strlen (signature), &walk))
    return vc_fail (error, VC_ERROR_PROTOCOL, "what it takes ('%s') is not what came", signature);
  if (walk.at != walk.end)
    return vc_fail (error, VC_ERROR_PROTOCOL, "%" G_GSIZE_FORMAT " bytes are left over",
                    (gsize) (walk.end - walk.at));
  *ret_reader = (VcXdrReader){ .signature = signature, .at = bytes };
  return TRUE;
}

/* The signature's next letter, over brackets that end here. */
static char
peek (VcXdrReader *reader)
{
  for (;;)
    switch (*reader->signature)
      {
      case '(':
      case ')':
        reader->signature++;
        break;
      case ']':
        g_assert (reader->depth > 0);
        if (--reader->lists[reader->depth - 1].left > 0)
          reader->signature = reader->lists[reader->depth - 1].start;
        else
          {
            reader->depth--;
            reader->signature++;
            vc_signature_limit (&reader->signature, 0);
          }
        break;
      default:
        return *reader->signature;
      }
}

static void
expect (VcXdrReader *reader, char letter)
{
  g_assert (peek (reader) == letter);
  reader->signature++;
}

static guint32
take_word (VcXdrReader *reader)
{
  reader->at += 4;
  return word_at (reader->at - 4);
}

static guint64
take_hyper (VcXdrReader *reader)
{
  reader->at += 8;
  return hyper_at (reader->at - 8);
}

static const char *
take_text (VcXdrReader *reader)
{
  guint8 *start = reader->at;
  gsize len = take_word (reader);

  memmove (start, start + 4, len);
  start[len] = '\0';
  reader->at += padded (len);
  return (const char *) start;
}

const char *
vc_xdr_read_text (VcXdrReader *reader)
{
  expect (reader, 's');
  vc_signature_limit (&reader->signature, 0);
  return take_text (reader);
}

const char *
vc_xdr_read_text_or_null (VcXdrReader *reader)
{
  expect (reader, 'S');
  vc_signature_limit (&reader->signature, 0);
  return take_word (reader) != 0 ? take_text (reader) : NULL;
}

gint32
vc_xdr_read_int (VcXdrReader *reader)
{
  expect (reader, 'i');
  return (gint32) take_word (reader);
}

guint32
vc_xdr_read_uint (VcXdrReader *reader)
{
  expect (reader, 'u');
  return take_word (reader);
}

gint64
vc_xdr_read_hyper (VcXdrReader *reader)
{
  expect (reader, 'h');
  return (gint64) take_hyper (reader);
}

guint64
vc_xdr_read_uhyper (VcXdrReader *reader)
{
  expect (reader, 'H');
  return take_hyper (reader);
}

static double
take_double (VcXdrReader *reader)
{
  guint64 bits = take_hyper (reader);
  double value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

double
vc_xdr_read_double (VcXdrReader *reader)
{
  expect (reader, 'd');
  return take_double (reader);
}

static const guint8 *
take_uuid (VcXdrReader *reader)
{
  reader->at += 16;
  return reader->at - 16;
}

const guint8 *
vc_xdr_read_uuid (VcXdrReader *reader)
{
  expect (reader, 'U');
  return take_uuid (reader);
}

const guint8 *
vc_xdr_read_bytes (VcXdrReader *reader, gsize *ret_len)
{
  const guint8 *bytes;

  expect (reader, 'o');
  vc_signature_limit (&reader->signature, 0);
  *ret_len = take_word (reader);
  bytes = reader->at;
  reader->at += padded (*ret_len);
  return bytes;
}

void
vc_xdr_read_domain (VcXdrReader *reader, VcXdrDomain *ret_domain)
{
  expect (reader, 'D');
  ret_domain->name = take_text (reader);
  ret_domain->uuid = take_uuid (reader);
  ret_domain->id = (gint32) take_word (reader);
}

void
vc_xdr_read_param (VcXdrReader *reader, VcXdrParam *ret_param)
{
  expect (reader, 'P');
  ret_param->field = take_text (reader);
  ret_param->type = take_word (reader);
  switch (ret_param->type)
    {
    case VC_PARAM_INT:
    case VC_PARAM_BOOLEAN:
      ret_param->i = (gint32) take_word (reader);
      break;
    case VC_PARAM_UINT:
      ret_param->u = take_word (reader);
      break;
    case VC_PARAM_LLONG:
      ret_param->h = (gint64) take_hyper (reader);
      break;
    case VC_PARAM_ULLONG:
      ret_param->H = take_hyper (reader);
      break;
    case VC_PARAM_DOUBLE:
      ret_param->d = take_double (reader);
      break;
    case VC_PARAM_STRING:
      ret_param->s = take_text (reader);
      break;
    }
}

void
vc_xdr_read_chars (VcXdrReader *reader, char *buffer, gsize size)
{
  char letter = peek (reader);
  guint n;

  g_assert (letter == 'c' || letter == 'C');
  reader->signature++;
  n = vc_signature_limit (&reader->signature, 0);
  if (letter == 'C')
    n = take_word (reader);
  g_assert (n < size);
  for (guint i = 0; i < n; i++)
    buffer[i] = (char) take_word (reader);
  buffer[n] = '\0';
}

guint
vc_xdr_read_list (VcXdrReader *reader)
{
  guint n;

  g_assert (peek (reader) == '[');
  n = take_word (reader);
  if (n == 0)
    {
      reader->signature = vc_signature_next (reader->signature);
      return 0;
    }
  g_assert (reader->depth < VC_XDR_MAX_DEPTH);
  reader->signature++;
  reader->lists[reader->depth].start = reader->signature;
  reader->lists[reader->depth].left = n;
  reader->depth++;
  return n;
}

gboolean
vc_xdr_read_optional (VcXdrReader *reader)
{
  expect (reader, '?');
  if (take_word (reader) != 0)
    return TRUE;
  reader->signature = vc_signature_next (reader->signature);
  return FALSE;
}

gboolean
vc_xdr_is_read (VcXdrReader *reader)
{
  return peek (reader) == '\0';
}
