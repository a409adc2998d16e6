/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/process.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <poll.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "qemu/proc.h"

#define TIMEOUT_MS 10000

/* Runs a shell script and gives back what it wrote to stdout. */
static char *
run (VcSpawn how, const char *script, VcExit *ret_how, char **ret_words)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  VcProcess *process;
  GString *out = g_string_new (NULL);
  char bytes[4096];
  ssize_t got;
  int ends[2];

  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  how.argv = argv;
  how.out = ends[1];
  process = vc_process_new (&how, context, NULL, NULL, &error);
  g_assert_no_error (error);
  close (ends[1]);
  while ((got = read (ends[0], bytes, sizeof bytes)) > 0)
    g_string_append_len (out, bytes, got);
  close (ends[0]);
  g_assert_true (vc_process_wait (process, TIMEOUT_MS, ret_how));
  if (ret_words != NULL)
    *ret_words = vc_process_words (process);
  vc_process_free (process);
  return g_string_free (out, FALSE);
}

/* The end of a process that is nobody's child here. */
static void
wait_gone (pid_t pid)
{
  struct pollfd end = { .fd = (int) syscall (SYS_pidfd_open, pid, 0), .events = POLLIN };

  if (end.fd < 0)
    return; /* gone already */
  g_assert_cmpint (poll (&end, 1, 10000), ==, 1);
  close (end.fd);
}

static void
test_exit (void)
{
  static const struct
  {
    const char *script;
    VcExit how;
    const char *text;
  } rows[] = {
    { "exit 0", { FALSE, 0 }, "exited with status 0" },
    { "exit 7", { FALSE, 7 }, "exited with status 7" },
    { "kill -9 $$", { TRUE, 9 }, "was killed by signal 9 (Killed)" },
  };

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      VcExit how = { 0 };
      g_autofree char *out = run ((VcSpawn){ VC_SPAWN_INIT }, rows[n].script, &how, NULL);
      g_autofree char *text = vc_exit_print (&how);

      g_assert_cmpstr (out, ==, "");
      g_assert_cmpstr (text, ==, rows[n].text);
      g_assert_cmpint (how.code, ==, rows[n].how.code);
    }
}

/* The child has what it was given and nothing else. */
static void
test_surroundings (void)
{
  static const char *const env[] = { "HOME=/nowhere", "EXTRA=a b", NULL };
  VcExit how;
  int leaked = open ("/dev/null", O_RDONLY); /* no CLOEXEC on purpose */
  int kept = fcntl (leaked, F_DUPFD_CLOEXEC, 40);
  g_autofree char *want = g_strdup_printf ("%d", kept);
  g_autofree char *fds = NULL;
  g_autofree char *rest = NULL;
  g_autofree char *session = NULL;

  signal (SIGUSR1, SIG_IGN);
  g_setenv ("VC_SECRET", "x", TRUE);
  fds = run (
      (VcSpawn){ VC_SPAWN_INIT, .fds = &kept, .n_fds = 1 },
      "n=3; while [ $n -lt 100 ]; do [ -e /proc/$$/fd/$n ] && printf '%s' $n; n=$((n+1)); done; exit 0", &how,
      NULL);
  g_assert_cmpstr (fds, ==, want);
  rest = run ((VcSpawn){ VC_SPAWN_INIT, .env = env, .folder = "/tmp" },
              "kill -USR1 $$ & wait; printf '%s|%s|%s|%s|%s|%s' \"$HOME\" \"$EXTRA\" \"$LC_ALL\" "
              "\"$VC_SECRET\" $(pwd) $(umask)",
              &how, NULL);
  g_assert_cmpstr (rest, ==, ""); /* USR1 is not ignored any more: the script died */
  g_assert_true (how.signalled && how.code == SIGUSR1);
  g_free (rest);
  rest = run ((VcSpawn){ VC_SPAWN_INIT, .env = env, .folder = "/tmp" },
              "printf '%s|%s|%s|%s|%s|%s' \"$HOME\" \"$EXTRA\" \"$LC_ALL\" \"$VC_SECRET\" $(pwd) $(umask)",
              &how, NULL);
  g_assert_cmpstr (rest, ==, "/nowhere|a b|C||/tmp|0007");
  session = run ((VcSpawn){ VC_SPAWN_INIT },
                 "read pid name state parent group session rest </proc/$$/stat; [ $$ = $group ] && [ $$ = "
                 "$session ] && printf own",
                 &how, NULL);
  g_assert_cmpstr (session, ==, "own");
  g_unsetenv ("VC_SECRET");
  signal (SIGUSR1, SIG_DFL);
  close (leaked);
  close (kept);
}

