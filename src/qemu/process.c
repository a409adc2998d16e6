/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "qemu/proc.h"

#define MAX_LINES   4
#define AFTER_WORDS (G_PRIORITY_DEFAULT + 10) /* what it still said, on whatever socket, is heard first */

struct VcProcess
{
  GMainContext *context;
  pid_t pid;
  int pidfd;
  gboolean bound;
  gboolean ended;
  VcExit how;
  GSource *watch;
  VcExitFn on_exit;
  gpointer data;

  int err;         /* reading end of the pipe, or the file; -1: none */
  off_t err_start; /* where our lines start in the file; -1: a pipe  */
  GSource *reading;
  GString *tail; /* of the pipe */
};

char *
vc_exit_print (const VcExit *how)
{
  if (how->code < 0)
    return g_strdup ("ended");
  if (how->signalled)
    return g_strdup_printf ("was killed by signal %d (%s)", how->code, g_strsignal (how->code));
  return g_strdup_printf ("exited with status %d", how->code);
}

static void
drop_source (GSource **at)
{
  GSource *source = g_steal_pointer (at);

  if (source == NULL)
    return;
  g_source_destroy (source);
  g_source_unref (source);
}

/* FALSE at the end of the pipe. */
static gboolean
read_tail (VcProcess *process)
{
  char bytes[4096];

  for (;;)
    {
      ssize_t got = read (process->err, bytes, sizeof bytes);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return got < 0 && errno == EAGAIN;
      g_string_append_len (process->tail, bytes, got);
      if (process->tail->len > VC_PROCESS_MAX_WORDS)
        g_string_erase (process->tail, 0, (gssize) (process->tail->len - VC_PROCESS_MAX_WORDS));
    }
}

static gboolean
on_words (int fd, GIOCondition condition, gpointer data)
{
  VcProcess *process = data;

  if (read_tail (process))
    return G_SOURCE_CONTINUE;
  drop_source (&process->reading);
  return G_SOURCE_REMOVE;
}

/* Takes its status if it ended.  The zombie keeps the number of the group from being given to others,
 * so a bound process' group goes first. */
