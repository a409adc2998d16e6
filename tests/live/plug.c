/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a guest and does with it what its standard input says, for tests:
 *
 *   plug ROOT DOMAIN.xml
 *
 *   attach FILE     detach FILE     detach-alias ALIAS
 *   qmp JSON        a command for QEMU
 *   xml             what the guest is now
 *   when ALIAS quit|free   as soon as QEMU says that it has gone: end the guest, or free all of it
 *   quit            as the end of the input
 *
 * Each is answered by one line: "ok", with a JSON value where there is one, or "error CODE WORDS".  Between
 * them come "ready", "left ALIAS" and "ended".  A line that comes before the answer to the one before is
 * served at once, too.
 */
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "lib/plug.h"
#include "xml/xml.h"

typedef struct
{
  VcDescription *description;
  VcRun *run;
  GMainLoop *loop;
  GDataInputStream *input;
  gboolean over;
  char *device; /* when it is gone something is to be done */
  gboolean frees;
} Session;

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
say_result (const GError *error)
{
  if (error != NULL)
    say ("error %d %s", error->code, error->message);
  else
    say ("ok");
}

static void
on_plugged (VcRun *run, const GError *error, gpointer data)
{
  say_result (error);
}

static void
on_answer (VcJson *value, const GError *error, gpointer data)
{
  g_autofree char *text = value != NULL ? vc_json_print (value) : NULL;

  if (error != NULL)
    say_result (error);
  else
    say ("ok %s", text);
}

static void
attach (Session *session, const char *file)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize len = 0;

  if (!g_file_get_contents (file, &text, &len, &error)
      || !vc_run_attach (session->run, text, len, "device.xml", on_plugged, NULL, warnings, &error))
    say_result (error);
  for (guint n = 0; n < warnings->len; n++)
    fprintf (stderr, "%s\n", (const char *) warnings->pdata[n]);
}

static void
detach (Session *session, const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize len = 0;

  if (!g_file_get_contents (file, &text, &len, &error)
      || !vc_run_detach (session->run, text, len, "device.xml", on_plugged, NULL, &error))
    say_result (error);
}

static void
detach_alias (Session *session, const char *alias)
{
  g_autoptr (GError) error = NULL;

  if (!vc_run_detach_alias (session->run, alias, on_plugged, NULL, &error))
    say_result (error);
}

static void
qmp (Session *session, const char *text)
{
  g_autoptr (GError) error = NULL;
  VcJson *command = vc_json_read (text, strlen (text), &error);

  if (command == NULL || vc_vm_qmp (vc_run_vm (session->run)) == NULL)
    say ("error 0 no command, or no guest");
  else
    vc_qmp_call (vc_vm_qmp (vc_run_vm (session->run)), command, 20000, on_answer, NULL);
}

static void
print_xml (Session *session, const char *unused)
{
  g_autofree char *text = vc_domain_print (session->description->domain, VC_PRINT_LIVE);
  VcJson *value = json_string (text);

  on_answer (value, NULL, NULL);
  json_decref (value);
}

static void
quit (Session *session, const char *unused)
{
  vc_vm_stop (vc_run_vm (session->run), FALSE, NULL);
}

static gboolean
free_run (gpointer data)
{
  Session *session = data;

  session->over = TRUE;
  g_clear_pointer (&session->run, vc_run_free);
  say ("ended");
  g_main_loop_quit (session->loop);
  return G_SOURCE_REMOVE;
}

static void
on_event (const char *event, VcJson *values, gpointer data)
{
  Session *session = data;

  if (session->device == NULL || g_strcmp0 (event, "DEVICE_DELETED") != 0
      || g_strcmp0 (vc_json_str (values, "device"), session->device) != 0)
    return;
  if (session->frees)
    g_idle_add_full (G_PRIORITY_HIGH, free_run, session, NULL);
  else
    quit (session, NULL);
  g_clear_pointer (&session->device, g_free);
}

static void
when (Session *session, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 2);

  session->device = g_strdup (words[0]);
  session->frees = g_strcmp0 (words[1], "free") == 0;
  vc_qmp_listen (vc_vm_qmp (vc_run_vm (session->run)), on_event, session);
  say ("ok");
}

static void read_next (Session *session);

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  static const struct
  {
    const char *name;
    void (*fn) (Session *session, const char *argument);
  } rows[] = {
    { "attach", attach }, { "detach", detach }, { "detach-alias", detach_alias },
    { "qmp", qmp },       { "xml", print_xml }, { "quit", quit },
    { "when", when },
  };
  Session *session = data;
  g_autofree char *line = g_data_input_stream_read_line_finish (session->input, result, NULL, NULL);
  char *argument = line != NULL ? strchr (line, ' ') : NULL;

  if (session->over)
    return;
  if (line == NULL)
    {
      quit (session, NULL);
      return;
    }
  if (argument != NULL)
    *argument++ = '\0';
  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    if (g_str_equal (rows[n].name, line))
      rows[n].fn (session, argument != NULL ? argument : "");
  read_next (session);
}

static void
read_next (Session *session)
{
  g_data_input_stream_read_line_async (session->input, G_PRIORITY_DEFAULT, NULL, on_line, session);
}

static void
on_news (VcRun *run, VcVmNews news, gpointer data)
{
  if (news == VC_VM_IS_RUNNING)
    say ("ready");
}

static void
on_end (VcRun *run, VcVmEnd end, const GError *error, gpointer data)
{
  Session *session = data;

  session->over = TRUE;
  say ("ended%s%s", error != NULL ? " " : "", error != NULL ? error->message : "");
  g_main_loop_quit (session->loop);
}

static void
on_left (VcRun *run, const char *alias, gpointer data)
{
  say ("left %s", alias);
}

static void
say_all (const GPtrArray *errors)
{
  for (guint n = 0; n < errors->len; n++)
    fprintf (stderr, "%s\n", ((const GError *) errors->pdata[n])->message);
}

int
main (int argc, char **argv)
{
  static const VcRunWatch watch = { .on_news = on_news, .on_end = on_end, .on_left = on_left };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();
  g_autoptr (VcPaths) paths = argc == 3 ? vc_paths_new (argv[1], NULL) : NULL;
  g_autoptr (GInputStream) in = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autofree char *text = NULL;
  gsize len = 0;
  Session session = { .loop = g_main_loop_new (NULL, FALSE), .input = g_data_input_stream_new (in) };

  signal (SIGPIPE, SIG_IGN);
  if (paths == NULL || !g_file_get_contents (argv[2], &text, &len, NULL))
    return 2;
  session.description = vc_describe (text, len, argv[2], paths, errors);
  if (session.description != NULL)
    session.run = vc_run_new (session.description, paths, FALSE, &watch, &session, warnings, errors);
  say_all (errors);
  if (session.run != NULL)
    {
      read_next (&session);
      g_main_loop_run (session.loop);
    }
  vc_run_free (session.run);
  vc_description_free (session.description);
  g_free (session.device);
  g_object_unref (session.input);
  g_main_loop_unref (session.loop);
  return errors->len > 0;
}
