/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "cli/console.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "lib/run.h"

enum
{
  EXIT_CRASHED = 3,
  EXIT_FAULT = 4,
  EXIT_TIMEOUT = 5,
  EXIT_SIGNAL = 128, /* and the signal's number */
};

typedef struct
{
  gboolean console;
  gboolean paused;
  VcU32 timeout;
  char *file;
} Run;

static const VcField options[]
    = { VC_FLAG (Run, console, "--console",
                 .doc
                 = "join the guest's first console, or else its first serial port, to the terminal; Ctrl-] "
                   "leaves it, and the guest runs on"),
        VC_FLAG (Run, paused, "--paused", .doc = "hold the guest before its first instruction"),
        VC_U32 (Run, timeout, "--timeout SECONDS", .min = 1, .max = 30 * 24 * 3600,
                .doc = "end the guest when it is not off by then"),
        VC_FILE (Run, file, "[--file] FILE", .flags = VC_REQUIRED,
                 .doc = "domain XML to read; - is the standard input"),
        { 0 } };

/* One call of the command. */
typedef struct
{
  const Run *options;
  const char *name; /* of the guest */
  gboolean has_acpi;
  GMainLoop *loop;
  VcProgress *progress;
  VcRun *run;
  VcConsole *console;
  gboolean was_started;
  gboolean was_asked; /* to shut down */
  gboolean timed_out;
  gboolean failed; /* something else than QEMU */
  int ended_by;    /* signal that ended it, or 0 */
  int status;
} Session;

static void
on_step (const char *words, gpointer data)
{
  vc_progress_set (((Session *) data)->progress, words);
}

/* NULL as long as there is none. */
static VcVm *
vm_of (const Session *session)
{
  return session->run != NULL ? vc_run_vm (session->run) : NULL;
}

/* A state in which it cannot be ended is its end. */
static void
end_guest (Session *session)
{
  VcVm *vm = vm_of (session);

  if (vm != NULL)
    vc_vm_stop (vm, FALSE, NULL);
}

static void
on_console_end (gpointer data)
{
  Session *session = data;

  g_clear_pointer (&session->console, vc_console_free);
  if (vc_vm_state (vc_run_vm (session->run)) != VC_VM_OFF)
    vc_say ("left the console of guest '%s'; Ctrl-C asks it to shut down", session->name);
}

static void
join_console (Session *session)
{
  g_autoptr (GError) error = NULL;
  const char *path = vc_run_console (session->run, &error);

  int fd = path != NULL ? vc_console_open (path, &error) : -1;

  if (fd >= 0 && isatty (STDIN_FILENO))
    vc_say ("console of guest '%s'; Ctrl-] leaves it", session->name);
  if (fd >= 0)
    session->console = vc_console_new (fd, on_console_end, session, &error);
  if (session->console != NULL)
    return;
  vc_say ("%s", error->message);
  session->failed = TRUE;
  end_guest (session);
}

static void
on_ready (Session *session)
{
  g_autoptr (GPtrArray) places = vc_run_places (session->run);

  for (guint n = 0; n < places->len; n++)
    vc_say ("%s", (const char *) places->pdata[n]);
  if (session->options->console)
    join_console (session);
}

static void
say_started (Session *session)
{
  if (!session->was_started)
    vc_say ("guest '%s' started: process %d", session->name, (int) vc_vm_pid (vc_run_vm (session->run)));
  session->was_started = TRUE;
}

static void
on_news (VcRun *run, VcVmNews news, gpointer data)
{
  Session *session = data;

  switch (news)
    {
    case VC_VM_IS_READY:
      session->run = run;
      on_ready (session);
      break;
    case VC_VM_IS_RUNNING:
      say_started (session);
      break;
    case VC_VM_IS_PAUSED:
      say_started (session);
      vc_say ("guest '%s' is held; signal SIGUSR1 lets it run", session->name);
      break;
    case VC_VM_REBOOTED:
      vc_say ("guest '%s' rebooted", session->name);
      break;
    case VC_VM_PANICKED:
      vc_say ("guest '%s' crashed", session->name);
      break;
    case VC_VM_IS_KEPT:
      vc_say ("guest '%s' is kept as it is, as its description asks; Ctrl-C ends it", session->name);
      break;
    case VC_VM_IS_LOST:
      vc_say ("guest '%s': QEMU's monitor is gone, so that it cannot be controlled any more: ending it",
              session->name);
      end_guest (session);
      break;
    case VC_VM_WENT_OFF:
      break;
    }
}

static void
on_end (VcRun *run, VcVmEnd end, const GError *error, gpointer data)
{
  Session *session = data;

  g_clear_pointer (&session->console, vc_console_free);
  switch (end)
    {
    case VC_VM_BY_GUEST:
      vc_say ("guest '%s' is off", session->name);
      session->status = VC_EXIT_OK;
      break;
    case VC_VM_BY_CRASH:
      session->status = EXIT_CRASHED;
      break;
    case VC_VM_BY_US:
      session->status = session->failed      ? VC_EXIT_FAILED
                        : session->timed_out ? EXIT_TIMEOUT
                                             : EXIT_SIGNAL + session->ended_by;
      break;
    case VC_VM_BY_FAULT:
      session->status = vc_run_was_ready (run) ? EXIT_FAULT : VC_EXIT_FAILED;
      vc_say ("guest '%s' %s: %s", session->name, vc_run_was_ready (run) ? "ended" : "did not start",
              error->message);
      break;
    }
  g_main_loop_quit (session->loop);
}

