/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"

static char *dir;

static void
test_one (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcLock) first = vc_lock_new (dir, UUID, &error);
  g_autofree char *want = g_strdup_printf ("domain '" UUID "' is being run by process %d", (int) getpid ());

  g_assert_no_error (error);
  g_assert_null (vc_lock_new (dir, UUID, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, want);
  g_clear_error (&error);

  g_autoptr (VcLock) other G_GNUC_UNUSED = vc_lock_new (dir, "c7a5fdbd-edaf-9455-926a-d65c16db180a", &error);

  g_assert_no_error (error);
  g_clear_pointer (&first, vc_lock_free);
  first = vc_lock_new (dir, UUID, &error);
  g_assert_no_error (error);
  vc_lock_free (NULL);

  g_assert_null (vc_lock_new ("/no/such/folder", UUID, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
}

/* A process that is killed leaves its file behind, not its lock. */
static void
test_stale (void)
{
  g_autoptr (GError) error = NULL;
  int wire[2];
  char byte;
  g_autofree char *path = g_build_filename (dir, UUID ".lock", NULL);

  g_assert_cmpint (pipe (wire), ==, 0);

  pid_t pid = fork ();

  if (pid == 0)
    {
      if (!vc_lock_new (dir, UUID, NULL) || write (wire[1], "x", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  g_assert_cmpint (read (wire[0], &byte, 1), ==, 1);
  g_assert_null (vc_lock_new (dir, UUID, &error));

  g_autofree char *want = g_strdup_printf ("domain '" UUID "' is being run by process %d", (int) pid);

  g_assert_cmpstr (error->message, ==, want);
  g_clear_error (&error);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));

  g_autoptr (VcLock) lock G_GNUC_UNUSED = vc_lock_new (dir, UUID, &error);

  g_assert_no_error (error);
  close (wire[0]);
  close (wire[1]);
}

/* A child made while the lock is held does not keep it. */
static void
test_fork (void)
{
  g_autoptr (GError) error = NULL;
  VcLock *lock = vc_lock_new (dir, UUID, &error);
  pid_t pid = fork ();

  if (pid == 0)
    for (;;)
      pause ();
  vc_lock_free (lock);
  lock = vc_lock_new (dir, UUID, &error);
  g_assert_no_error (error);
  vc_lock_free (lock);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

/* Several processes take and give it back at once: never two at a time. */
static void
test_race (void)
{
  g_autofree char *inside = g_build_filename (dir, "inside", NULL);
  pid_t pids[4];

  for (gsize i = 0; i < G_N_ELEMENTS (pids); i++)
    if ((pids[i] = fork ()) == 0)
      {
        for (int n = 0; n < 500; n++)
          {
            g_autoptr (VcLock) lock G_GNUC_UNUSED = vc_lock_new (dir, UUID, NULL);
            int fd;

            if (!lock)
              continue;
            fd = open (inside, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
            if (fd < 0)
              _exit (1);
            close (fd);
            unlink (inside);
          }
        _exit (0);
      }
  for (gsize i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      int status = -1;

      g_assert_cmpint (waitpid (pids[i], &status, 0), ==, pids[i]);
      g_assert_cmpint (status, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dir = g_dir_make_tmp ("lock-XXXXXX", NULL);
  g_test_add_func ("/lock/one", test_one);
  g_test_add_func ("/lock/stale", test_stale);
  g_test_add_func ("/lock/fork", test_fork);
  g_test_add_func ("/lock/race", test_race);

  int rv = g_test_run ();

  g_assert_cmpint (rmdir (dir), ==, 0);
  g_free (dir);
  return rv;
}
