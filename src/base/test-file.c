/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/file.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static char *dir;

static void
test_write (void)
{
  const VcFileHow how = { .mode = 0600, .uid = (uid_t) -1, .gid = (gid_t) -1 };
  const VcFileHow again = { .mode = 0644, .replace = TRUE, .uid = (uid_t) -1, .gid = (gid_t) -1 };
  g_autofree char *path = g_build_filename (dir, "a", NULL);
  g_autofree char *want = g_strdup_printf ("%s: exists already", path);
  g_autofree char *text = NULL;
  g_autofree char *newer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) list = NULL;
  struct stat st;
  gsize len;

  g_assert_true (vc_file_write (path, "one\0", 4, &how, &error));
  g_assert_no_error (error);
  g_assert_true (stat (path, &st) == 0 && (st.st_mode & 07777) == 0600);
  g_assert_false (vc_file_write (path, "two", 3, &how, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_EXISTS);
  g_assert_cmpstr (error->message, ==, want);
  g_clear_error (&error);
  text = vc_file_read (path, 4, &len, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (text, len, "one\0", 4);
  g_assert_true (vc_file_write (path, "three", 5, &again, &error));
  newer = vc_file_read (path, 100, &len, &error);
  g_assert_cmpmem (newer, len, "three", 5);
  g_assert_true (stat (path, &st) == 0 && (st.st_mode & 07777) == 0644);

  /* Nothing is left beside it. */
  list = g_dir_open (dir, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (list), ==, "a");
  g_assert_null (g_dir_read_name (list));
  g_unlink (path);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *name, *message;
    int code;
  } rows[] = {
    { "none", "none: No such file or directory", VC_ERROR_NOT_FOUND },
    { "folder", "folder: is a folder", VC_ERROR_INVALID },
    { "fifo", "fifo: is not a file", VC_ERROR_INVALID },
    { "long", "long: has more than 4 bytes", VC_ERROR_LIMIT },
  };

  g_chdir (dir);
  g_assert_true (g_file_set_contents ("long", "12345", -1, NULL));
  g_mkdir ("folder", 0700);
  g_assert_cmpint (mkfifo ("fifo", 0600), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      gsize len;

      g_assert_null (vc_file_read (rows[i].name, 4, &len, &error));
      g_assert_error (error, VC_ERROR, rows[i].code);
      g_assert_cmpstr (error->message, ==, rows[i].message);
      if (i != 1)
        g_unlink (rows[i].name);
    }
  g_rmdir ("folder");
  g_chdir ("/");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  dir = g_dir_make_tmp ("file-XXXXXX", NULL);
  g_test_add_func ("/file/write", test_write);
  g_test_add_func ("/file/refused", test_refused);
  status = g_test_run ();
  g_rmdir (dir);
  g_free (dir);
  return status;
}
