/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

/* How this works
 *
 * vfork: the child runs in our memory while we stand still, until it becomes the program.  So it may
 * only make system calls and write to Child, and how it failed can simply be read there.  Signals are
 * blocked around it, or a handler of ours could run in the child.
 */

typedef struct
{
  const VcSpawn *how;
  char *const *env;
  pid_t parent;
  int std[3];
  volatile int errsv;
  const char *volatile step; /* what failed with errsv */
} Child;

static const char *const inherited[] = { "PATH", "HOME" };

static gboolean
has_name (GPtrArray *env, const char *name)
{
  gsize len = strlen (name);

  for (guint n = 0; n < env->len; n++)
    if (strncmp (env->pdata[n], name, len) == 0 && ((const char *) env->pdata[n])[len] == '=')
      return TRUE;
  return FALSE;
}

static char **
env_new (const char *const *given)
{
  GPtrArray *env = g_ptr_array_new ();

  for (; given != NULL && *given != NULL; given++)
    g_ptr_array_add (env, g_strdup (*given));
  for (gsize n = 0; n < G_N_ELEMENTS (inherited); n++)
    if (!has_name (env, inherited[n]))
      {
        const char *value = g_getenv (inherited[n]);

        g_ptr_array_add (env, g_strdup_printf ("%s=%s", inherited[n],
                                               value != NULL ? value
                                               : n == 0      ? "/usr/bin:/bin"
                                                             : "/"));
      }
  if (!has_name (env, "LC_ALL"))
    g_ptr_array_add (env, g_strdup ("LC_ALL=C"));
  g_ptr_array_add (env, NULL);
  return (char **) g_ptr_array_free (env, FALSE);
}

static void
reset_signals (void)
{
  struct sigaction standard = { .sa_handler = SIG_DFL };

  for (int number = 1; number < NSIG; number++)
    sigaction (number, &standard, NULL); /* fails for those nobody can handle */
}

static gboolean
place_fds (Child *child)
{
  const VcSpawn *how = child->how;

  child->step = "passing descriptors";
  for (int n = 0; n < 3; n++)
    {
      int fd = child->std[n] >= 0 ? child->std[n] : open ("/dev/null", O_RDWR | O_CLOEXEC);

      if (fd < 0 || (fd == n ? fcntl (fd, F_SETFD, 0) : dup2 (fd, n)) < 0)
        return FALSE;
    }
  if (close_range (3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
    return FALSE;
  for (guint n = 0; n < how->n_fds; n++)
    if (fcntl (how->fds[n], F_SETFD, 0) < 0)
      return FALSE;
  return TRUE;
}

static gboolean
bind_to_parent (Child *child)
{
  child->step = "binding its life to ours";
  if (!child->how->bound)
    return TRUE;
  if (prctl (PR_SET_PDEATHSIG, SIGKILL) < 0)
    return FALSE;
  errno = ESRCH; /* the parent may have gone before */
  return getppid () == child->parent;
}

/* By itself, so that there is no moment in which the program runs and nobody could know. */
static gboolean
write_record (Child *child)
{
  char text[1024];
  ssize_t len;
  int fd;

  child->step = "recording its process";
  if (child->how->record <= 2)
    return TRUE;
  fd = open ("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return FALSE;
  len = read (fd, text, sizeof text);
  close (fd);
  errno = EIO;
  return len > 0 && write (child->how->record, text, (size_t) len) == len;
}

static gboolean
be_user (Child *child)
{
  int errsv = child->how->become != NULL ? child->how->become (child->how->who) : 0;

  child->step = "changing to another user";
  errno = errsv;
  return errsv == 0;
}

static gboolean
enter_folder (Child *child)
{
  child->step = child->how->folder != NULL ? child->how->folder : "/";
  return chdir (child->step) == 0;
}

static void G_GNUC_NORETURN
be_program (Child *child)
{
  sigset_t none;

  reset_signals ();
  setsid ();
  umask (0007);
  /* Changing the user undoes the binding, so that comes last. */
  if (place_fds (child) && write_record (child) && enter_folder (child) && be_user (child)
      && bind_to_parent (child))
    {
      child->step = NULL;
      sigemptyset (&none);
      sigprocmask (SIG_SETMASK, &none, NULL);
      execve (child->how->argv[0], (char *const *) child->how->argv, child->env);
    }
  child->errsv = errno;
  _exit (127);
}

static pid_t __attribute__ ((noinline)) split (Child *child)
{
  pid_t pid = vfork ();

  if (pid == 0)
    be_program (child);
  return pid;
}

/* Descriptors 0 to 2 are moved out of each other's way first. */
static gboolean
place_std (Child *child, int *moved)
{
  const VcSpawn *how = child->how;
  const int wanted[3] = { how->in, how->out, how->err };

  for (int n = 0; n < 3; n++)
    {
      child->std[n] = wanted[n];
      if (wanted[n] < 0 || wanted[n] > 2 || wanted[n] == n)
        continue;
      child->std[n] = moved[n] = fcntl (wanted[n], F_DUPFD_CLOEXEC, 3);
      if (moved[n] < 0)
        return FALSE;
    }
  return TRUE;
}

pid_t
vc_spawn (const VcSpawn *how, GError **error)
{
  g_auto (GStrv) env = env_new (how->env);
  Child child = { .how = how, .env = env, .parent = getpid () };
  int moved[3] = { -1, -1, -1 };
  sigset_t all;
  sigset_t before;
  gboolean placed;
  pid_t pid = -1;
  int errsv;

  for (guint n = 0; n < how->n_fds; n++)
    g_assert (how->fds[n] > 2);

  placed = place_std (&child, moved);
  if (placed)
    {
      sigfillset (&all);
      pthread_sigmask (SIG_SETMASK, &all, &before);
      pid = split (&child);
      errsv = errno;
      pthread_sigmask (SIG_SETMASK, &before, NULL);
    }
  else
    errsv = errno;
  for (int n = 0; n < 3; n++)
    if (moved[n] >= 0)
      close (moved[n]);

  if (pid < 0)
    {
      vc_fail_errno (error, errsv, "cannot start a process for '%s'", how->argv[0]);
      return -1;
    }
  if (child.errsv != 0)
    {
      while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
        continue;
      vc_fail_errno (error, child.errsv, "cannot run '%s'%s%s", how->argv[0], child.step != NULL ? ": " : "",
                     child.step != NULL ? child.step : "");
      return -1;
    }
  return pid;
}
