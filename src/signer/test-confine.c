/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "signer/confine.h"

/* In a child, for there is no way back.  Returns: 0, or which step was wrong. */
static int
try_out (const char *folder, const char *other)
{
  g_autofree char *mine = g_build_filename (folder, "mine", NULL);
  g_autofree char *new = g_build_filename (folder, "new", NULL);

  confine_memory ();
  if (confine_files ("/nowhere", NULL)) /* what cannot be done is not passed over */
    return 6;
  if (!confine_files (folder, NULL))
    return 7;
  if (prctl (PR_GET_DUMPABLE) != 0 || prctl (PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
    return 1;
  if (open (other, O_RDONLY) >= 0 || errno != EACCES)
    return 2;
  if (open (new, O_WRONLY | O_CREAT, 0600) >= 0 || errno != EACCES)
    return 3;
  if (open ("/proc/self/mem", O_RDONLY) >= 0)
    return 4;
  if (unlink (other) == 0 || unlink (mine) < 0)
    return 5;
  return 0;
}

static void
test_files (void)
{
  g_autofree char *folder = g_dir_make_tmp ("confine-XXXXXX", NULL);
  g_autofree char *mine = g_build_filename (folder, "mine", NULL);
  g_autofree char *other = NULL;
  int fd = g_file_open_tmp ("other-XXXXXX", &other, NULL), status = 0;
  pid_t child;

  close (fd);
  if (syscall (SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
    {
      g_test_skip ("this kernel has no Landlock");
      return;
    }
  g_assert_true (g_file_set_contents (mine, "x", 1, NULL));
  child = fork ();
  if (child == 0)
    _exit (try_out (folder, other));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_unlink (other);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/confine/files", test_files);
  return g_test_run ();
}