static int
refuse (gconstpointer who)
{
  return EPERM;
}

static void
test_failures (void)
{
  static const char *const missing[] = { "/nonexistent/qemu", NULL };
  static const char *const shell[] = { "/bin/sh", NULL };
  static const char *const folder[] = { "/tmp", NULL };
  static const struct
  {
    VcSpawn how;
    VcErrorCode code;
    const char *words;
  } rows[] = {
    { { VC_SPAWN_INIT, .argv = missing },
      VC_ERROR_NOT_FOUND,
      "cannot run '/nonexistent/qemu': No such file or directory" },
    { { VC_SPAWN_INIT, .argv = folder }, VC_ERROR_DENIED, "cannot run '/tmp': Permission denied" },
    { { VC_SPAWN_INIT, .argv = shell, .folder = "/nonexistent" },
      VC_ERROR_NOT_FOUND,
      "cannot run '/bin/sh': /nonexistent: No such file or directory" },
    { { VC_SPAWN_INIT, .argv = shell, .become = refuse },
      VC_ERROR_DENIED,
      "cannot run '/bin/sh': changing to another user: Operation not permitted" },
  };

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_process_new (&rows[n].how, NULL, NULL, NULL, &error));
      g_assert_error (error, VC_ERROR, (int) rows[n].code);
      g_assert_cmpstr (error->message, ==, rows[n].words);
      g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1); /* no zombie */
    }
}

static void
test_words (void)
{
  g_autofree char *path = g_strdup ("/tmp/virtcard-words-XXXXXX");
  int log = g_mkstemp_full (path, O_RDWR | O_APPEND | O_CLOEXEC, 0600);
  g_autofree char *out = NULL;
  g_autofree char *words = NULL;
  g_autofree char *none = NULL;
  g_autofree char *long_words = NULL;
  g_autofree char *log_words = NULL;
  VcExit how;

  out = run ((VcSpawn){ VC_SPAWN_INIT }, "printf 'a\\nb\\r\\n\\nc\\nd\\ne' >&2", &how, &words);
  g_assert_cmpstr (words, ==, "b; c; d; e");
  g_free (out);
  out = run ((VcSpawn){ VC_SPAWN_INIT }, ":", &how, &none);
  g_assert_null (none);
  g_free (out);
  out = run ((VcSpawn){ VC_SPAWN_INIT }, "n=0; while [ $n -lt 3000 ]; do echo word $n >&2; n=$((n+1)); done",
             &how, &long_words);
  g_assert_cmpstr (long_words, ==, "word 2996; word 2997; word 2998; word 2999");
  g_free (out);

  /* From a log file, only what this process wrote. */
  g_assert_cmpint (write (log, "before\n", 7), ==, 7);
  out = run ((VcSpawn){ .in = -1, .err = log }, "echo after >&2", &how, &log_words);
  g_assert_cmpstr (log_words, ==, "after");
  close (log);
  g_unlink (path);
}

static void
on_exit_free (const VcExit *how, gpointer data)
{
  vc_process_free (g_steal_pointer ((VcProcess **) data));
}

