/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json/json.h"

#include "base/error.h"

VcJson *
vc_json_read (const char *text, gsize len, GError **error)
{
  g_autofree char *words = NULL;
  json_error_t why;
  VcJson *json;

  if (len > VC_JSON_MAX_BYTES)
    return vc_fail_null (error, VC_ERROR_PROTOCOL, "JSON text of %zu bytes is too long, at most %u are read",
                         len, VC_JSON_MAX_BYTES);

  json = json_loadb (text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
  if (json != NULL)
    return json;

  /* The words quote the input, which need not be UTF-8. */
  words = g_utf8_make_valid (why.text, -1);
  return vc_fail_null (error, VC_ERROR_PROTOCOL, "not JSON at byte %d: %s", why.position, words);
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
