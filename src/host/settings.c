/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* How this works
 *
 * The text is read left to right, one `key = value` at a time.  A value is first taken as what it is
 * written as; then the reader says whether that fits and where it goes.
 */

typedef struct
{
  const char *at, *end;
  const char *origin;
  guint line;
} Text;

static void
setting_clear (VcSetting *setting)
{
  g_free (setting->string);
  g_strfreev (setting->list);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VcSetting, setting_clear)

static gboolean fail_at (const Text *text, GError **error, guint line, const char *fmt, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
fail_at (const Text *text, GError **error, guint line, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  g_autofree char *words = g_strdup_vprintf (fmt, args);
  va_end (args);
  return vc_fail (error, VC_ERROR_INVALID, "%s:%u: %s", text->origin, line, words);
}

static char
peek (const Text *text)
{
  return text->at < text->end ? *text->at : '\n';
}

static void
skip_blanks (Text *text)
{
  while (text->at < text->end && strchr (" \t\r", *text->at) && *text->at)
    text->at++;
}

static void
skip_comment (Text *text)
{
  if (peek (text) == '#')
    while (text->at < text->end && *text->at != '\n')
      text->at++;
}

/* Blanks, comments and ends of lines, inside a list and between settings. */
static void
skip_lines (Text *text)
{
  for (;;)
    {
      skip_blanks (text);
      skip_comment (text);
      if (text->at == text->end || *text->at != '\n')
        return;
      text->line++;
      text->at++;
    }
}

/* There are no escapes in this format: a string ends at the next quote.  Three quotes begin one that
 * may hold quotes and run over several lines. */
static gboolean
read_string (Text *text, char **ret_string, GError **error)
{
  guint line = text->line;
  gboolean is_long = text->end - text->at >= 3 && memcmp (text->at, "\"\"\"", 3) == 0;
  gsize quotes = is_long ? 3 : 1;
  char quote = *text->at;
  const char *begin = text->at + quotes;

  for (const char *at = begin; (gsize) (text->end - at) >= quotes; at++)
    {
      if (*at == '\n' && !is_long)
        break;
      if (*at == '\n')
        text->line++;
      if (*at != quote || (is_long && memcmp (at, "\"\"\"", 3) != 0))
        continue;
      if (!g_utf8_validate (begin, at - begin, NULL))
        return fail_at (text, error, line, "a string is not UTF-8");
      *ret_string = g_strndup (begin, at - begin);
      text->at = at + quotes;
      return TRUE;
    }
  return fail_at (text, error, line, "a string has no closing quote");
}

static gboolean
read_number (Text *text, gint64 *ret_number, GError **error)
{
  const char *begin = text->at;

  if (*text->at == '-')
    text->at++;
  while (text->at < text->end && g_ascii_isdigit (*text->at))
    text->at++;

  g_autofree char *digits = g_strndup (begin, MIN (text->at - begin, 64));
  g_autoptr (GError) why = NULL;

  if (!g_ascii_string_to_signed (digits, 10, G_MININT64, G_MAXINT64, ret_number, &why))
    return fail_at (text, error, text->line, "'%s' is not a number", digits);
  return TRUE;
}

static gboolean
read_list (Text *text, char ***ret_list, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  guint line = text->line;

  text->at++;
  for (;;)
    {
      g_autofree char *item = NULL;

      skip_lines (text);
      if (text->at == text->end)
        return fail_at (text, error, line, "a list has no closing bracket");
      if (*text->at == ']')
        break;
      if (*text->at != '"' && *text->at != '\'')
        return fail_at (text, error, text->line, "a list may hold only strings in quotes");
      if (!read_string (text, &item, error))
        return FALSE;
      g_ptr_array_add (list, g_steal_pointer (&item));
      skip_lines (text);
      if (peek (text) == ',')
        text->at++;
      else if (text->at == text->end)
        return fail_at (text, error, line, "a list has no closing bracket");
      else if (*text->at != ']')
        return fail_at (text, error, text->line, "a comma is missing in a list");
    }
  text->at++;
  g_ptr_array_add (list, NULL);
  *ret_list = (char **) g_ptr_array_steal (list, NULL);
  return TRUE;
}

static gboolean
read_value (Text *text, VcSetting *ret_value, GError **error)
{
  char c = peek (text);

  ret_value->line = text->line;
  if (c == '"' || c == '\'')
    {
      ret_value->sort = VC_SETTING_STRING;
      return read_string (text, &ret_value->string, error);
    }
  if (c == '[')
    {
      ret_value->sort = VC_SETTING_LIST;
      return read_list (text, &ret_value->list, error);
    }
  if (c == '-' || g_ascii_isdigit (c))
    {
      ret_value->sort = VC_SETTING_NUMBER;
      return read_number (text, &ret_value->number, error);
    }
  return fail_at (text, error, text->line, "a value is missing: a number, a string in quotes or a list");
}

gboolean
vc_setting_fail (GError **error, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  g_autofree char *words = g_strdup_vprintf (fmt, args);
  va_end (args);
  return vc_fail (error, VC_ERROR_INVALID, "%s", words);
}

static gboolean
read_setting (Text *text, const VcSettingsReader *reader, gpointer data, GHashTable *seen, GError **error)
{
  const char *begin = text->at;
  g_auto (VcSetting) value = { 0 };

  if (!g_ascii_isalpha (*begin) && *begin != '_')
    return fail_at (text, error, text->line, "expecting a setting: name = value");
  while (text->at < text->end && (g_ascii_isalnum (*text->at) || strchr ("_.-", *text->at)) && *text->at)
    text->at++;

  g_autofree char *key = g_strndup (begin, text->at - begin);

  if (!reader->is_known (key))
    return fail_at (text, error, text->line, "unknown setting '%.80s'", key);
  skip_blanks (text);
  if (peek (text) != '=')
    return fail_at (text, error, text->line, "'%s' needs '=' and a value", key);
  text->at++;
  skip_blanks (text);
  value.key = key;
  if (!read_value (text, &value, error))
    return FALSE;
  skip_blanks (text);
  skip_comment (text);
  if (peek (text) != '\n')
    return fail_at (text, error, text->line, "something stands after the value of '%s'", key);

  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (seen, key));

  if (before)
    return fail_at (text, error, value.line, "'%s' was set in line %u already", key, before);
  if (!reader->put (&value, data, error))
    return vc_prefix (error, "%s:%u: ", text->origin, value.line);
  g_hash_table_insert (seen, g_steal_pointer (&key), GUINT_TO_POINTER (value.line));
  return TRUE;
}

