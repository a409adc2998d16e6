/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/tunnel.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

#define WORDS_MAX 4096u
#define END_MS    2000 /* for a program that has closed its output */

struct VcTunnel
{
  GPid pid; /* 0: it has ended and was waited for */
  int status;
  int words; /* its standard error: a pipe that drops what does not fit */
  char *name;
  char *program;
};

static gboolean
open_ends (int ends[2], int words[2], GError **error)
{
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return vc_fail_errno (error, errno, "cannot open a socket");
  if (pipe2 (words, O_CLOEXEC | O_NONBLOCK) == 0 && g_unix_set_fd_nonblocking (ends[0], TRUE, error))
    return TRUE;
  vc_fail_errno (error, errno, "cannot open a pipe");
  close (ends[0]);
  close (ends[1]);
  return FALSE;
}

VcTunnel *
vc_tunnel_new (const char *const *argv, char *name_taken, int *ret_fd, GError **error)
{
  g_autoptr (VcTunnel) tunnel = g_new0 (VcTunnel, 1);
  g_autoptr (GError) why = NULL;
  int ends[2], words[2];
  gboolean runs;

  tunnel->words = -1;
  tunnel->name = name_taken;
  tunnel->program = g_path_get_basename (argv[0]);
  if (!open_ends (ends, words, error))
    return NULL;
  tunnel->words = words[0];
  runs = g_spawn_async_with_pipes_and_fds (
      NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_CLOEXEC_PIPES, NULL, NULL,
      ends[1], ends[1], words[1], NULL, NULL, 0, &tunnel->pid, NULL, NULL, NULL, &why);
  close (ends[1]);
  close (words[1]);
  if (runs)
    {
      *ret_fd = ends[0];
      return g_steal_pointer (&tunnel);
    }
  close (ends[0]);
  tunnel->pid = 0;
  return vc_fail_null (error, VC_ERROR_NOT_FOUND, "cannot run '%s': %s", argv[0], why->message);
}

/* Returns: has it ended in this time? */
static gboolean
wait_end (VcTunnel *tunnel, int limit_ms)
{
  struct pollfd p = { .fd = (int) syscall (SYS_pidfd_open, tunnel->pid, 0), .events = POLLIN };
  gboolean has_ended = p.fd >= 0 && poll (&p, 1, limit_ms) > 0;

  if (p.fd >= 0)
    close (p.fd);
  return has_ended;
}

/* By itself within limit_ms, or else by us. */
static void
end (VcTunnel *tunnel, int limit_ms)
{
  if (tunnel->pid == 0)
    return;
  if (!wait_end (tunnel, limit_ms))
    {
      kill (tunnel->pid, SIGTERM);
      if (!wait_end (tunnel, END_MS))
        kill (tunnel->pid, SIGKILL);
    }
  while (waitpid (tunnel->pid, &tunnel->status, 0) < 0 && errno == EINTR)
    continue;
  tunnel->pid = 0;
}

/* What it said, on one line and fit to be shown; "" when it said nothing. */
static char *
read_words (const VcTunnel *tunnel)
{
  char bytes[WORDS_MAX + 1];
  gssize got = read (tunnel->words, bytes, WORDS_MAX);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  bytes[MAX (got, 0)] = '\0';
  text = g_utf8_make_valid (bytes, -1);
  for (char *at = text; *at != '\0'; at++)
    if (*at == '\r')
      *at = '\n';
    else if (*at != '\n' && g_ascii_iscntrl (*at))
      *at = '?';
  lines = g_strsplit (g_strstrip (text), "\n", -1);
  g_clear_pointer (&text, g_free);
  for (guint n = 0; lines[n] != NULL; n++)
    {
      g_autofree char *before = g_steal_pointer (&text);

      g_strstrip (lines[n]);
      text = before == NULL        ? g_strdup (lines[n])
             : lines[n][0] == '\0' ? g_strdup (before)
                                   : g_strconcat (before, "; ", lines[n], NULL);
    }
  return text != NULL ? g_steal_pointer (&text) : g_strdup ("");
}

GError *
vc_tunnel_explain (VcTunnel *tunnel)
{
  GError *error = NULL;
  g_autofree char *words = NULL;

  end (tunnel, END_MS);
  words = read_words (tunnel);
  if (words[0] != '\0')
    vc_fail (&error, VC_ERROR_GONE, "%s: %s: %s", tunnel->name, tunnel->program, words);
  else if (WIFSIGNALED (tunnel->status))
    vc_fail (&error, VC_ERROR_GONE, "%s: %s was ended by signal %d", tunnel->name, tunnel->program,
             WTERMSIG (tunnel->status));
  else
    vc_fail (&error, VC_ERROR_GONE, "%s: %s has ended with status %d, and said nothing", tunnel->name,
             tunnel->program, WEXITSTATUS (tunnel->status));
  return error;
}

void
vc_tunnel_free (VcTunnel *tunnel)
{
  if (tunnel == NULL)
    return;
  end (tunnel, 0);
  if (tunnel->words >= 0)
    close (tunnel->words);
  g_free (tunnel->name);
  g_free (tunnel->program);
  g_free (tunnel);
}
