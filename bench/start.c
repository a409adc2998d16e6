/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a held guest takes to be ready at its monitor, and how long its end takes.
 *
 *   start run NAME COUNT COMMAND...   "virtcard run --paused": until it says that the guest is held
 *   start qemu NAME COUNT COMMAND...  QEMU by itself, its monitor listening on descriptor 99: until it has
 *                                     answered query-status
 *
 * Prints "NAME:ready", and for run "NAME:end": from the end of QEMU, after a SIGTERM to the command, to the
 * end of the command. */

#define MONITOR    99
#define MAX_WORDS  65536
#define MAX_ENDING 10000 /* ms */

static void G_GNUC_NORETURN
fail (const char *what)
{
  g_printerr ("%s: %s\n", what, g_strerror (errno));
  exit (1);
}

/* Reads until text has come; everything so far is in words. */
static void
read_until (int fd, char *words, gsize *len, const char *text)
{
  while (strstr (words, text) == NULL)
    {
      ssize_t got = *len < MAX_WORDS - 1 ? read (fd, words + *len, MAX_WORDS - 1 - *len) : 0;

      if (got <= 0)
        {
          g_printerr ("no '%s' in: %s\n", text, words);
          exit (1);
        }
      *len += (gsize) got;
      words[*len] = '\0';
    }
}

static pid_t
spawn (char **argv, int from, int to)
{
  posix_spawn_file_actions_t actions;
  pid_t pid;

  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, from, to);
  errno = posix_spawn (&pid, argv[0], &actions, NULL, argv, environ);
  if (errno != 0)
    fail (argv[0]);
  posix_spawn_file_actions_destroy (&actions);
  return pid;
}

static int
open_process (pid_t pid)
{
  int fd = pidfd_open (pid, 0);

  if (fd < 0)
    fail ("pidfd_open");
  return fd;
}

/* When QEMU and then the command were gone, apart. */
static double
end (pid_t command, pid_t qemu)
{
  struct pollfd gone[2] = { { .fd = open_process (qemu), .events = POLLIN },
                            { .fd = open_process (command), .events = POLLIN } };
  double qemu_gone;

  kill (command, SIGTERM);
  if (poll (gone, 1, MAX_ENDING) != 1)
    fail ("QEMU does not end");
  qemu_gone = now_us ();
  if (poll (gone + 1, 1, MAX_ENDING) != 1)
    fail ("the command does not end");
  close (gone[0].fd);
  close (gone[1].fd);
  waitpid (command, NULL, 0);
  return now_us () - qemu_gone;
}

static void
measure_run (char **argv, double *ret_ready, double *ret_end)
{
  g_autofree char *words = g_malloc0 (MAX_WORDS);
  const char *number;
  gsize len = 0;
  double begin;
  int ends[2];
  pid_t pid;

  if (pipe2 (ends, O_CLOEXEC) < 0)
    fail ("pipe");
  begin = now_us ();
  pid = spawn (argv, ends[1], STDERR_FILENO);
  close (ends[1]);
  read_until (ends[0], words, &len, " is held");
  *ret_ready = now_us () - begin;
  number = strstr (words, "process ");
  if (number == NULL)
    fail ("no process in what it says");
  *ret_end = end (pid, atoi (number + strlen ("process ")));
  close (ends[0]);
}

/* A listening socket without a name anybody could guess or would have to remove. */
static int
new_monitor (int *ret_client)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  socklen_t len = sizeof address;
  int listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  *ret_client = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind (listener, (struct sockaddr *) &address, sizeof address.sun_family) < 0 || listen (listener, 1) < 0
      || getsockname (listener, (struct sockaddr *) &address, &len) < 0
      || connect (*ret_client, (struct sockaddr *) &address, len) < 0)
    fail ("monitor");
  return listener;
}

static void
say (int monitor, const char *command)
{
  g_autofree char *line = g_strdup_printf ("{\"execute\":\"%s\"}\n", command);

  if (write (monitor, line, strlen (line)) < 0)
    fail ("monitor");
}

static void
measure_qemu (char **argv, double *ret_ready)
{
  g_autofree char *words = g_malloc0 (MAX_WORDS);
  gsize len = 0;
  int monitor;
  int listener = new_monitor (&monitor);
  double begin = now_us ();
  pid_t pid = spawn (argv, listener, MONITOR);

  close (listener);
  read_until (monitor, words, &len, "QMP");
  say (monitor, "qmp_capabilities");
  read_until (monitor, words, &len, "return");
  say (monitor, "query-status");
  read_until (monitor, words, &len, "prelaunch");
  *ret_ready = now_us () - begin;
  say (monitor, "quit");
  waitpid (pid, NULL, 0);
  close (monitor);
}

int
main (int argc, char **argv)
{
  gboolean is_run = argc > 4 && strcmp (argv[1], "run") == 0;
  guint count = argc > 4 ? (guint) MAX (atoi (argv[3]), 1) : 0;
  g_autofree double *ready = g_new (double, count);
  g_autofree double *ended = g_new (double, count);
  g_autofree char *ready_name = NULL;
  g_autofree char *end_name = NULL;

  if (count == 0)
    g_error ("usage: start run|qemu NAME COUNT COMMAND...");
  for (guint i = 0; i < count; i++)
    if (is_run)
      measure_run (argv + 4, &ready[i], &ended[i]);
    else
      measure_qemu (argv + 4, &ready[i]);
  ready_name = g_strconcat (argv[2], ":ready", NULL);
  end_name = g_strconcat (argv[2], ":end", NULL);
  report (ready_name, ready, count);
  if (is_run)
    report (end_name, ended, count);
  return 0;
}
