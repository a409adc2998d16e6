/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "pki/fingerprint.h"
#include "pki/trust.h"

#define A    "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B    "SHA256:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define TIME "2026-01-31T23:59:59Z"

static char *folder, *path;

static void
set_up (void)
{
  folder = g_dir_make_tmp ("vc-trust-XXXXXX", NULL);
  path = g_build_filename (folder, "a", "b", "known_servers", NULL);
}

static void
remove_all (const char *at)
{
  GDir *dir = g_dir_open (at, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (at, name, NULL);

      remove_all (below);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_remove (at);
}

static void
tear_down (void)
{
  remove_all (folder);
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&path, g_free);
}

static guint
get_mode (const char *what)
{
  struct stat st;

  g_assert_cmpint (stat (what, &st), ==, 0);
  return st.st_mode & 07777;
}

static void
put (const char *text)
{
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (chmod (path, 0600), ==, 0);
}

static char *
get (void)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
test_fingerprint (void)
{
  static const char *const bad[] = { "",
                                     "SHA256:",
                                     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                     A "A",
                                     A "==",
                                     "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                     "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
                                     "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA A",
                                     "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                     "SHA256:AAAAAAAAAAAAAAAAAAAAA!AAAAAAAAAAAAAAAAAAAAA",
                                     "MD5:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
  const guint8 digest[VC_FINGERPRINT_DIGEST] = { 1 };
  g_autofree char *printed = vc_fingerprint_print (digest);
  g_autofree char *pasted = vc_fingerprint_read ("  " B "=\n", NULL);

  g_assert_cmpstr (printed, ==, B);
  g_assert_cmpstr (pasted, ==, B);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_fingerprint_read (bad[i], &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
    }
}

static void
test_read (void)
{
  static const char text[] = "# mine\n\nWeb.Example 16514 " A " " TIME "\nfd00:0::1 1 " B " " TIME "\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (VcTrust) list = vc_trust_read_text (text, strlen (text), "f", &error);
  g_autofree char *printed = NULL;
  const VcTrusted *one;

  g_assert_no_error (error);
  g_assert_cmpuint (vc_trust_count (list), ==, 2);
  one = vc_trust_find (list, "WEB.example", 16514);
  g_assert_nonnull (one);
  g_assert_true (one == vc_trust_get (list, 0));
  g_assert_cmpstr (one->host, ==, "web.example");
  g_assert_cmpstr (one->fingerprint, ==, A);
  g_assert_cmpint (one->first_seen, ==, 1769903999);
  g_assert_cmpuint (one->line, ==, 3);
  g_assert_cmpstr (vc_trust_get (list, 1)->host, ==, "fd00::1");
  g_assert_nonnull (vc_trust_find (list, "fd00:0:0::1", 1));
  g_assert_null (vc_trust_find (list, "fd00::1", 2));
  g_assert_null (vc_trust_find (list, "web.example.", 16514));
  printed = vc_trust_print (list);
  g_assert_cmpstr (printed, ==, text);
}

/* Whatever is wrong anywhere: nobody is trusted. */
static void
test_damaged (void)
{
  static const struct
  {
    const char *text, *why;
  } rows[] = {
    { "web 1 " A " " TIME, "f: its last line has no end" },
    { "web 1 " A " " TIME "\nx\n", "f:2: not 'HOST PORT FINGERPRINT TIME', with one space between them" },
    { "web  1 " A " " TIME "\n", "f:1: not 'HOST PORT FINGERPRINT TIME', with one space between them" },
    { " web 1 " A "\n", "f:1: '' is no host" },
    { "a\tb 1 " A " " TIME "\n", "f:1: 'a\tb' is no host" },
    { "web 0 " A " " TIME "\n", "f:1: '0' is no port" },
    { "web 080 " A " " TIME "\n", "f:1: '080' is no port" },
    { "web 65536 " A " " TIME "\n", "f:1: '65536' is no port" },
    { "web 1 " A "= " TIME "\n", "f:1: '" A "=' is not '" A "'" },
    { "web 1 ab:cd " TIME "\n",
      "f:1: 'ab:cd' is no fingerprint: it is 'SHA256:' and 43 characters of base64" },
    { "web 1 " A " 2026-01-31\n", "f:1: '2026-01-31' is no time: YYYY-MM-DDTHH:MM:SSZ" },
    { "web 1 " A " 2026-02-30T00:00:00Z\n", "f:1: '2026-02-30T00:00:00Z' is no time: YYYY-MM-DDTHH:MM:SSZ" },
    { "web 1 " A " " TIME "\n#\nWEB 1 " B " " TIME "\n",
      "f:3: server 'web' port 1 stands in line 1 already" },
    { "\xff\n", "f: is not text in UTF-8" },
    { "web 1 " A " " TIME "\r\n", "f:1: '" TIME "\r' is no time: YYYY-MM-DDTHH:MM:SSZ" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_trust_read_text (rows[i].text, strlen (rows[i].text), "f", &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, rows[i].why);
    }
}

static void
test_change (void)
{
  static const char text[] = "# mine\nweb 1 " A " " TIME "\n";
  g_autoptr (VcTrust) list = vc_trust_read_text (text, strlen (text), "f", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *printed = NULL;

  g_assert_true (vc_trust_add (list, "WEB", 1, A, 5, &error));
  g_assert_cmpuint (vc_trust_count (list), ==, 1);
  g_assert_false (vc_trust_add (list, "web", 1, B, 5, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_EXISTS);
  g_assert_cmpstr (error->message, ==,
                   "f:2: server 'web' port 1 is there with another key: " A ", first seen on " TIME);
  g_clear_error (&error);
  g_assert_true (vc_trust_add (list, "web", 2, B " ", 5, &error));
  printed = vc_trust_print (list);
  g_assert_cmpstr (printed, ==, "# mine\nweb 1 " A " " TIME "\nweb 2 " B " 1970-01-01T00:00:05Z\n");
  for (guint i = 0; i < 4; i++)
    {
      static const char *const hosts[] = { "", "a b", "#x", "a\nb" };

      g_assert_false (vc_trust_add (list, hosts[i], 1, A, 5, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
      g_clear_error (&error);
    }
  g_assert_true (vc_trust_remove (list, "Web", 1, &error));
  g_assert_null (vc_trust_find (list, "web", 1));
  g_assert_false (vc_trust_remove (list, "web", 1, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
}

static void
test_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcTrust) none = NULL;
  g_autoptr (VcTrust) list = NULL;
  g_autofree char *parent = NULL;

  set_up ();
  none = vc_trust_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (vc_trust_count (none), ==, 0);
  g_assert_true (vc_trust_remember (path, "web", 1, A, FALSE, &error));
  g_assert_no_error (error);
  parent = g_path_get_dirname (path);
  g_assert_cmpuint (get_mode (parent), ==, 0700);
  g_assert_cmpuint (get_mode (path), ==, 0600);
  g_assert_false (vc_trust_remember (path, "web", 1, B, FALSE, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (vc_trust_remember (path, "web", 1, B, TRUE, &error));
  list = vc_trust_load (path, &error);
  g_assert_cmpstr (vc_trust_find (list, "web", 1)->fingerprint, ==, B);
  g_assert_cmpuint (vc_trust_count (list), ==, 1);
  g_assert_true (vc_trust_forget (path, "web", 1, &error));
  g_assert_false (vc_trust_forget (path, "web", 1, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
  tear_down ();
}

/* A damaged one is neither used nor written again. */
static void
test_damaged_file (void)
{
  static const char text[] = "web 1 " A " " TIME "\nsomething\n";
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;

  set_up ();
  put (text);
  g_assert_null (vc_trust_load (path, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (vc_trust_remember (path, "other", 1, A, TRUE, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (vc_trust_forget (path, "web", 1, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
  after = get ();
  g_assert_cmpstr (after, ==, text);
  tear_down ();
}

static void
test_others (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *other = NULL;

  set_up ();
  put ("web 1 " A " " TIME "\n");
  g_assert_cmpint (chmod (path, 0620), ==, 0);
  g_assert_null (vc_trust_load (path, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
  g_clear_error (&error);
  g_assert_cmpint (chmod (path, 0644), ==, 0);
  if (geteuid () == 0)
    {
      g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
      g_assert_null (vc_trust_load (path, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
      g_clear_error (&error);
    }
  /* A link is as good as what it leads to, and what is no file lets nobody in. */
  other = g_strconcat (path, ".other", NULL);
  g_assert_cmpint (rename (path, other), ==, 0);
  g_assert_cmpint (chmod (other, 0602), ==, 0);
  g_assert_cmpint (symlink (other, path), ==, 0);
  g_assert_null (vc_trust_load (path, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
  g_clear_error (&error);
  g_assert_cmpint (unlink (path), ==, 0);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_null (vc_trust_load (path, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
  tear_down ();
}

/* Puts one and the other of two files at path in turn, until it is told to end. */
static gpointer
swap (gpointer data)
{
  static const char *const names[] = { "good", "bad" };
  gint *is_over = data;
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *next = g_build_filename (parent, "next", NULL);

  for (guint i = 0; !g_atomic_int_get (is_over); i++)
    {
      g_autofree char *name = g_build_filename (parent, names[i % 2], NULL);

      g_assert_cmpint (link (name, next), ==, 0);
      g_assert_cmpint (rename (next, path), ==, 0);
      g_unlink (next); /* where both are one file nothing was moved */
    }
  return NULL;
}

/* What is judged is what is read, whatever stands at the path before or after. */
static void
test_swapped (void)
{
  g_autofree char *parent = NULL;
  g_autofree char *good = NULL;
  g_autofree char *bad = NULL;
  gint is_over = FALSE;
  guint n = 0;
  GThread *thread;

  set_up ();
  put ("web 1 " A " " TIME "\n");
  parent = g_path_get_dirname (path);
  good = g_build_filename (parent, "good", NULL);
  bad = g_build_filename (parent, "bad", NULL);
  g_assert_cmpint (rename (path, good), ==, 0);
  put ("web 1 " B " " TIME "\n");
  g_assert_cmpint (chmod (path, 0666), ==, 0);
  g_assert_cmpint (rename (path, bad), ==, 0);
  g_assert_cmpint (link (good, path), ==, 0);
  thread = g_thread_new ("swap", swap, &is_over);
  while (n < 20000)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcTrust) list = vc_trust_load (path, &error);

      if (list != NULL)
        g_assert_cmpstr (vc_trust_find (list, "web", 1)->fingerprint, ==, A);
      else
        g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
      n++;
    }
  g_atomic_int_set (&is_over, TRUE);
  g_thread_join (thread);
  tear_down ();
}

/* Many processes at once lose no line. */
static void
test_together (void)
{
  g_autoptr (VcTrust) list = NULL;
  pid_t children[8];

  set_up ();
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = fork ();
      if (children[i] == 0)
        {
          for (guint port = 1; port <= 5; port++)
            if (!vc_trust_remember (path, "web", i * 5 + port, A, FALSE, NULL))
              _exit (1);
          _exit (0);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      int status = -1;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  list = vc_trust_load (path, NULL);
  g_assert_cmpuint (vc_trust_count (list), ==, 40);
  tear_down ();
}

static void
test_place (void)
{
  g_autofree char *own = NULL;
  g_autofree char *usual = NULL;

  g_setenv ("XDG_CONFIG_HOME", "/x", TRUE);
  own = vc_trust_default_path ();
  g_assert_cmpstr (own, ==, "/x/virtcard/known_servers");
  g_setenv ("XDG_CONFIG_HOME", "x", TRUE);
  usual = vc_trust_default_path ();
  g_assert_true (g_str_has_suffix (usual, "/.config/virtcard/known_servers"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trust/fingerprint", test_fingerprint);
  g_test_add_func ("/trust/read", test_read);
  g_test_add_func ("/trust/damaged", test_damaged);
  g_test_add_func ("/trust/change", test_change);
  g_test_add_func ("/trust/file", test_file);
  g_test_add_func ("/trust/damaged-file", test_damaged_file);
  g_test_add_func ("/trust/others", test_others);
  g_test_add_func ("/trust/together", test_together);
  g_test_add_func ("/trust/place", test_place);
  g_test_add_func ("/trust/swapped", test_swapped);
  return g_test_run ();
}
