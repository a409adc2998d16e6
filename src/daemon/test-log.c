/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/log.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Returns: new string, what stands behind the line's time and level. */
static char *
written (const char *words)
{
  int ends[2], before = dup (STDERR_FILENO);
  char line[8192] = "";
  const char *at;

  g_assert_cmpint (pipe (ends), ==, 0);
  g_assert_cmpint (dup2 (ends[1], STDERR_FILENO), ==, STDERR_FILENO);
  vc_log_book ("%s", words);
  dup2 (before, STDERR_FILENO);
  g_assert_cmpint (read (ends[0], line, sizeof line - 1), >, 0);
  close (ends[0]);
  close (ends[1]);
  close (before);
  at = strstr (line, "audit: ");
  g_assert_nonnull (at);
  return g_strdup (at + strlen ("audit: "));
}

/* What others have named cannot end a line, nor change how a terminal shows it. */
static void
test_text (void)
{
  static const struct
  {
    const char *words, *line;
  } rows[] = {
    { "a\nb\x1b[2J\x7f", "a\\x0a"
                         "b\\x1b[2J\\x7f\n" },
    { "fred\xe2\x80\xae"
      "toor",
      "fred\\u202etoor\n" },
    { "\xc2\x9b"
      "2J",
      "\\x9b"
      "2J\n" },
    { "j\xc3\xb6rg", "j\xc3\xb6rg\n" },
    { "\xff", "\xef\xbf\xbd\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *line = written (rows[i].words);

      g_assert_cmpstr (line, ==, rows[i].line);
    }
}

/* A long one ends with a whole character. */
static void
test_long (void)
{
  g_autoptr (GString) words = g_string_new ("x");
  g_autofree char *line = NULL;

  while (words->len < 10000)
    g_string_append (words, "\xc3\xb6");
  line = written (words->str);
  g_assert_cmpuint (strlen (line), >, 4000);
  g_assert_cmpuint (strlen (line), <=, 4097);
  g_assert_true (g_utf8_validate (line, -1, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("JOURNAL_STREAM");
  vc_log_open (VC_LOG_INFO);
  g_test_add_func ("/log/text", test_text);
  g_test_add_func ("/log/long", test_long);
  return g_test_run ();
}
