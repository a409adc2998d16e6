/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/hide.h"

#include <glib/gstdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"

#define PLAIN     "-----BEGIN PRIVATE KEY-----\n"
#define ENCRYPTED "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"

static char *
new_file (const char *text)
{
  g_autoptr (GError) error = NULL;
  char *path = NULL;
  int fd = g_file_open_tmp ("hide-XXXXXX", &path, &error);

  g_assert_no_error (error);
  close (fd);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* Nobody has begun to hide: what can be read is told, and nothing else. */
static void
test_read (void)
{
  static const struct
  {
    const char *text;
    gboolean is_hidden;
  } rows[] = { { PLAIN, FALSE }, { ENCRYPTED, TRUE }, { "", TRUE }, { "x", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = new_file (rows[i].text);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (vc_hide_key (path, &error), ==, rows[i].is_hidden);
      if (!rows[i].is_hidden)
        g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
      g_unlink (path);
    }
  g_assert_true (vc_hide_key ("/nowhere/cakey.pem", NULL));
}

/* That there are no descriptors just now does not mean that it cannot be read. */
static void
test_no_descriptors (void)
{
  g_autofree char *path = new_file (PLAIN);
  g_autoptr (GError) error = NULL;
  struct rlimit before, none;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  none = before;
  none.rlim_cur = 0;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);
  g_assert_false (vc_hide_key (path, &error));
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hide/read", test_read);
  g_test_add_func ("/hide/no-descriptors", test_no_descriptors);
  return g_test_run ();
}
