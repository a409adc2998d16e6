/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A manager that does what lines on its standard input say, for tests to drive and to kill.
 *
 *   define FILE        -> ok define NAME          | fail define CODE WORDS
 *   start NAME [paused] [autodestroy]             and so on, see the table at the end
 *
 * Everything that happens is a line on its standard output: answers as above, "event …", "warning …". */
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "manager/manager.h"

#define MAX_BYTES (1024 * 1024)

typedef struct
{
  VcManager *manager;
  GMainLoop *loop;
  GIOChannel *in;
} Tool;

static void G_GNUC_PRINTF (1, 2) say (const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  vprintf (fmt, args);
  va_end (args);
  putchar ('\n');
  fflush (stdout);
}

static void
on_done (VcGuest *guest, const GError *error, gpointer data)
{
  g_autofree char *verb = data;

  if (error != NULL)
    say ("fail %s %d %s", verb, error->code, error->message);
  else
    say ("ok %s", verb);
}

static void
answer (const char *verb, GError *error_taken)
{
  on_done (NULL, error_taken, g_strdup (verb));
  g_clear_error (&error_taken);
}

static void
on_event (const VcEvent *event, gpointer data)
{
  if (event->kind == VC_EVENT_MONITOR)
    return;
  say ("event %d %s %d %d %d %s", event->kind, event->name, event->id, event->event, event->detail,
       event->text != NULL ? event->text : "-");
}

static char *
read_file (const char *path)
{
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("cannot read %s", path);
  return text;
}

static guint
get_flags (char **words)
{
  return (g_strv_contains ((const char *const *) words, "paused") ? VC_START_PAUSED : 0)
         | (g_strv_contains ((const char *const *) words, "autodestroy") ? VC_START_AUTODESTROY : 0);
}

static void
do_define (Tool *tool, VcGuest *guest, char **words)
{
  g_autofree char *text = read_file (words[1]);
  GError *error = NULL;

  vc_manager_define (tool->manager, text, strlen (text), NULL, &error);
  answer (words[0], error);
}

static void
do_create (Tool *tool, VcGuest *guest, char **words)
{
  g_autofree char *text = read_file (words[1]);

  vc_manager_create (tool->manager, text, strlen (text), get_flags (words), tool, on_done,
                     g_strdup (words[0]));
}

static void
do_restore (Tool *tool, VcGuest *guest, char **words)
{
  vc_manager_restore (tool->manager, words[1],
                      (get_flags (words) & VC_START_PAUSED) != 0 ? VC_SAVE_PAUSED : 0, on_done,
                      g_strdup (words[0]));
}

static void
do_drop (Tool *tool, VcGuest *guest, char **words)
{
  vc_manager_drop_owner (tool->manager, tool);
  answer (words[0], NULL);
}

static void
do_list (Tool *tool, VcGuest *guest, char **words)
{
  for (guint n = 0; n < vc_manager_n (tool->manager); n++)
    {
      VcGuest *one = vc_manager_nth (tool->manager, n);
      int reason, state = (int) vc_guest_state (one, &reason);

      say ("guest %s %s %d %d %d %s %s", vc_guest_name (one), vc_guest_uuid (one), vc_guest_id (one), state,
           reason, vc_guest_is_persistent (one) ? "persistent" : "transient",
           vc_guest_autostart (one) ? "autostart" : "-");
    }
  say ("ok list %u %u", vc_manager_n (tool->manager), vc_manager_n_active (tool->manager));
}

static void
do_autostart_all (Tool *tool, VcGuest *guest, char **words)
{
  vc_manager_autostart (tool->manager, NULL, NULL);
  answer (words[0], NULL);
}

static void
do_quit (Tool *tool, VcGuest *guest, char **words)
{
  g_main_loop_quit (tool->loop);
}

static void
do_undefine (Tool *tool, VcGuest *guest, char **words)
{
  GError *error = NULL;

  vc_guest_undefine (guest, FALSE, &error);
  answer (words[0], error);
}

static void
do_autostart (Tool *tool, VcGuest *guest, char **words)
{
  GError *error = NULL;

  vc_guest_set_autostart (guest, g_str_equal (words[2], "on"), &error);
  answer (words[0], error);
}

static void
do_start (Tool *tool, VcGuest *guest, char **words)
{
  vc_guest_start (guest, get_flags (words), tool, on_done, g_strdup (words[0]));
}