static void
test_free_in_exit (void)
{
  static const char *const argv[] = { "/bin/true", NULL };
  VcSpawn how = { VC_SPAWN_INIT, .argv = argv };
  g_autoptr (GMainContext) context = g_main_context_new ();
  VcProcess *process = NULL;

  process = vc_process_new (&how, context, on_exit_free, &process, NULL);
  while (process != NULL)
    g_main_context_iteration (context, TRUE);
}

static void
test_bound (void)
{
  static const char *const argv[] = { "/bin/sh", "-c", "sleep 1000 & echo $! >&2; wait", NULL };
  VcSpawn how = { VC_SPAWN_INIT, .argv = argv, .bound = TRUE };
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  VcProcess *process = vc_process_new (&how, context, NULL, NULL, &error);
  g_autofree char *words = NULL;
  guint64 started = 0;
  guint64 again = 0;
  pid_t inner;

  g_assert_no_error (error);
  while ((words = vc_process_words (process)) == NULL)
    g_main_context_iteration (context, TRUE);
  inner = (pid_t) g_ascii_strtoll (words, NULL, 10);
  g_assert_true (vc_proc_started (inner, &started, &error));
  g_assert_true (vc_proc_started (vc_process_pid (process), &again, &error));
  g_assert_cmpuint (started, >=, again);
  vc_process_free (process);
  wait_gone (inner);
  g_assert_false (vc_proc_started (inner, &again, NULL));
}

/* A bound process ends with us even when nobody can tell it: our child starts one and is killed. */
static void
test_bound_to_killed (void)
{
  static const char *const argv[] = { "/bin/sleep", "1000", NULL };
  VcSpawn how = { VC_SPAWN_INIT, .argv = argv, .bound = TRUE };
  guint64 ticks;
  int ends[2];
  pid_t middle;
  pid_t inner = -1;

  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  middle = fork ();
  if (middle == 0)
    {
      inner = vc_spawn (&how, NULL);
      if (write (ends[1], &inner, sizeof inner) == sizeof inner)
        pause ();
      _exit (1);
    }
  g_assert_cmpint (read (ends[0], &inner, sizeof inner), ==, sizeof inner);
  g_assert_true (vc_proc_started (inner, &ticks, NULL));
  kill (middle, SIGKILL);
  waitpid (middle, NULL, 0);
  wait_gone (inner);
  g_assert_false (vc_proc_started (inner, &ticks, NULL));
  close (ends[0]);
  close (ends[1]);
}

static void
test_kill (void)
{
  static const char *const argv[] = { "/bin/sleep", "1000", NULL };
  VcSpawn how = { VC_SPAWN_INIT, .argv = argv };
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VcProcess) process = vc_process_new (&how, context, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;
  VcExit ending;

  g_assert_false (vc_process_wait (process, 1, &ending));
  g_assert_true (vc_process_kill (process, SIGTERM, &error));
  g_assert_true (vc_process_wait (process, TIMEOUT_MS, &ending));
  g_assert_true (ending.signalled && ending.code == SIGTERM);
  g_assert_false (vc_process_kill (process, SIGTERM, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_GONE);
}

static void
test_started (void)
{
  guint64 first = 0;
  guint64 second = 0;
  g_autoptr (GError) error = NULL;

  g_assert_true (vc_proc_started (getpid (), &first, &error));
  g_assert_true (vc_proc_started (getpid (), &second, &error));
  g_assert_cmpuint (first, ==, second);
  g_assert_cmpuint (first, >, 0);
  g_assert_false (vc_proc_started (0x7ffffff0, &first, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_GONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/exit", test_exit);
  g_test_add_func ("/process/surroundings", test_surroundings);
  g_test_add_func ("/process/failures", test_failures);
  g_test_add_func ("/process/words", test_words);
  g_test_add_func ("/process/free-in-exit", test_free_in_exit);
  g_test_add_func ("/process/bound", test_bound);
  g_test_add_func ("/process/bound-to-killed", test_bound_to_killed);
  g_test_add_func ("/process/kill", test_kill);
  g_test_add_func ("/process/started", test_started);
  return g_test_run ();
}
