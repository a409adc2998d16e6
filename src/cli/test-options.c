/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "cli/command.h"

typedef struct
{
  gboolean paused;
  VcU32 timeout;
  char *file;
  char **more;
} Obj;

typedef struct
{
  char *root;
  gboolean help;
} Global;

static const VcField rows[]
    = { VC_FLAG (Obj, paused, "--paused", .doc = "a switch"),
        VC_U32 (Obj, timeout, "--timeout SECONDS", .min = 1, .max = 60, .doc = "a number"),
        VC_FILE (Obj, file, "[--xml] FILE", .flags = VC_REQUIRED, .doc = "a file"),
        VC_FILES (Obj, more, "MORE...", .doc = "more of them"),
        { 0 } };

static const VcField global_rows[] = { VC_FOLDER (Global, root, "--root DIR", .doc = "a folder"),
                                       VC_FLAG (Global, help, "-h, --help", .doc = "help"),
                                       { 0 } };

static Obj obj;
static Global global;

static void
clear (void)
{
  vc_fields_clear (rows, &obj);
  vc_fields_clear (global_rows, &global);
  obj = (Obj){ 0 };
  global = (Global){ 0 };
}

/* Reads words that stand in line, parted by spaces; "''" is an empty one.  Returns: new error, or NULL. */
static char *
read_line (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  VcOptions own = { rows, &obj }, all = { global_rows, &global };
  g_autoptr (GError) error = NULL;
  char *const *at = words;

  clear ();
  for (char **word = words; *word != NULL; word++)
    if (strcmp (*word, "''") == 0)
      (*word)[0] = '\0';
  if (vc_options_read (&own, &all, &at, &error) && vc_options_missing (&own, &error))
    g_assert_null (*at);
  return error != NULL ? g_strdup (error->message) : NULL;
}

static void
assert_read (const char *line, const char *want_error)
{
  g_autofree char *error = read_line (line);

  g_assert_cmpstr (error, ==, want_error);
}

static void
test_good (void)
{
  assert_read ("--paused --timeout 5 web.xml", NULL);
  g_assert_true (obj.paused);
  g_assert_true (obj.timeout.set);
  g_assert_cmpuint (obj.timeout.value, ==, 5);
  g_assert_cmpstr (obj.file, ==, "web.xml");
  g_assert_null (obj.more);

  assert_read ("a --timeout=7 b -h - --root=/x c", NULL);
  g_assert_cmpstr (obj.file, ==, "a");
  g_assert_cmpuint (g_strv_length (obj.more), ==, 3);
  g_assert_cmpstr (obj.more[1], ==, "-");
  g_assert_cmpstr (obj.more[2], ==, "c");
  g_assert_cmpstr (global.root, ==, "/x");
  g_assert_true (global.help);

  assert_read ("--xml=a=b c", NULL);
  g_assert_cmpstr (obj.file, ==, "a=b");
  g_assert_cmpstr (obj.more[0], ==, "c");

  assert_read ("-- --paused -- -h", NULL);
  g_assert_cmpstr (obj.file, ==, "--paused");
  g_assert_cmpstr (obj.more[0], ==, "--");
  g_assert_cmpstr (obj.more[1], ==, "-h");
  g_assert_false (obj.paused);
}

static void
test_bad (void)
{
  assert_read ("--paused", "FILE is missing");
  assert_read ("a --bogus", "unknown option '--bogus'");
  assert_read ("a --bogus=1", "unknown option '--bogus'");
  assert_read ("a --pause", "unknown option '--pause'");
  assert_read ("a --", NULL);
  assert_read ("a -x", "unknown option '-x'");
  assert_read ("a -hh", "unknown option '-hh'");
  assert_read ("a --=", "unknown option '--'");
  assert_read ("a --paused=yes", "option '--paused' takes no value");
  assert_read ("a --paused --paused", "option '--paused' is given twice");
  assert_read ("a --timeout", "option '--timeout' needs a value: SECONDS");
  assert_read ("a --timeout 0", "--timeout: '0' is not a number from 1 to 60");
  assert_read ("a --timeout=", "--timeout: '' is not a number from 1 to 60");
  assert_read ("a --root ''", "--root: the name is empty");
  assert_read ("--xml a --xml b", "option '--xml' is given twice");
  assert_read ("a --xml b", "option '--xml' is given twice");
  assert_read ("''", "FILE: the name is empty");
  assert_read ("a ''", "MORE: the name is empty");
}

/* What options.h asks of rows, for every command. */
static void
check_rows (const VcField *table)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean repeated = FALSE, optional = FALSE;
  VcPlace place;
  guint n = 0;

  for (const VcField *row = table; row != NULL && row->xml != NULL; row++, n++)
    {
      vc_option_place (row, &place);
      g_assert_nonnull (row->doc);
      g_assert_nonnull (row->type->read);
      g_assert_false (g_str_has_suffix (row->doc, "."));
      g_assert_true (place.name[0] != '\0' || place.value[0] != '\0');
      if (place.name[0] != '\0')
        g_assert_true (g_hash_table_add (names, g_strdup (place.name)));
      g_assert_true (place.letter == '\0' || g_hash_table_add (names, g_strndup (&place.letter, 1)));
      if (!place.argument)
        continue;
      g_assert_false (repeated);
      g_assert_true (!optional || (row->flags & VC_REQUIRED) == 0);
      repeated = place.repeated;
      optional = (row->flags & VC_REQUIRED) == 0;
    }
  g_assert_cmpuint (n, <=, VC_OPTIONS_MAX);
  if (table == vc_cli_options)
    return;
  for (const VcField *row = vc_cli_options; row->xml != NULL; row++)
    {
      vc_option_place (row, &place);
      g_assert_false (g_hash_table_contains (names, place.name));
    }
}

static void
test_commands (void)
{
  const char *before = "";

  check_rows (vc_cli_options);
  for (guint i = 0; vc_commands[i] != NULL; i++)
    {
      const VcCommand *command = vc_commands[i];

      g_assert_cmpstr (before, <, command->name);
      before = command->name;
      g_assert_true (vc_command_find (command->name) == command);
      g_assert_true (command->summary != NULL && command->about != NULL && command->run != NULL);
      g_assert_true (command->options == NULL || command->size > 0);
      check_rows (command->options);
      for (const VcStatus *row = command->statuses; row != NULL && row->doc != NULL; row++)
        g_assert_cmpint (row->status, !=, VC_EXIT_USAGE);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/good", test_good);
  g_test_add_func ("/options/bad", test_bad);
  g_test_add_func ("/options/commands", test_commands);
  status = g_test_run ();
  clear ();
  return status;
}
