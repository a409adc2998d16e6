/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "xdr/signature.h"
#include "xdr/xdr.h"

void
vc_xdr_write (VcXdrWriter *ret_writer, const char *signature, GByteArray *out, gsize max)
{
  *ret_writer = (VcXdrWriter){ .signature = signature, .out = out, .max = max };
}

/* The signature's next letter; in a list that is full of letters once more its first. */
static char
peek (VcXdrWriter *writer)
{
  for (;;)
    switch (*writer->signature)
      {
      case '(':
      case ')':
        writer->signature++;
        break;
      case ']':
        g_assert (writer->depth > 0);
        writer->lists[writer->depth - 1].n++;
        writer->signature = writer->lists[writer->depth - 1].start;
        break;
      default:
        return *writer->signature;
      }
}

static guint
expect (VcXdrWriter *writer, char letter, guint otherwise)
{
  g_assert (peek (writer) == letter);
  writer->signature++;
  return vc_signature_limit (&writer->signature, otherwise);
}

/* Room for n more bytes; NULL: there is none. */
static guint8 *
grow (VcXdrWriter *writer, gsize n)
{
  guint len = writer->out->len;

  if (writer->is_over || n > writer->max || len > writer->max - n)
    {
      writer->is_over = TRUE;
      return NULL;
    }
  g_byte_array_set_size (writer->out, len + (guint) n);
  return writer->out->data + len;
}

static void
set_word (guint8 *at, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (at, &value, sizeof value);
}

static void
add_word (VcXdrWriter *writer, guint32 value)
{
  guint8 *at = grow (writer, 4);

  if (at != NULL)
    set_word (at, value);
}

static void
add_hyper (VcXdrWriter *writer, guint64 value)
{
  guint8 *at = grow (writer, 8);

  if (at == NULL)
    return;
  set_word (at, (guint32) (value >> 32));
  set_word (at + 4, (guint32) value);
}

static void
add_bytes (VcXdrWriter *writer, gconstpointer bytes, gsize len, guint limit)
{
  gsize padded = (len + 3u) & ~(gsize) 3u;
  guint8 *at = len <= limit ? grow (writer, 4 + padded) : NULL;

  if (at == NULL)
    {
      writer->is_over = TRUE;
      return;
    }
  set_word (at, (guint32) len);
  if (padded > len)
    set_word (at + padded, 0); /* its last bytes are written over */
  if (len > 0)
    memcpy (at + 4, bytes, len);
}

static void
add_text (VcXdrWriter *writer, const char *text, guint limit)
{
  add_bytes (writer, text, strlen (text), limit);
}

void
vc_xdr_put_text (VcXdrWriter *writer, const char *text)
{
  guint limit = expect (writer, 's', VC_XDR_MAX_TEXT);

  add_text (writer, text, limit);
}

void
vc_xdr_put_text_or_null (VcXdrWriter *writer, const char *text)
{
  guint limit = expect (writer, 'S', VC_XDR_MAX_TEXT);

  add_word (writer, text != NULL);
  if (text != NULL)
    add_text (writer, text, limit);
}

void
vc_xdr_put_int (VcXdrWriter *writer, gint32 value)
{
  expect (writer, 'i', 0);
  add_word (writer, (guint32) value);
}

void
vc_xdr_put_uint (VcXdrWriter *writer, guint32 value)
{
  expect (writer, 'u', 0);
  add_word (writer, value);
}

void
vc_xdr_put_hyper (VcXdrWriter *writer, gint64 value)
{
  expect (writer, 'h', 0);
  add_hyper (writer, (guint64) value);
}

void
vc_xdr_put_uhyper (VcXdrWriter *writer, guint64 value)
{
  expect (writer, 'H', 0);
  add_hyper (writer, value);
}

static void
add_double (VcXdrWriter *writer, double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  add_hyper (writer, bits);
}

void
vc_xdr_put_double (VcXdrWriter *writer, double value)
{
  expect (writer, 'd', 0);
  add_double (writer, value);
}

static void
add_uuid (VcXdrWriter *writer, const guint8 *uuid)
{
  guint8 *at = grow (writer, 16);

  if (at != NULL)
    memcpy (at, uuid, 16);
}