static void
do_shutdown (Tool *tool, VcGuest *guest, char **words)
{
  vc_guest_shutdown (guest, on_done, g_strdup (words[0]));
}

static void
do_reboot (Tool *tool, VcGuest *guest, char **words)
{
  vc_guest_reboot (guest, on_done, g_strdup (words[0]));
}

static void
do_reset (Tool *tool, VcGuest *guest, char **words)
{
  vc_guest_reset (guest, on_done, g_strdup (words[0]));
}

static void
do_suspend (Tool *tool, VcGuest *guest, char **words)
{
  vc_guest_suspend (guest, on_done, g_strdup (words[0]));
}

static void
do_resume (Tool *tool, VcGuest *guest, char **words)
{
  vc_guest_resume (guest, on_done, g_strdup (words[0]));
}

static void
do_destroy (Tool *tool, VcGuest *guest, char **words)
{
  vc_guest_destroy (guest, words[2] != NULL && g_str_equal (words[2], "graceful"), on_done,
                    g_strdup (words[0]));
}

static void
do_save (Tool *tool, VcGuest *guest, char **words)
{
  vc_guest_save (guest, words[2], 0, on_done, g_strdup (words[0]));
}

static guint
get_part (char **words)
{
  return (g_strv_contains ((const char *const *) words, "live") ? VC_GUEST_LIVE : 0)
         | (g_strv_contains ((const char *const *) words, "config") ? VC_GUEST_CONFIG : 0);
}

/* attach NAME FILE [live] [config]; detach and update likewise */
static void
do_device (Tool *tool, VcGuest *guest, char **words)
{
  g_autofree char *text = read_file (words[2]);
  void (*verb) (VcGuest *, const char *, gsize, guint, VcGuestFn, gpointer)
      = g_str_equal (words[0], "attach")   ? vc_guest_attach
        : g_str_equal (words[0], "detach") ? vc_guest_detach
                                           : vc_guest_update;

  verb (guest, text, strlen (text), get_part (words), on_done, g_strdup (words[0]));
}

static void
do_detach_alias (Tool *tool, VcGuest *guest, char **words)
{
  vc_guest_detach_alias (guest, words[2], get_part (words), on_done, g_strdup (words[0]));
}

/* dumpxml NAME FLAGS FILE */
static void
do_dumpxml (Tool *tool, VcGuest *guest, char **words)
{
  GError *error = NULL;
  g_autofree char *text = vc_guest_print (guest, (guint) g_ascii_strtoull (words[2], NULL, 10), &error);

  if (text != NULL && !g_file_set_contents (words[3], text, -1, NULL))
    g_error ("cannot write %s", words[3]);
  answer (words[0], error);
}

static void
do_info (Tool *tool, VcGuest *guest, char **words)
{
  VcGuestInfo info;

  vc_guest_get_info (guest, &info);
  say ("ok info %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %u %d %d", info.max_memory, info.memory,
       info.vcpus, info.resident > 0, info.cpu_ns > 0);
}

static void
do_terminal (Tool *tool, VcGuest *guest, char **words)
{
  GError *error = NULL;
  const char *path = vc_guest_terminal (guest, words[2], &error);

  if (path != NULL)
    say ("ok terminal %s", path);
  else
    answer (words[0], error);
}

static void
on_reply (const char *text, const GError *error, gpointer data)
{
  g_autofree char *verb = data;

  if (error != NULL)
    say ("fail %s %d %s", verb, error->code, error->message);
  else
    say ("ok %s %s", verb, text);
}

/* qmp NAME WORDS, hmp NAME WORDS */
static void
do_qmp (Tool *tool, VcGuest *guest, char **words)
{
  g_autofree char *text = g_strjoinv (" ", words + 2);

  vc_guest_monitor (guest, text, g_str_equal (words[0], "hmp"), on_reply, g_strdup (words[0]));
}

/* metadata NAME WHAT PART KEY URI TEXT; TEXT - takes it away */
static void
do_metadata (Tool *tool, VcGuest *guest, char **words)
{
  g_autofree char *text = g_strjoinv (" ", words + 6);
  GError *error = NULL;

  vc_guest_set_metadata (guest, (VcMetadata) g_ascii_strtoull (words[2], NULL, 10),
                         g_str_equal (text, "-") ? NULL : text, words[4], words[5],
                         (guint) g_ascii_strtoull (words[3], NULL, 10), &error);
  answer (words[0], error);
}

