/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sasl/options.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"

#define MAX_BYTES (64u * 1024)

struct VcSaslOptions
{
  GHashTable *values;
};

static gboolean
read_line (VcSaslOptions *options, char *line, const char *origin, guint number, GError **error)
{
  gsize len = strspn (line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
  char *value;

  g_strchomp (line);
  if (*line == '\0' || *line == '#')
    return TRUE;
  if (len == 0 || line[len] != ':')
    return vc_fail (error, VC_ERROR_INVALID, "%s:%u: expected 'key: value'", origin, number);
  line[len] = '\0';
  value = g_strchug (line + len + 1);
  if (*value == '\0')
    return vc_fail (error, VC_ERROR_INVALID, "%s:%u: '%s' is set to nothing", origin, number, line);
  if (g_hash_table_contains (options->values, line))
    return vc_fail (error, VC_ERROR_INVALID, "%s:%u: '%s' is set twice", origin, number, line);
  g_hash_table_insert (options->values, g_strdup (line), g_strdup (value));
  return TRUE;
}

static void
set_unless (VcSaslOptions *options, const char *key, const char *value)
{
  if (!g_hash_table_contains (options->values, key))
    g_hash_table_insert (options->values, g_strdup (key), g_strdup (value));
}

VcSaslOptions *
vc_sasl_options_read_text (const char *text, gsize len, const char *origin, const char *database,
                           GError **error)
{
  g_autoptr (VcSaslOptions) options = g_new0 (VcSaslOptions, 1);
  g_autofree char *copy = g_strndup (text, len);
  g_auto (GStrv) lines = NULL;
  char *sources;

  options->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (strlen (copy) != len || !g_utf8_validate (copy, -1, NULL))
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: is not text", origin);
  lines = g_strsplit (copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (!read_line (options, lines[i], origin, i + 1, error))
      return NULL;
  set_unless (options, "mech_list", VC_SASL_USUAL);
  set_unless (options, "pwcheck_method", "auxprop");
  set_unless (options, "sasldb_path", database);
  set_unless (options, "auxprop_plugin", "sasldb");
  sources = g_strconcat (vc_sasl_options_get (options, "auxprop_plugin"), " " VC_SASL_INVENT, NULL);
  g_hash_table_insert (options->values, g_strdup ("auxprop_plugin"), sources);
  return g_steal_pointer (&options);
}

VcSaslOptions *
vc_sasl_options_read (const char *path, const char *database, GError **error)
{
  g_autoptr (GError) why = NULL;
  gsize len = 0;
  g_autofree char *text = vc_file_read (path, MAX_BYTES, &len, &why);

  if (text != NULL)
    return vc_sasl_options_read_text (text, len, path, database, error);
  if (g_error_matches (why, VC_ERROR, VC_ERROR_NOT_FOUND))
    return vc_sasl_options_read_text ("", 0, path, database, error);
  g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

VcSaslOptions *
vc_sasl_options_find (const char *etc, GError **error)
{
  g_autofree char *path = g_build_filename (etc, "sasl2", VC_SASL_SERVICE ".conf", NULL);
  g_autofree char *database = g_build_filename (etc, "passwd.db", NULL);

  return vc_sasl_options_read (path, database, error);
}

const char *
vc_sasl_options_get (const VcSaslOptions *options, const char *key)
{
  return g_hash_table_lookup (options->values, key);
}

void
vc_sasl_options_free (VcSaslOptions *options)
{
  if (options == NULL)
    return;
  g_hash_table_unref (options->values);
  g_free (options);
}