/* FALSE: it cannot be asked any more, or not in vain. */
static gboolean
ask_guest (Session *session)
{
  VcVm *vm = vm_of (session);

  if (session->was_asked || vm == NULL || vc_vm_state (vm) != VC_VM_RUNNING)
    return FALSE;
  session->was_asked = TRUE;
  if (!session->has_acpi)
    vc_say ("guest '%s' has no ACPI and cannot be asked to shut down; Ctrl-C again ends it", session->name);
  else if (vc_vm_shutdown (vm, FALSE, NULL))
    vc_say ("asked guest '%s' to shut down; Ctrl-C again ends it", session->name);
  return TRUE;
}

static gboolean
on_signal (Session *session, int number)
{
  VcVm *vm = vm_of (session);

  if (ask_guest (session))
    return G_SOURCE_CONTINUE;
  if (vm != NULL && vc_vm_state (vm) == VC_VM_STOPPING)
    vc_vm_kill (vm);
  if (session->ended_by == 0)
    {
      vc_say ("ending guest '%s'", session->name);
      session->ended_by = number;
    }
  end_guest (session);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_sigint (gpointer data)
{
  return on_signal (data, SIGINT);
}

static gboolean
on_sigterm (gpointer data)
{
  return on_signal (data, SIGTERM);
}

static gboolean
on_sighup (gpointer data)
{
  return on_signal (data, SIGHUP);
}

static gboolean
on_sigusr1 (gpointer data)
{
  Session *session = data;
  g_autoptr (GError) error = NULL;

  if (vm_of (session) != NULL && !vc_vm_resume (vm_of (session), &error))
    vc_say ("guest '%s': %s", session->name, error->message);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_timeout (gpointer data)
{
  Session *session = data;

  vc_say ("guest '%s' is not off after %u seconds: ending it", session->name,
          session->options->timeout.value);
  session->timed_out = TRUE;
  end_guest (session);
  return G_SOURCE_REMOVE;
}

static void
watch_world (Session *session)
{
  signal (SIGPIPE, SIG_IGN); /* the guest is not to be left alone because nobody listens to us */
  g_unix_signal_add (SIGINT, on_sigint, session);
  g_unix_signal_add (SIGTERM, on_sigterm, session);
  g_unix_signal_add (SIGHUP, on_sighup, session);
  g_unix_signal_add (SIGUSR1, on_sigusr1, session);
  if (session->options->timeout.set)
    g_timeout_add (session->options->timeout.value * 1000, on_timeout, session);
}

static void
run_session (const VcCli *cli, VcDescription *description, Session *session)
{
  static const VcRunWatch watch = { .on_step = on_step, .on_news = on_news, .on_end = on_end };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();

  watch_world (session);
  session->run
      = vc_run_new (description, cli->paths, session->options->paused, &watch, session, warnings, errors);
  vc_progress_set (session->progress, session->run != NULL ? "starting QEMU" : NULL);
  for (guint n = 0; n < warnings->len; n++)
    vc_say ("%s", (const char *) warnings->pdata[n]);
  for (guint n = 0; n < errors->len; n++)
    vc_say ("%s", ((const GError *) errors->pdata[n])->message);
  if (session->run != NULL)
    g_main_loop_run (session->loop);
  g_clear_pointer (&session->console, vc_console_free);
  vc_run_free (session->run);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Run *self = data;
  g_autoptr (VcDescription) description = vc_input_describe (cli, self->file, FALSE);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (VcProgress) progress = vc_progress_new ();
  Session session = { .options = self, .loop = loop, .progress = progress, .status = VC_EXIT_FAILED };

  if (description == NULL)
    return VC_EXIT_FAILED;
  session.name = description->domain->name;
  session.has_acpi = description->domain->acpi;
  run_session (cli, description, &session);
  return session.status;
}

static const VcStatus statuses[]
    = { { VC_EXIT_OK, "the guest switched itself off" },
        { VC_EXIT_FAILED, "the guest could not be started; all reasons are on the standard error" },
        { EXIT_CRASHED, "the guest's system crashed" },
        { EXIT_FAULT, "QEMU ended though nobody asked it to; why is on the standard error" },
        { EXIT_TIMEOUT, "--timeout passed and the guest was ended" },
        { EXIT_SIGNAL + SIGHUP, "the guest was ended by SIGHUP" },
        { EXIT_SIGNAL + SIGINT, "the guest was ended by Ctrl-C" },
        { EXIT_SIGNAL + SIGTERM, "the guest was ended by SIGTERM" },
        { 0 } };

const VcCommand vc_command_run = {
  .name = "run",
  .summary = "run a guest until it is off",
  .about
  = "Looks at the host for all that the guest needs, starts QEMU and stays in the foreground until the guest "
    "is off; then nothing of it is left but what it wrote. Where it can be met, its pseudo-terminals and "
    "displays, is said on the standard error.\n\n"
    "Ctrl-C, or the signal SIGTERM or SIGHUP, asks the guest to shut down, as its power button would; the "
    "second one ends it. What follows a shutdown, a reboot and a crash is up to on_poweroff, on_reboot and "
    "on_crash of the domain.",
  .options = options,
  .size = sizeof (Run),
  .statuses = statuses,
  .run = run,
};