/* get NAME WHAT PART URI */
static void
do_get (Tool *tool, VcGuest *guest, char **words)
{
  GError *error = NULL;
  g_autofree char *text
      = vc_guest_get_metadata (guest, (VcMetadata) g_ascii_strtoull (words[2], NULL, 10), words[4],
                               (VcGuestPart) g_ascii_strtoull (words[3], NULL, 10), &error);

  if (text != NULL)
    say ("ok get %s", text);
  else
    answer (words[0], error);
}

static const struct
{
  const char *name;
  gboolean of_guest; /* the first word after it is one's name */
  guint n_words;     /* at least                              */
  void (*fn) (Tool *tool, VcGuest *guest, char **words);
} verbs[] = {
  { "define", FALSE, 2, do_define },
  { "create", FALSE, 2, do_create },
  { "restore", FALSE, 2, do_restore },
  { "drop", FALSE, 1, do_drop },
  { "list", FALSE, 1, do_list },
  { "autostart-all", FALSE, 1, do_autostart_all },
  { "quit", FALSE, 1, do_quit },
  { "undefine", TRUE, 2, do_undefine },
  { "autostart", TRUE, 3, do_autostart },
  { "start", TRUE, 2, do_start },
  { "shutdown", TRUE, 2, do_shutdown },
  { "reboot", TRUE, 2, do_reboot },
  { "reset", TRUE, 2, do_reset },
  { "suspend", TRUE, 2, do_suspend },
  { "resume", TRUE, 2, do_resume },
  { "destroy", TRUE, 2, do_destroy },
  { "save", TRUE, 3, do_save },
  { "attach", TRUE, 3, do_device },
  { "detach", TRUE, 3, do_device },
  { "update", TRUE, 3, do_device },
  { "detach-alias", TRUE, 3, do_detach_alias },
  { "dumpxml", TRUE, 4, do_dumpxml },
  { "info", TRUE, 2, do_info },
  { "terminal", TRUE, 2, do_terminal },
  { "qmp", TRUE, 3, do_qmp },
  { "hmp", TRUE, 3, do_qmp },
  { "metadata", TRUE, 7, do_metadata },
  { "get", TRUE, 5, do_get },
};

static void
obey (Tool *tool, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  GError *error = NULL;

  for (gsize n = 0; n < G_N_ELEMENTS (verbs); n++)
    {
      VcGuest *guest = NULL;

      if (!g_str_equal (verbs[n].name, words[0]) || g_strv_length (words) < verbs[n].n_words)
        continue;
      if (verbs[n].of_guest)
        guest = vc_manager_find_name (tool->manager, words[1], &error);
      if (error != NULL)
        answer (words[0], error);
      else
        verbs[n].fn (tool, guest, words);
      return;
    }
  g_error ("what is '%s'?", line);
}

static gboolean
on_line (GIOChannel *in, GIOCondition condition, gpointer data)
{
  Tool *tool = data;
  g_autofree char *line = NULL;

  if (g_io_channel_read_line (in, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
    {
      g_main_loop_quit (tool->loop);
      return G_SOURCE_REMOVE;
    }
  obey (tool, g_strchomp (line));
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (VcPaths) paths = vc_paths_new (argv[1], NULL);
  g_autoptr (GError) error = NULL;
  Tool tool = { .loop = loop, .in = g_io_channel_unix_new (0) };

  signal (SIGXFSZ, SIG_IGN);
  tool.manager = vc_manager_new (paths, warnings, &error);
  for (guint n = 0; n < warnings->len; n++)
    say ("warning %s", (const char *) warnings->pdata[n]);
  if (tool.manager == NULL)
    {
      say ("fail open %d %s", error->code, error->message);
      g_io_channel_unref (tool.in);
      return 1;
    }
  vc_manager_listen (tool.manager, on_event, NULL);
  g_io_add_watch (tool.in, G_IO_IN | G_IO_HUP, on_line, &tool);
  say ("ready");
  g_main_loop_run (loop);
  vc_manager_free (tool.manager);
  g_io_channel_unref (tool.in);
  return 0;
}
