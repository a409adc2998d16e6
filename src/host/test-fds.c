/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/fds.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "host/walk.h"

static char *dir;
static VcUser *self;

static char *
in_dir (const char *name)
{
  return g_build_filename (dir, name, NULL);
}

static void
put (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
assert_text (const char *path, const char *want)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, want);
}

static VcPlan *
plan_file (const char *path, gboolean cut)
{
  VcPlan *plan = vc_plan_new ();

  vc_props_file (vc_plan_add (plan, VC_Q_CHARDEV, "file", "c"), "path", path, cut);
  return plan;
}

static VcPlan *
plan_socket (const char *path)
{
  VcPlan *plan = vc_plan_new ();

  vc_props_listen (vc_plan_add (plan, VC_Q_CHARDEV, "socket", "c"), "path", path);
  return plan;
}

static const VcProp *
first_prop (const VcPlan *plan)
{
  return vc_props_nth (vc_plan_nth (plan, 0)->props, 0);
}

static void
test_file (void)
{
  g_autofree char *path = in_dir ("file");
  g_autoptr (GError) error = NULL;

  put (path, "old");
  for (gboolean cut = FALSE; cut <= TRUE; cut++)
    {
      g_autoptr (VcPlan) plan = plan_file (path, cut);
      g_autoptr (VcFds) fds = vc_fds_open (plan, self, &error);
      guint n = 0;

      g_assert_no_error (error);
      g_assert_cmpint (vc_fds_get (fds, &n)[0], ==, first_prop (plan)->fd);
      g_assert_cmpuint (n, ==, 1);
      g_assert_cmpuint (first_prop (plan)->fdset, ==, 1);
      g_assert_cmpint (write (first_prop (plan)->fd, "new", 3), ==, 3);
      g_assert_true (vc_props_get (vc_plan_nth (plan, 0)->props, "append")->flag);
      vc_fds_undo (fds); /* it was there before */
      assert_text (path, cut ? "new" : "oldnew");
    }
}

static void
test_new_file (void)
{
  g_autofree char *path = in_dir ("new");
  g_autoptr (GError) error = NULL;
  g_autoptr (VcPlan) plan = plan_file (path, TRUE);
  struct stat st;

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (VcFds) fds = vc_fds_open (plan, self, &error);

      g_assert_no_error (error);
      g_assert_cmpint (stat (path, &st), ==, 0);
      g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
      if (i == 1)
        g_assert_cmpint (write (first_prop (plan)->fd, "x", 1), ==, 1);
      if (i < 2)
        vc_fds_undo (fds);
      g_clear_pointer (&fds, vc_fds_free);
      g_assert_cmpint (access (path, F_OK), ==, i == 0 ? -1 : 0); /* empty: undone; written to: kept */
    }
}

