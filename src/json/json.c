/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json/json.h"

#include <string.h>

#include "base/error.h"

#define HOW (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)

/* The end of the string that begins at text[at]. */
static gsize
skip_string (const char *text, gsize len, gsize at)
{
  for (at++; at < len && text[at] != '"'; at++)
    at += text[at] == '\\';
  return MIN (at + 1, len);
}

/* Is it an integer that does not fit? */
static gboolean
is_wide (const char *word, gsize len)
{
  char digits[40];

  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isdigit (word[i]))
      return FALSE;
  if (len < 19)
    return FALSE;
  if (len >= sizeof digits)
    return TRUE;
  memcpy (digits, word, len);
  digits[len] = '\0';
  return g_ascii_strtoull (digits, NULL, 10) > G_MAXINT64;
}

/* QEMU says "not known" of some numbers by all ones, which is more than an integer holds here: such a one,
 * and no other, is read as a real number. */
static VcJson *
read_wide (const char *text, gsize len, json_error_t *ret_why)
{
  g_autoptr (GString) wide = g_string_sized_new (len + 64);
  gsize at = 0;

  while (at < len)
    {
      gsize from = at;

      if (text[at] == '"')
        at = skip_string (text, len, at);
      else if (!g_ascii_isdigit (text[at]))
        at++;
      else
        while (at < len && (g_ascii_isalnum (text[at]) || strchr ("+-.", text[at]) != NULL))
          at++;
      g_string_append_len (wide, text + from, (gssize) (at - from));
      if (is_wide (text + from, at - from))
        g_string_append (wide, ".0");
    }
  return json_loadb (wide->str, wide->len, HOW, ret_why);
}

static VcJson *
read_json (const char *text, gsize len, gboolean is_wide_fine, GError **error)
{
  g_autofree char *words = NULL;
  json_error_t why;
  VcJson *json;

  if (len > VC_JSON_MAX_BYTES)
    return vc_fail_null (error, VC_ERROR_PROTOCOL, "JSON text of %zu bytes is too long, at most %u are read",
                         len, VC_JSON_MAX_BYTES);

  json = json_loadb (text, len, HOW, &why);
  if (json == NULL && is_wide_fine && json_error_code (&why) == json_error_numeric_overflow)
    json = read_wide (text, len, &why);
  if (json != NULL)
    return json;

  /* The words quote the input, which need not be UTF-8. */
  words = g_utf8_make_valid (why.text, -1);
  return vc_fail_null (error, VC_ERROR_PROTOCOL, "not JSON at byte %d: %s", why.position, words);
}

VcJson *
vc_json_read (const char *text, gsize len, GError **error)
{
  return read_json (text, len, FALSE, error);
}

VcJson *
vc_json_read_wide (const char *text, gsize len, GError **error)
{
  return read_json (text, len, TRUE, error);
}

char *
vc_json_print (const VcJson *json)
{
  char *text = json_dumps (json, JSON_COMPACT | JSON_ENCODE_ANY);

  /* Only loops and text that is not UTF-8 cannot be printed; the setters let neither in. */
  g_assert (text != NULL);
  return text; /* g_free is free, and jansson's allocator is malloc */
}

VcJson *
vc_json_get (const VcJson *obj, const char *key)
{
  return json_object_get (obj, key);
}

const char *
vc_json_str (const VcJson *obj, const char *key)
{
  return json_string_value (json_object_get (obj, key));
}

gboolean
vc_json_int (const VcJson *obj, const char *key, gint64 *ret_value)
{
  const VcJson *value = json_object_get (obj, key);

  if (!json_is_integer (value))
    return FALSE;
  *ret_value = json_integer_value (value);
  return TRUE;
}

gboolean
vc_json_bool (const VcJson *obj, const char *key, gboolean *ret_value)
{
  const VcJson *value = json_object_get (obj, key);

  if (!json_is_boolean (value))
    return FALSE;
  *ret_value = json_is_true (value);
  return TRUE;
}

gboolean
vc_json_put_str (VcJson *obj, const char *key, const char *value, GError **error)
{
  g_autofree char *words = NULL;

  if (json_object_set_new (obj, key, json_string (value)) == 0)
    return TRUE;

  words = g_utf8_make_valid (value, -1);
  return vc_fail (error, VC_ERROR_INVALID, "%s: '%s' is not UTF-8", key, words);
}
