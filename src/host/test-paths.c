/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/paths.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"

static char *dir;

static void
assert_below (const char *path, const char *folder, const char *rest)
{
  g_autofree char *want = g_build_filename (folder, rest, NULL);

  g_assert_cmpstr (path, ==, want);
}

static void
test_root (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcPaths) paths = vc_paths_new (dir, &error);
  g_autofree char *here = g_get_current_dir ();

  g_assert_no_error (error);
  assert_below (paths->etc, dir, "etc/virtcard");
  assert_below (paths->state, dir, "var/lib/virtcard");
  assert_below (paths->run, dir, "run/virtcard");
  assert_below (paths->caps, dir, "var/lib/virtcard/caps");
  assert_below (paths->qemu_conf, dir, "etc/libvirt/qemu.conf");

  g_autofree char *own = g_build_filename (paths->etc, "qemu.conf", NULL);

  g_assert_cmpint (g_mkdir_with_parents (paths->etc, 0755), ==, 0);
  g_assert_true (g_file_set_contents (own, "", 0, NULL));
  g_clear_pointer (&paths, vc_paths_free);
  g_setenv ("VIRTCARD_ROOT", dir, TRUE);
  paths = vc_paths_new (NULL, &error);
  g_assert_cmpstr (paths->qemu_conf, ==, own);
  g_assert_cmpstr (paths->root, ==, dir);
  g_clear_pointer (&paths, vc_paths_free);

  paths = vc_paths_new ("some/../where/", &error);
  assert_below (paths->root, here, "where");
  g_clear_pointer (&paths, vc_paths_free);

  g_setenv ("VIRTCARD_ROOT", "", TRUE);
  g_assert_null (vc_paths_new (NULL, &error));
  g_assert_cmpstr (error->message, ==, "VIRTCARD_ROOT is empty");
  g_unsetenv ("VIRTCARD_ROOT");
}

/* Who is not root has them at home; as root the system's own are looked at, not made. */
static void
test_user (void)
{
  g_autoptr (VcPaths) paths = NULL;

  g_setenv ("HOME", "/h", TRUE);
  g_setenv ("XDG_CONFIG_HOME", "/c", TRUE);
  g_setenv ("XDG_STATE_HOME", "relative", TRUE);
  g_setenv ("XDG_DATA_HOME", "/d", TRUE);
  g_unsetenv ("XDG_CACHE_HOME");
  g_unsetenv ("XDG_RUNTIME_DIR");
  paths = vc_paths_new (NULL, NULL);
  g_assert_null (paths->root);
  if (geteuid () == 0)
    {
      g_assert_cmpstr (paths->etc, ==, "/etc/virtcard");
      g_assert_cmpstr (paths->state, ==, "/var/lib/virtcard");
      g_assert_cmpstr (paths->run, ==, "/run/virtcard");
      return;
    }
  g_assert_cmpstr (paths->etc, ==, "/c/virtcard");
  g_assert_cmpstr (paths->state, ==, "/d/virtcard");
  g_assert_cmpstr (paths->run, ==, "/h/.cache/virtcard/run");
  g_assert_cmpstr (paths->qemu_conf, ==, "/c/libvirt/qemu.conf");
  g_clear_pointer (&paths, vc_paths_free);

  g_unsetenv ("XDG_DATA_HOME");
  g_setenv ("XDG_RUNTIME_DIR", "/r", TRUE);
  paths = vc_paths_new (NULL, NULL);
  g_assert_cmpstr (paths->state, ==, "/h/.local/state/virtcard");
  g_assert_cmpstr (paths->run, ==, "/r/virtcard");
}

static void
test_guest (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcPaths) paths = vc_paths_new (dir, &error);
  g_autoptr (VcUser) user = geteuid () == 0 ? vc_user_get ("nobody", NULL, NULL) : vc_user_self ();
  g_autofree char *guest = vc_paths_get_guest (paths, UUID);
  g_autofree char *channels = vc_paths_get_channels (paths, UUID);
  g_autofree char *deep = g_build_filename (guest, "a", "b", NULL);
  g_autofree char *file = g_build_filename (deep, "file", NULL);
  g_autofree char *link = g_build_filename (guest, "link", NULL);
  g_autofree char *kept = g_build_filename (dir, "kept", NULL);
  g_autofree char *in_kept = g_build_filename (kept, "file", NULL);
  struct stat st;

  umask (077);
  g_assert_true (vc_paths_remove_guest (paths, UUID, &error));
  g_assert_true (vc_paths_make_guest (paths, UUID, user, &error));
  g_assert_no_error (error);
  g_assert_cmpint (stat (guest, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, 0700);
  g_assert_cmpuint (st.st_uid, ==, user->uid);
  g_assert_cmpint (stat (channels, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, 0700);
  g_assert_cmpuint (st.st_uid, ==, user->uid);
  g_assert_cmpint (stat (paths->run, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, geteuid () == 0 ? 0755 : 0700);

  /* What a run left is removed, what its links point to is not. */
  g_assert_cmpint (g_mkdir_with_parents (deep, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (kept, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_true (g_file_set_contents (in_kept, "x", 1, NULL));
  g_assert_cmpint (symlink (kept, link), ==, 0);
  g_assert_true (vc_paths_make_guest (paths, UUID, user, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (deep, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (in_kept, G_FILE_TEST_EXISTS));

  /* A link in the place of the folder is removed, not followed. */
  g_assert_true (vc_paths_remove_guest (paths, UUID, &error));
  g_assert_cmpint (symlink (kept, guest), ==, 0);
  g_assert_true (vc_paths_make_guest (paths, UUID, user, &error));
  g_assert_true (g_file_test (in_kept, G_FILE_TEST_EXISTS));
  g_assert_true (vc_paths_remove_guest (paths, UUID, &error));
  g_assert_false (g_file_test (guest, G_FILE_TEST_EXISTS));

  chmod (paths->run, 0777);
  g_assert_false (vc_paths_make_guest (paths, UUID, user, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
  g_assert_nonnull (strstr (error->message, "can be written to by others"));
  g_clear_error (&error);
  rmdir (paths->run);
  g_assert_cmpint (symlink (kept, paths->run), ==, 0);
  g_assert_false (vc_paths_make_run (paths, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dir = g_dir_make_tmp ("paths-XXXXXX", NULL);
  g_test_add_func ("/paths/root", test_root);
  g_test_add_func ("/paths/user", test_user);
  g_test_add_func ("/paths/guest", test_guest);

  int rv = g_test_run ();
  g_autofree char *command = g_strdup_printf ("rm -r %s", dir);

  g_assert_cmpint (system (command), ==, 0);
  g_free (dir);
  return rv;
}