gboolean
vc_settings_read_text (const char *text, gsize len, const char *origin, const VcSettingsReader *reader,
                       gpointer data, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Text t = { .at = text, .end = text + len, .origin = origin, .line = 1 };

  if (len > VC_SETTINGS_MAX_BYTES)
    return vc_fail (error, VC_ERROR_LIMIT, "%s: more than %u bytes", origin, VC_SETTINGS_MAX_BYTES);
  for (skip_lines (&t); t.at < t.end; skip_lines (&t))
    if (!read_setting (&t, reader, data, seen, error))
      return FALSE;
  return TRUE;
}

gboolean
vc_settings_read (const char *path, const VcSettingsReader *reader, gpointer data, GError **error)
{
  g_autofree char *text = g_malloc (VC_SETTINGS_MAX_BYTES + 1);
  gsize len = 0;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat st;

  if (fd < 0 && errno == ENOENT)
    return TRUE;
  if (fd < 0)
    return vc_fail_errno (error, errno, "cannot read '%s'", path);
  if (fstat (fd, &st) == 0 && !S_ISREG (st.st_mode))
    {
      close (fd);
      return vc_fail (error, VC_ERROR_INVALID, "'%s' is not a file", path);
    }
  while (len <= VC_SETTINGS_MAX_BYTES)
    {
      gssize n = read (fd, text + len, VC_SETTINGS_MAX_BYTES + 1 - len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int errsv = errno;

          close (fd);
          return vc_fail_errno (error, errsv, "cannot read '%s'", path);
        }
      if (n == 0)
        break;
      len += n;
    }
  close (fd);
  return vc_settings_read_text (text, len, path, reader, data, error);
}
