/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
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

/* In a folder of QEMU's there may be anything by the time it is opened again. */
static void
test_open (void)
{
  g_autofree char *folder = g_dir_make_tmp ("virtcard-XXXXXX", NULL);
  g_autofree char *log = g_build_filename (folder, "log", NULL);
  g_autofree char *other = g_build_filename (folder, "other", NULL);
  int fd;

  g_assert_cmpint (vc_log_cap_open (log), <, 0);
  g_assert_true (g_file_set_contents (other, "secret", -1, NULL));
  g_assert_cmpint (symlink (other, log), ==, 0);
  g_assert_cmpint (vc_log_cap_open (log), <, 0);
  g_assert_cmpint (unlink (log), ==, 0);
  g_assert_cmpint (link (other, log), ==, 0);
  g_assert_cmpint (vc_log_cap_open (log), <, 0);
  g_assert_cmpint (unlink (log), ==, 0);
  g_assert_cmpint (mkfifo (log, 0600), ==, 0);
  g_assert_cmpint (vc_log_cap_open (log), <, 0);
  g_assert_cmpint (unlink (log), ==, 0);
  g_assert_true (g_file_set_contents (log, "line\n", -1, NULL));
  if (geteuid () == 0)
    {
      g_assert_cmpint (chown (log, 65534, 65534), ==, 0);
      g_assert_cmpint (vc_log_cap_open (log), <, 0);
      g_assert_cmpint (chown (log, 0, 0), ==, 0);
    }
  fd = vc_log_cap_open (log);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_unlink (log);
  g_unlink (other);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host/logcap", test_cap);
  g_test_add_func ("/host/logcap/open", test_open);
  return g_test_run ();
}
