/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "host/logcap.h"

#define LIMIT 4000

static void
test_cap (void)
{
  g_autofree char *path = NULL, *text = NULL;
  int fd = g_file_open_tmp ("virtcard-XXXXXX", &path, NULL), writer;
  g_autoptr (VcLogCap) cap = NULL;
  gsize len;

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  fd = open (path, O_RDWR | O_APPEND | O_CLOEXEC);
  writer = open (path, O_WRONLY | O_APPEND | O_CLOEXEC);
  cap = vc_log_cap_new (fd, LIMIT);
  for (guint i = 0; i < LIMIT / 10; i++)
    {
      g_autofree char *line = g_strdup_printf ("line %04u\n", i);

      g_assert_cmpint (write (writer, line, strlen (line)), ==, 10);
    }
  g_assert_false (vc_log_cap_look (cap)); /* just as long as it may be */
  g_assert_cmpint (write (writer, "more\n", 5), ==, 5);
  g_assert_true (vc_log_cap_look (cap));
  g_assert_false (vc_log_cap_look (cap));
  g_assert_cmpint (write (writer, "last\n", 5), ==, 5); /* its writer goes on behind what is left */
  g_assert_true (g_file_get_contents (path, &text, &len, NULL));
  g_assert_cmpuint (len, <=, LIMIT / 4 + 40);
  g_assert_true (g_str_has_prefix (text, "[what was here is left out]\nline 0301\n"));
  g_assert_true (g_str_has_suffix (text, "line 0399\nmore\nlast\n"));
  close (writer);
  close (fd);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host/logcap", test_cap);
  return g_test_run ();
}
