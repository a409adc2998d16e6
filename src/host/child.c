/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

#define REAP_MS    500   /* how long a killed child may take to go */
#define READ_BYTES 4096u /* at once                                */

/* Between fork and exec of a program that may have threads: nothing but system calls, no memory. */
static int
child (VcChildFn fn, gconstpointer data, const VcUser *user, int out, int keep, pid_t parent)
{
  struct sigaction usual = { .sa_handler = SIG_DFL };
  sigset_t none;
  int null;

  for (int i = 1; i < NSIG; i++)
    sigaction (i, &usual, NULL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  if (user && vc_user_become (user) != 0)
    return VC_CHILD_NO_USER;
  prctl (PR_SET_PDEATHSIG, SIGKILL); /* after the change of user, which clears it */
  if (getppid () != parent)
    return VC_CHILD_NO_USER;

  if (keep >= 0)
    keep = fcntl (keep, F_DUPFD, 10);
  out = fcntl (out, F_DUPFD, 10); /* away from 0 to 3, which may have been closed in the parent */
  null = open ("/dev/null", O_RDWR);
  if (out < 0 || null < 0 || dup2 (null, 0) < 0 || dup2 (out, 3) < 0)
    return VC_CHILD_NO_USER;
  if (keep >= 0 && dup3 (keep, VC_CHILD_KEPT, O_CLOEXEC) < 0)
    return VC_CHILD_NO_USER;
  syscall (SYS_close_range, keep >= 0 ? VC_CHILD_KEPT + 1u : 4u, ~0u, 0u);
  return fn (data, 3);
}

static int
left_ms (gint64 deadline)
{
  gint64 left = (deadline - g_get_monotonic_time () + 999) / 1000;

  return (int) CLAMP (left, 0, G_MAXINT);
}

/* Reads until the child has closed its end: VC_CHILD_EXITED, unless that was not to be.  out has room for
 * all that may come: an array that grew would leave copies behind, of keys too. */
static VcChildEnd
collect (int fd, gint64 deadline, gsize max_out, GByteArray *out)
{
  for (;;)
    {
      struct pollfd p = { .fd = fd, .events = POLLIN };
      guint so_far = out->len;
      int ready = poll (&p, 1, left_ms (deadline));

      if (ready < 0 && errno == EINTR)
        continue;
      if (ready <= 0)
        return VC_CHILD_LATE;
      g_byte_array_set_size (out, (guint) MIN (so_far + READ_BYTES, max_out + 1));

      gssize n = read (fd, out->data + so_far, out->len - so_far);
      int errsv = errno;

      g_byte_array_set_size (out, so_far + (guint) MAX (n, 0));
      if (n < 0 && (errsv == EINTR || errsv == EAGAIN))
        continue;
      if (n <= 0)
        return VC_CHILD_EXITED;
      if (out->len <= max_out)
        continue;
      g_byte_array_set_size (out, (guint) max_out);
      return VC_CHILD_FLOODED;
    }
}

static gboolean
gone (int pidfd, gint64 deadline)
{
  for (;;)
    {
      struct pollfd p = { .fd = pidfd, .events = POLLIN };
      int ready = poll (&p, 1, left_ms (deadline));

      if (ready >= 0 || errno != EINTR)
        return ready > 0;
    }
}

static void
end (pid_t pid, int pidfd, gint64 deadline, VcChildEnd so_far, VcChildResult *result)
{
  siginfo_t info = { 0 };

  result->end = so_far;
  if (so_far == VC_CHILD_EXITED && !gone (pidfd, deadline))
    result->end = VC_CHILD_LATE;
  if (result->end != VC_CHILD_EXITED)
    {
      syscall (SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
      if (!gone (pidfd, g_get_monotonic_time () + REAP_MS * 1000))
        return;
    }
  if (waitid (P_PID, pid, &info, WEXITED | WNOHANG) < 0 || result->end != VC_CHILD_EXITED)
    return;
  result->end = info.si_code == CLD_EXITED ? VC_CHILD_EXITED : VC_CHILD_KILLED;
  result->status = info.si_status;
}

gboolean
vc_child_run (VcChildFn fn, gconstpointer data, const VcUser *user, int keep, guint timeout_ms, gsize max_out,
              VcChildResult *ret_result, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  pid_t self = getpid ();
  int wire[2];
  sigset_t all, before;

  if (pipe2 (wire, O_CLOEXEC) < 0)
    return vc_fail_errno (error, errno, "cannot make a pipe");

  /* No handler of ours may run in the child. */
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);

  pid_t pid = fork ();

  if (pid == 0)
    _exit (child (fn, data, user, wire[1], keep, self));

  int errsv = errno;

  pthread_sigmask (SIG_SETMASK, &before, NULL);
  close (wire[1]);
  if (pid < 0)
    {
      close (wire[0]);
      return vc_fail_errno (error, errsv, "cannot make a process");
    }

  int pidfd = (int) syscall (SYS_pidfd_open, pid, 0);

  if (pidfd < 0)
    {
      errsv = errno;
      close (wire[0]);
      kill (pid, SIGKILL); /* ours and not waited for: the number is still its own */
      waitpid (pid, NULL, 0);
      return vc_fail_errno (error, errsv, "cannot watch a process");
    }

  *ret_result
      = (VcChildResult){ .end = VC_CHILD_EXITED, .out = g_byte_array_sized_new ((guint) max_out + 2) };
  end (pid, pidfd, deadline, collect (wire[0], deadline, max_out, ret_result->out), ret_result);
  g_byte_array_append (ret_result->out, (const guint8 *) "", 1);
  g_byte_array_set_size (ret_result->out, ret_result->out->len - 1);
  close (pidfd);
  close (wire[0]);
  return TRUE;
}

/* By descriptor first: the user need not be able to enter the folders on the way to the program.  That
 * does not work for a script, whose interpreter would have to open it again. */
static int
exec (gconstpointer data, int out)
{
  const char *const *argv = data;

  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (dup2 (out, 1) < 0 || dup2 (0, 2) < 0)
    return VC_CHILD_NO_EXEC;
  close (out);
  syscall (SYS_execveat, VC_CHILD_KEPT, "", argv, environ, AT_EMPTY_PATH);
  execv (argv[0], (char *const *) argv);
  return VC_CHILD_NO_EXEC;
}

gboolean
vc_child_exec (const char *const *argv, const VcUser *user, guint timeout_ms, gsize max_out,
               VcChildResult *ret_result, GError **error)
{
  int program = open (argv[0], O_PATH | O_CLOEXEC);

  if (program < 0)
    return vc_fail_errno (error, errno, "cannot run '%s'", argv[0]);

  gboolean made = vc_child_run (exec, argv, user, program, timeout_ms, max_out, ret_result, error);

  close (program);
  return made;
}

void
vc_child_result_clear (VcChildResult *result)
{
  if (result->out != NULL)
    explicit_bzero (result->out->data, result->out->len);
  g_clear_pointer (&result->out, g_byte_array_unref);
}
