/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/options.h"

#include <string.h>

#include "base/error.h"

/* Words of a command line, read by rows. */

static gboolean
read_name (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  if (*text == '\0')
    {
      *ret_why = g_strdup ("the name is empty");
      return FALSE;
    }
  *(char **) at = g_strdup (text);
  return TRUE;
}

static void
clear_name (gpointer at)
{
  g_clear_pointer ((char **) at, g_free);
}

static gboolean
read_names (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  char ***list = at;
  char *name = NULL;
  guint len = *list != NULL ? g_strv_length (*list) : 0;

  if (!read_name (row, text, &name, ret_why))
    return FALSE;
  *list = g_renew (char *, *list, len + 2);
  (*list)[len] = name;
  (*list)[len + 1] = NULL;
  return TRUE;
}

static void
clear_names (gpointer at)
{
  g_clear_pointer ((char ***) at, g_strfreev);
}

const VcType vc_type_file = { .name = "file", .read = read_name, .clear = clear_name };
const VcType vc_type_files = { .name = "files", .read = read_names, .clear = clear_names };
const VcType vc_type_names = { .name = "names", .read = read_names, .clear = clear_names };
const VcType vc_type_name = { .name = "name", .read = read_name, .clear = clear_name };
const VcType vc_type_domain = { .name = "domain", .read = read_name, .clear = clear_name };
const VcType vc_type_domains = { .name = "domains", .read = read_names, .clear = clear_names };
const VcType vc_type_folder = { .name = "folder", .read = read_name, .clear = clear_name };

static void
copy (char *to, gsize size, const char *from, gsize len)
{
  g_assert (len < size);
  memcpy (to, from, len);
  to[len] = '\0';
}

void
vc_option_place (const VcField *row, VcPlace *ret_place)
{
  VcPlace place = { 0 };
  const char *at = row->xml;
  gboolean in_brackets = *at == '[';
  gsize len;

  at += in_brackets ? 1 : 0;
  if (at[0] == '-' && at[1] != '-')
    {
      place.letter = at[1];
      at += strlen ("-h, ");
    }
  if (g_str_has_prefix (at, "--"))
    {
      len = strcspn (at + 2, " ]");
      copy (place.name, sizeof place.name, at + 2, len);
      at += 2 + len;
      at += strspn (at, "] ");
    }
  place.argument = in_brackets || place.name[0] == '\0';
  place.repeated = g_str_has_suffix (at, "...");
  copy (place.value, sizeof place.value, at, strlen (at) - (place.repeated ? strlen ("...") : 0));
  *ret_place = place;
}

/* The row with a name of len bytes, or (name NULL) a letter. */
static const VcField *
find (const VcOptions *options, const char *name, gsize len, char letter, VcPlace *ret_place)
{
  for (const VcField *row = options != NULL ? options->rows : NULL; row != NULL && row->xml != NULL; row++)
    {
      vc_option_place (row, ret_place);
      if (name == NULL
              ? ret_place->letter == letter
              : len > 0 && strlen (ret_place->name) == len && memcmp (ret_place->name, name, len) == 0)
        return row;
    }
  return NULL;
}

/* The first argument that still takes a word. */
static const VcField *
find_argument (const VcOptions *options, VcPlace *ret_place)
{
  for (const VcField *row = options->rows; row != NULL && row->xml != NULL; row++)
    {
      gboolean seen = (options->seen >> (row - options->rows)) & 1;

      vc_option_place (row, ret_place);
      if (ret_place->argument && (!seen || ret_place->repeated))
        return row;
    }
  return NULL;
}

static gboolean
set (VcOptions *options, const VcField *row, const VcPlace *place, const char *text, GError **error)
{
  guint64 bit = (guint64) 1 << (row - options->rows);
  g_autofree char *why = NULL;

  if ((options->seen & bit) != 0 && !place->repeated)
    return vc_fail (error, VC_ERROR_INVALID, "option '--%s' is given twice", place->name);
  options->seen |= bit;
  if (row->type->read (row, text, (char *) options->obj + row->at, &why))
    return TRUE;
  if (place->argument)
    return vc_fail (error, VC_ERROR_INVALID, "%s: %s", place->value, why);
  return vc_fail (error, VC_ERROR_INVALID, "--%s: %s", place->name, why);
}

/* **words is "-h", "--name", or "--name=value", whose value may be the next word. */
static gboolean
read_option (VcOptions *own, VcOptions *global, char *const **words, GError **error)
{
  const char *word = *(*words)++;
  gboolean is_long = word[1] == '-';
  const char *equals = is_long ? strchr (word, '=') : NULL;
  gsize len = equals != NULL ? (gsize) (equals - word) : strlen (word);
  VcOptions *options = own;
  const VcField *row = NULL;
  const char *value;
  VcPlace place;

  /* Letters stand alone: there are too few of them to be joined. */
  if (is_long || len == 2)
    {
      row = find (own, is_long ? word + 2 : NULL, len - 2, word[1], &place);
      if (row == NULL)
        {
          options = global;
          row = find (global, is_long ? word + 2 : NULL, len - 2, word[1], &place);
        }
    }
  if (row == NULL)
    return vc_fail (error, VC_ERROR_INVALID, "unknown option '%.*s'", (int) len, word);
  if (place.value[0] == '\0')
    {
      if (equals != NULL)
        return vc_fail (error, VC_ERROR_INVALID, "option '%.*s' takes no value", (int) len, word);
      return set (options, row, &place, "", error);
    }
  value = equals != NULL ? equals + 1 : **words;
  if (value == NULL)
    return vc_fail (error, VC_ERROR_INVALID, "option '%s' needs a value: %s", word, place.value);
  *words += equals != NULL ? 0 : 1;
  return set (options, row, &place, value, error);
}

gboolean
vc_options_read (VcOptions *own, VcOptions *global, char *const **words, GError **error)
{
  gboolean more_options = TRUE;

  while (**words != NULL)
    {
      const char *word = **words;

      if (more_options && strcmp (word, "--") == 0)
        {
          more_options = FALSE;
          (*words)++;
        }
      else if (more_options && word[0] == '-' && word[1] != '\0')
        {
          if (!read_option (own, global, words, error))
            return FALSE;
        }
      else if (own == NULL)
        return TRUE;
      else
        {
          VcPlace place;
          const VcField *row = find_argument (own, &place);

          if (row == NULL)
            return vc_fail (error, VC_ERROR_INVALID, "one argument too many: '%s'", word);
          if (!set (own, row, &place, word, error))
            return FALSE;
          (*words)++;
        }
    }
  return TRUE;
}

gboolean
vc_options_missing (const VcOptions *options, GError **error)
{
  VcPlace place;

  for (const VcField *row = options->rows; row != NULL && row->xml != NULL; row++)
    if ((row->flags & VC_REQUIRED) != 0 && ((options->seen >> (row - options->rows)) & 1) == 0)
      {
        vc_option_place (row, &place);
        return vc_fail (error, VC_ERROR_INVALID, "%s is missing", place.argument ? place.value : row->xml);
      }
  return TRUE;
}
