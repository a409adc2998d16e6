/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measure.h"

#include <spawn.h>
#include <sys/wait.h>
#include <fcntl.h>

/* spawn NAME COUNT COMMAND...: how long a whole process lives, from before its start to its end.  What it
 * prints is thrown away. */
int
main (int argc, char **argv)
{
  guint count = argc > 3 ? (guint) MAX (atoi (argv[2]), 1) : 0;
  g_autofree double *times = g_new (double, count);
  posix_spawn_file_actions_t actions;

  if (count == 0)
    g_error ("usage: spawn NAME COUNT COMMAND...");
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_addopen (&actions, 1, "/dev/null", O_WRONLY, 0);
  for (guint i = 0; i < count; i++)
    {
      double begin = now_us ();
      int status = 1;
      pid_t pid;

      if (posix_spawnp (&pid, argv[3], &actions, NULL, argv + 3, environ) != 0
          || waitpid (pid, &status, 0) != pid || status != 0)
        g_error ("%s failed", argv[3]);
      times[i] = now_us () - begin;
    }
  posix_spawn_file_actions_destroy (&actions);
  report (argv[1], times, count);
  return 0;
}