static gboolean
reap (VcProcess *process)
{
  siginfo_t info = { 0 };

  if (process->ended)
    return TRUE;
  if (waitid (P_PIDFD, (id_t) process->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
    {
      if (info.si_pid == 0)
        return FALSE;
      if (process->bound)
        kill (-process->pid, SIGKILL);
      waitid (P_PIDFD, (id_t) process->pidfd, &info, WEXITED | WNOHANG);
      process->how.signalled = info.si_code != CLD_EXITED;
      process->how.code = info.si_status;
    }
  else
    process->how.code = -1; /* somebody else reaped it */
  process->ended = TRUE;
  if (process->reading != NULL && !read_tail (process))
    drop_source (&process->reading);
  return TRUE;
}

static gboolean
on_pidfd (int fd, GIOCondition condition, gpointer data)
{
  VcProcess *process = data;

  if (!reap (process))
    return G_SOURCE_CONTINUE;
  drop_source (&process->watch);
  if (process->on_exit != NULL)
    {
      VcExit how = process->how;

      process->on_exit (&how, process->data); /* may free it */
    }
  return G_SOURCE_REMOVE;
}

static GSource *
watch (VcProcess *process, int fd, int priority, GUnixFDSourceFunc fn)
{
  GSource *source = g_unix_fd_source_new (fd, G_IO_IN);

  g_source_set_priority (source, priority);
  g_source_set_callback (source, G_SOURCE_FUNC (fn), process, NULL);
  g_source_attach (source, process->context);
  return source;
}

static void
open_file (VcProcess *process, int log)
{
  struct stat info;

  process->err = fcntl (log, F_DUPFD_CLOEXEC, 3);
  process->err_start = process->err >= 0 && fstat (process->err, &info) == 0 ? info.st_size : 0;
}

static gboolean
open_words (VcProcess *process, VcSpawn *how, int *ret_given, GError **error)
{
  int ends[2];

  *ret_given = -1;
  if (how->err >= 0)
    {
      open_file (process, how->err);
      return TRUE;
    }
  if (pipe2 (ends, O_CLOEXEC) < 0)
    return vc_fail_errno (error, errno, "cannot make a pipe");
  process->err = ends[0];
  process->err_start = -1;
  fcntl (ends[0], F_SETFL, O_NONBLOCK);
  how->err = *ret_given = ends[1];
  return TRUE;
}

static VcProcess *
new_unborn (GMainContext *context, VcExitFn on_exit, gpointer data)
{
  VcProcess *process = g_new0 (VcProcess, 1);

  process->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  process->pid = process->pidfd = process->err = -1;
  process->ended = TRUE; /* nothing to end yet */
  process->on_exit = on_exit;
  process->data = data;
  process->tail = g_string_new (NULL);
  return process;
}

VcProcess *
vc_process_find (pid_t pid, guint64 started, int log, GMainContext *context, VcExitFn on_exit, gpointer data,
                 GError **error)
{
  g_autoptr (VcProcess) process = new_unborn (context, on_exit, data);
  guint64 now = 0;

  process->pid = pid;
  process->pidfd = pidfd_open (pid, 0);
  /* Looked at only now, while the number is held. */
  if (process->pidfd < 0 || !vc_proc_started (pid, &now, NULL) || now != started)
    return vc_fail_null (error, VC_ERROR_GONE, "process %d has ended", (int) pid);
  if (log >= 0)
    open_file (process, log);
  process->ended = FALSE;
  process->watch = watch (process, process->pidfd, AFTER_WORDS, on_pidfd);
  return g_steal_pointer (&process);
}

VcProcess *
vc_process_new (const VcSpawn *how, GMainContext *context, VcExitFn on_exit, gpointer data, GError **error)
{
  g_autoptr (VcProcess) process = new_unborn (context, on_exit, data);
  VcSpawn here = *how;
  int given = -1;

  process->bound = how->bound;
  if (!open_words (process, &here, &given, error))
    return NULL;
  process->pid = vc_spawn (&here, error);
  if (given >= 0)
    close (given);
  if (process->pid < 0)
    return NULL;

  process->pidfd = pidfd_open (process->pid, 0);
  if (process->pidfd < 0)
    {
      vc_fail_errno (error, errno, "cannot watch process %d", (int) process->pid);
      kill (process->pid, SIGKILL);
      waitpid (process->pid, NULL, 0);
      return NULL;
    }
  process->ended = FALSE;
  process->watch = watch (process, process->pidfd, AFTER_WORDS, on_pidfd);
  if (process->err_start < 0)
    process->reading = watch (process, process->err, G_PRIORITY_DEFAULT, on_words);
  return g_steal_pointer (&process);
}

void
vc_process_free (VcProcess *process)
{
  if (process == NULL)
    return;
  if (process->bound && !process->ended)
    {
      struct pollfd ready = { .fd = process->pidfd, .events = POLLIN };

      kill (-process->pid, SIGKILL);
      pidfd_send_signal (process->pidfd, SIGKILL, NULL, 0);
      while (!reap (process) && (poll (&ready, 1, -1) >= 0 || errno == EINTR))
        continue;
    }
  drop_source (&process->watch);
  drop_source (&process->reading);
  if (process->pidfd >= 0)
    close (process->pidfd);
  if (process->err >= 0)
    close (process->err);
  g_string_free (process->tail, TRUE);
  g_main_context_unref (process->context);
  g_free (process);
}

pid_t
vc_process_pid (const VcProcess *process)
{
  return process->pid;
}

gboolean
vc_process_kill (VcProcess *process, int number, GError **error)
{
  if (process->ended || (pidfd_send_signal (process->pidfd, number, NULL, 0) < 0 && errno == ESRCH))
    return vc_fail (error, VC_ERROR_GONE, "process %d has ended", (int) process->pid);
  return TRUE;
}

static gboolean
on_timeout (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

gboolean
vc_process_wait (VcProcess *process, guint timeout_ms, VcExit *ret_how)
{
  GSource *timer = g_timeout_source_new (timeout_ms);
  gboolean late = FALSE;

  g_source_set_callback (timer, on_timeout, &late, NULL);
  g_source_attach (timer, process->context);
  while (!process->ended && !late)
    g_main_context_iteration (process->context, TRUE);
  drop_source (&timer);
  if (process->ended)
    *ret_how = process->how;
  return process->ended;
}

static void
read_file_end (VcProcess *process)
{
  struct stat info;
  char bytes[VC_PROCESS_MAX_WORDS];
  off_t from;
  ssize_t got;

  if (process->err < 0 || fstat (process->err, &info) < 0)
    return;
  from = MAX (process->err_start, info.st_size - VC_PROCESS_MAX_WORDS);
  got = pread (process->err, bytes, sizeof bytes, from);
  g_string_truncate (process->tail, 0);
  if (got > 0)
    g_string_append_len (process->tail, bytes, got);
}

char *
vc_process_words (VcProcess *process)
{
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) words = g_string_new (NULL);
  guint wanted = 0;
  guint n;

  if (process->err_start >= 0)
    read_file_end (process);
  g_strdelimit (process->tail->str, "\r", '\n');
  lines = g_strsplit (process->tail->str, "\n", -1);
  for (n = g_strv_length (lines); n > 0 && wanted < MAX_LINES; n--)
    wanted += *lines[n - 1] != '\0';
  for (; lines[n] != NULL; n++)
    if (*lines[n] != '\0')
      g_string_append_printf (words, "%s%s", words->len > 0 ? "; " : "", lines[n]);
  return words->len > 0 ? g_utf8_make_valid (words->str, (gssize) words->len) : NULL;
}

gboolean
vc_process_fail (VcProcess *process, const VcExit *how, const char *who, GError **error)
{
  g_autofree char *exit = vc_exit_print (how);
  g_autofree char *words = vc_process_words (process);

  return vc_fail (error, VC_ERROR_GONE, "%s %s%s%s", who, exit, words != NULL ? ": " : "",
                  words != NULL ? words : "");
}