static void
test_fail (void)
{
  g_autofree char *folder = in_dir ("none/file"), *fine = in_dir ("fine");
  g_autoptr (VcPlan) plan = plan_file (fine, TRUE);
  g_autoptr (GError) error = NULL;

  vc_props_file (vc_plan_add (plan, VC_Q_CHARDEV, "file", "d"), "path", folder, TRUE);
  g_assert_null (vc_fds_open (plan, self, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
  g_assert_cmpint (access (fine, F_OK), ==, -1);
}

static void
test_socket (void)
{
  g_autofree char *path = in_dir ("socket");
  g_autoptr (VcPlan) plan = plan_socket (path), other = plan_socket (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcFds) fds = NULL;

  for (guint i = 0; i < 2; i++) /* the second time in the place of the stale one */
    {
      g_clear_pointer (&fds, vc_fds_free);
      fds = vc_fds_open (plan, self, &error);
      g_assert_no_error (error);
      g_assert_true (vc_socket_is_served (path));
      if (i == 0)
        {
          g_autofree char *away = in_dir ("away");

          g_assert_cmpint (rename (path, away), ==, 0);
          g_clear_pointer (&fds, vc_fds_free);
          g_assert_cmpint (rename (away, path), ==, 0);
          g_assert_false (vc_socket_is_served (path));
        }
    }
  g_assert_null (vc_fds_open (other, self, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_BUSY);
  g_clear_pointer (&fds, vc_fds_free);
  g_assert_cmpint (access (path, F_OK), ==, -1);
}

/* What stands there when we are gone may be somebody else's. */
static void
test_not_ours (void)
{
  g_autofree char *path = in_dir ("swapped");
  g_autoptr (VcPlan) plan = plan_socket (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcFds) fds = vc_fds_open (plan, self, &error);

  g_assert_no_error (error);
  g_assert_cmpint (unlink (path), ==, 0);
  put (path, "theirs");
  g_clear_pointer (&fds, vc_fds_free);
  assert_text (path, "theirs");
  g_assert_null (vc_fds_open (plan, self, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_EXISTS);
}

static void
assert_walk (const char *path, const char *want_name, VcErrorCode want_code)
{
  g_autoptr (GError) error = NULL;
  g_auto (VcWalk) walk = VC_WALK_INIT;

  if (want_name != NULL)
    {
      g_assert_true (vc_walk (path, &walk, &error));
      g_assert_cmpstr (walk.name, ==, want_name);
      g_assert_cmpint (walk.folder, >=, 0);
      return;
    }
  g_assert_false (vc_walk (path, &walk, &error));
  g_assert_error (error, VC_ERROR, (gint) want_code);
}

static void
test_walk (void)
{
  g_autofree char *link = in_dir ("link"), *loop = in_dir ("loop"), *file = in_dir ("link/x/../a//b"),
                  *folder = in_dir ("folder/x"), *last = in_dir ("last"), *dot = in_dir ("link/");

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_cmpint (symlink ("folder", link), ==, 0);
  g_assert_cmpint (symlink ("loop", loop), ==, 0);
  g_assert_cmpint (symlink (".//folder/x/new", last), ==, 0);
  assert_walk (file, NULL, VC_ERROR_NOT_FOUND); /* there is no a */
  g_free (file);
  file = in_dir ("link/x/../x//b");
  assert_walk (file, "b", 0);
  assert_walk (last, "new", 0);
  assert_walk (loop, NULL, VC_ERROR_FAILED);
  assert_walk ("/", NULL, VC_ERROR_INVALID);
  assert_walk ("relative", NULL, VC_ERROR_INVALID);
  assert_walk (dot, "folder", 0);
  if (geteuid () == 0)
    {
      g_assert_cmpint (lchown (last, 65534, 65534), ==, 0);
      assert_walk (last, NULL, VC_ERROR_DENIED);
    }
}

static void
test_firm (void)
{
  g_autofree char *open = in_dir ("open"), *folder = in_dir ("open/folder"), *path = in_dir ("open/folder/x");
  static const struct
  {
    mode_t mode;
    gboolean is_firm;
  } rows[] = { { 0755, TRUE }, { 0777, FALSE }, { 01777, TRUE }, { 0775, FALSE } };

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_auto (VcWalk) walk = VC_WALK_INIT;

      g_assert_cmpint (chmod (open, rows[n].mode), ==, 0);
      g_assert_true (vc_walk (path, &walk, NULL));
      g_assert_cmpint (walk.is_firm, ==, rows[n].is_firm);
    }
}

static guint
count_open (void)
{
  g_autoptr (GDir) fds = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (fds) != NULL)
    n++;
  return n;
}

/* New files, one after the other, hold nothing open once QEMU has them; they stay. */
static void
test_many (void)
{
  g_autoptr (VcPlan) none = vc_plan_new ();
  g_autoptr (VcFds) fds = NULL;
  guint last = 0, before;

  fds = vc_fds_open_more (none, self, &last, NULL);
  before = count_open ();
  for (guint n = 0; n < 5; n++)
    {
      g_autofree char *name = g_strdup_printf ("many-%u", n);
      g_autofree char *file = in_dir (name);
      g_autoptr (VcPlan) plan = plan_file (file, FALSE);

      vc_fds_join (fds, vc_fds_open_more (plan, self, &last, NULL));
      vc_fds_drop (fds, plan);
      g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
    }
  g_assert_cmpuint (count_open (), ==, before);
}

/* For a QEMU that runs: numbers go on, and a socket that is used no longer goes, and no other. */
static void
test_more (void)
{
  g_autofree char *file = in_dir ("more"), *one = in_dir ("one.sock"), *two = in_dir ("two.sock");
  g_autoptr (VcPlan) first = plan_file (file, FALSE);
  g_autoptr (VcPlan) second = plan_file (file, FALSE);
  VcPlan *sockets[] = { plan_socket (one), plan_socket (two) };
  g_autoptr (GError) error = NULL;
  g_autoptr (VcFds) fds = NULL;
  guint last = 3, n = 0;

  fds = vc_fds_open_more (first, self, &last, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (first_prop (first)->fdset, ==, 4);
  vc_fds_join (fds, vc_fds_open_more (second, self, &last, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (first_prop (second)->fdset, ==, 5);
  g_assert_cmpuint (last, ==, 5);
  for (guint i = 0; i < 2; i++)
    vc_fds_join (fds, vc_fds_open_more (sockets[i], self, &last, &error));
  vc_fds_get (fds, &n);
  g_assert_cmpuint (n, ==, 1); /* those that joined are closed */
  vc_fds_drop (fds, sockets[0]);
  g_assert_false (g_file_test (one, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (two, G_FILE_TEST_EXISTS));
  g_clear_pointer (&fds, vc_fds_free);
  g_assert_false (g_file_test (two, G_FILE_TEST_EXISTS));
  vc_plan_free (sockets[0]);
  vc_plan_free (sockets[1]);
}

int
main (int argc, char **argv)
{
  g_autofree char *command = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  dir = g_dir_make_tmp ("virtcard-fds-XXXXXX", NULL);
  self = vc_user_self ();
  g_test_add_func ("/fds/file", test_file);
  g_test_add_func ("/fds/new-file", test_new_file);
  g_test_add_func ("/fds/fail", test_fail);
  g_test_add_func ("/fds/socket", test_socket);
  g_test_add_func ("/fds/more", test_more);
  g_test_add_func ("/fds/many", test_many);
  g_test_add_func ("/fds/not-ours", test_not_ours);
  g_test_add_func ("/walk/names", test_walk);
  g_test_add_func ("/walk/firm", test_firm);
  status = g_test_run ();
  command = g_strdup_printf ("rm -rf %s", dir);
  if (system (command) != 0)
    status = 1;
  vc_user_free (self);
  g_free (dir);
  return status;
}
