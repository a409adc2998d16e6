/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/console.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"

/* How this works
 *
 * Bytes go from the terminal to the pseudo-terminal and back, each way through a buffer that is filled only
 * when it is empty: who cannot keep up is waited for, but in the main loop, where Ctrl-C and --timeout are
 * heard.  The terminal is a blocking one, since others share it: it is asked first, and gets no more at once
 * than it then takes.
 *
 * The terminal's settings are kept in plain static memory, so that they can be put back from an exit
 * handler and from the handler of a signal that ends us. */

#define BYTES   4096
#define PIECE   512  /* what a terminal or pipe takes when it takes anything */
#define LAST_MS 1000 /* for who reads the guest's last words                 */

typedef struct
{
  VcConsole *console;
  int from, to;
  char bytes[BYTES];
  gsize at, len; /* what is still to be written */
  guint source;  /* 0: it has ended             */
  gboolean is_typed;
} Way;

struct VcConsole
{
  int pty;
  Way in, out;
  void (*on_end) (gpointer data);
  gpointer data;
};

static struct termios before;
static volatile sig_atomic_t is_raw;

static void
restore (void)
{
  if (is_raw)
    tcsetattr (STDIN_FILENO, TCSADRAIN, &before);
  is_raw = FALSE;
}

/* Was installed to happen once: raised again it ends us. */
static void
on_fatal (int number)
{
  restore ();
  raise (number);
}

static void
restore_at_end (void)
{
  static const int fatal[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGSYS, SIGTRAP };
  const struct sigaction once = { .sa_handler = on_fatal, .sa_flags = (int) SA_RESETHAND | SA_NODEFER };
  static gboolean is_done;

  if (is_done)
    return;
  is_done = TRUE;
  atexit (restore);
  for (gsize n = 0; n < G_N_ELEMENTS (fatal); n++)
    sigaction (fatal[n], &once, NULL);
}

static gboolean
be_raw (GError **error)
{
  struct termios raw;

  if (!isatty (STDIN_FILENO))
    return TRUE;
  if (tcgetattr (STDIN_FILENO, &before) < 0)
    return vc_fail_errno (error, errno, "cannot ask for the terminal's settings");
  restore_at_end ();
  raw = before;
  cfmakeraw (&raw);
  raw.c_oflag = before.c_oflag; /* lines of our own are to begin at the left */
  is_raw = TRUE;
  if (tcsetattr (STDIN_FILENO, TCSADRAIN, &raw) < 0)
    {
      is_raw = FALSE;
      return vc_fail_errno (error, errno, "cannot change the terminal's settings");
    }
  return TRUE;
}

static void watch (Way *way);

static void
end (VcConsole *console)
{
  console->on_end (console->data);
}

/* FALSE: nothing more can be written within that time. */
static gboolean
flush (Way *way, int wait_ms)
{
  while (way->len > 0)
    {
      struct pollfd ready = { .fd = way->to, .events = POLLOUT };
      int n = poll (&ready, 1, wait_ms);
      ssize_t done = n > 0 ? write (way->to, way->bytes + way->at, MIN (way->len, PIECE)) : n;

      if (done < 0 && errno == EINTR)
        continue;
      if (n == 0 || (done < 0 && errno == EAGAIN))
        return FALSE;
      if (done < 0)
        way->len = 0; /* nobody is there to read it */
      else
        {
          way->at += (gsize) done;
          way->len -= (gsize) done;
        }
    }
  return TRUE;
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer data)
{
  Way *way = data;

  if (!flush (way, 0))
    return G_SOURCE_CONTINUE;
  watch (way);
  return G_SOURCE_REMOVE;
}

/* TRUE: go on. */
static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  Way *way = data;
  ssize_t got = read (way->from, way->bytes, sizeof way->bytes);
  const char *leave;

  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (got <= 0)
    {
      way->source = 0;
      if (!way->is_typed) /* an input that ends does not end the console */
        end (way->console);
      return G_SOURCE_REMOVE;
    }
  leave = way->is_typed && is_raw ? memchr (way->bytes, VC_CONSOLE_LEAVE, (gsize) got) : NULL;
  way->at = 0;
  way->len = leave != NULL ? (gsize) (leave - way->bytes) : (gsize) got;
  if (leave != NULL)
    {
      flush (way, 0);
      way->source = 0;
      end (way->console);
      return G_SOURCE_REMOVE;
    }
  if (flush (way, 0))
    return G_SOURCE_CONTINUE;
  way->source = g_unix_fd_add (way->to, G_IO_OUT, on_writable, way);
  return G_SOURCE_REMOVE;
}

static void
watch (Way *way)
{
  way->source = g_unix_fd_add (way->from, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, way);
}

int
vc_console_open (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0)
    vc_fail_errno (error, errno, "cannot open the console '%s'", path);
  return fd;
}

VcConsole *
vc_console_new (int fd_taken, void (*on_end) (gpointer data), gpointer data, GError **error)
{
  g_autoptr (VcConsole) console = g_new0 (VcConsole, 1);

  console->on_end = on_end;
  console->data = data;
  console->pty = fd_taken;
  if (!be_raw (error))
    return NULL;
  console->in = (Way){ .console = console, .from = STDIN_FILENO, .to = console->pty, .is_typed = TRUE };
  console->out = (Way){ .console = console, .from = console->pty, .to = STDOUT_FILENO };
  watch (&console->in);
  watch (&console->out);
  return g_steal_pointer (&console);
}

/* The guest's last words may have come with its end. */
static void
drain (Way *way)
{
  struct pollfd ready = { .fd = way->from, .events = POLLIN };

  flush (way, LAST_MS);
  while (way->len == 0 && poll (&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0)
    {
      ssize_t got = read (way->from, way->bytes, sizeof way->bytes);

      if (got <= 0)
        return;
      way->at = 0;
      way->len = (gsize) got;
      flush (way, LAST_MS);
    }
}

void
vc_console_free (VcConsole *console)
{
  if (console == NULL)
    return;
  g_clear_handle_id (&console->in.source, g_source_remove);
  g_clear_handle_id (&console->out.source, g_source_remove);
  if (console->out.from > 0)
    drain (&console->out);
  if (console->pty >= 0)
    close (console->pty);
  restore ();
  g_free (console);
}