void
vc_xdr_put_uuid (VcXdrWriter *writer, const guint8 *uuid)
{
  expect (writer, 'U', 0);
  add_uuid (writer, uuid);
}

void
vc_xdr_put_bytes (VcXdrWriter *writer, gconstpointer bytes, gsize len)
{
  guint limit = expect (writer, 'o', VC_XDR_MAX_TEXT);

  add_bytes (writer, bytes, len, limit);
}

void
vc_xdr_put_domain (VcXdrWriter *writer, const VcXdrDomain *domain)
{
  expect (writer, 'D', 0);
  add_text (writer, domain->name, VC_XDR_MAX_NAME);
  add_uuid (writer, domain->uuid);
  add_word (writer, (guint32) domain->id);
}

void
vc_xdr_put_param (VcXdrWriter *writer, const VcXdrParam *param)
{
  expect (writer, 'P', 0);
  add_text (writer, param->field, VC_XDR_MAX_NAME);
  add_word (writer, param->type);
  switch (param->type)
    {
    case VC_PARAM_INT:
    case VC_PARAM_BOOLEAN:
      add_word (writer, (guint32) param->i);
      break;
    case VC_PARAM_UINT:
      add_word (writer, param->u);
      break;
    case VC_PARAM_LLONG:
      add_hyper (writer, (guint64) param->h);
      break;
    case VC_PARAM_ULLONG:
      add_hyper (writer, param->H);
      break;
    case VC_PARAM_DOUBLE:
      add_double (writer, param->d);
      break;
    case VC_PARAM_STRING:
      add_text (writer, param->s, VC_XDR_MAX_TEXT);
      break;
    }
}

void
vc_xdr_put_chars (VcXdrWriter *writer, const char *text)
{
  char letter = peek (writer);
  guint n = expect (writer, letter, 0);
  gsize len = strlen (text);

  g_assert (letter == 'c' || letter == 'C');
  if (letter == 'C')
    {
      n = (guint) MIN (len + 1, n);
      add_word (writer, n);
    }
  len = MIN (len, n);
  for (guint i = 0; i < n; i++)
    add_word (writer, i < len ? (guint8) text[i] : 0);
}

void
vc_xdr_put_list (VcXdrWriter *writer)
{
  g_assert (peek (writer) == '[' && writer->depth < VC_XDR_MAX_DEPTH);
  writer->signature++;
  writer->lists[writer->depth].start = writer->signature;
  writer->lists[writer->depth].count_at = writer->out->len;
  writer->lists[writer->depth].n = 0;
  writer->depth++;
  add_word (writer, 0);
}

void
vc_xdr_end_list (VcXdrWriter *writer)
{
  const char *start, *close;
  guint n, count_at;

  g_assert (writer->depth > 0);
  start = writer->lists[writer->depth - 1].start;
  n = writer->lists[writer->depth - 1].n;
  count_at = writer->lists[writer->depth - 1].count_at;
  while (*writer->signature == ')')
    writer->signature++;
  close = vc_signature_close (start - 1);
  if (writer->signature == close)
    n++;
  else
    g_assert (writer->signature == start && n == 0);
  writer->depth--;
  writer->signature = close + 1;
  if (n > vc_signature_limit (&writer->signature, VC_XDR_MAX_LIST))
    writer->is_over = TRUE;
  else if (!writer->is_over)
    set_word (writer->out->data + count_at, n);
}

void
vc_xdr_put_optional (VcXdrWriter *writer, gboolean is_there)
{
  g_assert (peek (writer) == '?');
  writer->signature++;
  add_word (writer, is_there);
  if (!is_there)
    writer->signature = vc_signature_next (writer->signature);
}

gboolean
vc_xdr_is_written (VcXdrWriter *writer, GError **error)
{
  if (writer->is_over)
    return vc_fail (error, VC_ERROR_LIMIT, "the answer is too large");
  while (*writer->signature == ')')
    writer->signature++;
  g_assert (writer->depth == 0 && *writer->signature == '\0');
  return TRUE;
}
