/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "plan/spell.h"
#include "qemu/process.h"
#include "qemu/qmp.h"

/* One plan, given to a real QEMU twice: on its command line, and over QMP to one that runs.  Both must
 * say the same of themselves afterwards, and everything must be taken away again. */
#define QEMU       "/usr/bin/qemu-system-x86_64"
#define TIMEOUT_MS 20000

/* What a parser may stumble over, at its worst in one text. */
#define ODD ",,=1,server=off \"'\\\\n%s%%\n[::1]{}$x \303\274\360\237\222\251,"

typedef struct
{
  GMainContext *context;
  VcProcess *process;
  VcQmp *qmp;
  guint deleted; /* DEVICE_DELETED events seen */
} Machine;

static char *folder;

static char *
at (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static int
bind_socket (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, 1));
  return fd;
}

static VcProps *
chardev (VcPlan *plan, const char *driver)
{
  g_autofree char *id = g_strdup_printf ("c%u-%s", vc_plan_n (plan), driver);

  return vc_plan_add (plan, VC_Q_CHARDEV, driver, id);
}

static void
log_to (VcProps *props, const char *name, const char *path)
{
  vc_props_file (props, name, path, FALSE);
}

static void
add_sockets (VcPlan *plan)
{
  g_autofree char *listening = at ("listen" ODD);
  g_autofree char *connecting = at ("nobody" ODD);
  VcProps *props;

  props = chardev (plan, "socket");
  vc_props_str (props, "host", "127.0.0.1");
  vc_props_str (props, "port", "0");
  vc_props_bool (props, "server", TRUE);
  vc_props_bool (props, "wait", FALSE);
  vc_props_bool (props, "nodelay", TRUE);
  props = chardev (plan, "socket");
  vc_props_str (props, "host", "::1");
  vc_props_u64 (props, "port", 0);
  vc_props_bool (props, "telnet", TRUE);
  vc_props_bool (props, "server", TRUE);
  vc_props_bool (props, "wait", FALSE);
  props = chardev (plan, "socket");
  vc_props_str (props, "host", "localhost");
  vc_props_str (props, "port", "1");
  vc_props_u32 (props, "reconnect", vc_u32 (60));
  vc_props_str (props, "tls-creds", "tls0");
  props = chardev (plan, "socket");
  vc_props_str (props, "host", "h" ODD);
  vc_props_str (props, "port", "s" ODD);
  vc_props_u32 (props, "reconnect", vc_u32 (60));
  props = chardev (plan, "socket");
  vc_props_listen (props, "path", listening);
  vc_props_bool (props, "server", TRUE);
  vc_props_bool (props, "wait", FALSE);
  props = chardev (plan, "socket");
  vc_props_str (props, "path", connecting);
  vc_props_u32 (props, "reconnect", vc_u32 (60));
  props = chardev (plan, "udp");
  vc_props_str (props, "host", "127.0.0.1");
  vc_props_str (props, "port", "9");
  vc_props_str (props, "localaddr", "");
  vc_props_str (props, "localport", "0");
}

static void
add_others (VcPlan *plan, const char *terminal)
{
  g_autofree char *out = at ("out" ODD);
  g_autofree char *record = at ("log");
  g_autofree char *pipe_path = at ("pipe");
  VcProps *props;

  chardev (plan, "null");
  props = chardev (plan, "file");
  vc_props_file (props, "path", out, FALSE);
  vc_props_bool (props, "append", TRUE);
  props = chardev (plan, "null");
  log_to (props, "logfile", record);
  vc_props_bool (props, "logappend", TRUE);
  vc_props_str (chardev (plan, "pipe"), "path", pipe_path);
  vc_props_str (chardev (plan, "serial"), "path", terminal);
  vc_props_str (chardev (plan, "spicevmc"), "name", "smartcard");
  props = chardev (plan, "qemu-vdagent");
  vc_props_str (props, "name", "vdagent");
  vc_props_bool (props, "clipboard", TRUE);
  vc_props_bool (props, "mouse", FALSE);
  vc_props_u64 (chardev (plan, "ringbuf"), "size", 4096);
  chardev (plan, "vc");
  chardev (plan, "pty");
  vc_props_str (chardev (plan, "spiceport"), "name", "org.virtcard.0");
  vc_props_str (chardev (plan, "dbus"), "name", "org.virtcard.1");
  chardev (plan, "stdio");
}

static void
add_things (VcPlan *plan)
{
  g_autofree char *image = at ("image,1");
  VcProps *props;

  vc_props_u64 (vc_plan_add (plan, VC_Q_OBJECT, "memory-backend-ram", "m0"), "size", 1048576);
  props = vc_plan_add (plan, VC_Q_BLOCK, "file", "n0");
  vc_props_str (props, "filename", image);
  vc_props_bool (vc_props_group (props, "cache"), "direct", FALSE);
  props = vc_plan_add (plan, VC_Q_BLOCK, "raw", "n1");
  vc_props_str (props, "file", "n0");
  vc_props_bool (vc_plan_add (plan, VC_Q_NETDEV, "user", "net0"), "ipv6", FALSE);
  vc_props_u64 (vc_plan_add (plan, VC_Q_DEVICE, "qemu-xhci", "usb"), "p2", 4);
  vc_props_str (vc_plan_add (plan, VC_Q_DEVICE, "usb-ccid", "ccid0"), "bus", "usb.0");
  chardev (plan, "null");
  props = vc_plan_add (plan, VC_Q_DEVICE, "ccid-card-passthru", "card0");
  vc_props_str (props, "bus", "ccid0.0");
  vc_props_str (props, "chardev", vc_props_id (vc_plan_nth (plan, vc_plan_n (plan) - 2)->props));
}

static VcPlan *
whole_plan (const char *terminal)
{
  VcPlan *plan = vc_plan_new ();
  VcProps *creds = vc_plan_add (plan, VC_Q_OBJECT, "tls-creds-anon", "tls0");

  vc_props_str (creds, "endpoint", "client");
  add_sockets (plan);
  add_others (plan, terminal);
  add_things (plan);
  return plan;
}

/* Opens what a start opens itself, and notes what was opened. */
static void
attach (VcPlan *plan, GArray *fds)
{
  guint fdset = 0;

  for (guint n = 0; n < vc_plan_n (plan); n++)
    for (guint m = 0; m < vc_props_n (vc_plan_nth (plan, n)->props); m++)
      {
        VcProp *prop = vc_props_nth (vc_plan_nth (plan, n)->props, m);

        if (prop->type == VC_PROP_LISTEN)
          prop->fd = bind_socket (prop->text);
        else if (prop->type == VC_PROP_FILE)
          {
            prop->fd = open (prop->text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
            prop->fdset = fdset++;
          }
        else
          continue;
        g_assert_cmpint (prop->fd, >, 2);
        g_array_append_val (fds, prop->fd);
      }
}

static void
close_all (GArray *fds)
{
  for (guint n = 0; n < fds->len; n++)
    close (g_array_index (fds, int, n));
  g_array_unref (fds);
}

static void
on_event (const char *event, VcJson *values, gpointer data)
{
  Machine *machine = data;

  machine->deleted += g_str_equal (event, "DEVICE_DELETED");
}

static void
start (Machine *machine, const VcPlan *plan, GArray *fds)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (VcPlan) base = vc_plan_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *spice_path = at ("spice");
  VcProps *spice;
  VcSpawn how = { VC_SPAWN_INIT, .bound = TRUE };
  VcProps *monitor;
  int ends[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  g_array_append_val (fds, ends[1]);
  g_ptr_array_add (argv, g_strdup (QEMU));
  vc_plan_word (base, "-S", NULL);
  vc_plan_word (base, "-no-user-config", NULL);
  vc_plan_word (base, "-nodefaults", NULL);
  vc_plan_word (base, "-display", "none");
  spice = vc_plan_option (base, "-spice", NULL);
  vc_props_str (spice, "addr", spice_path);
  vc_props_bool (spice, "unix", TRUE);
  vc_props_bool (spice, "disable-ticketing", TRUE);
  vc_props_bool (vc_plan_option (base, "-machine", "pc"), "usb", FALSE);
  monitor = vc_plan_add (base, VC_Q_CHARDEV, "socket", "monitor");
  vc_props_listen (monitor, "path", "");
  vc_props_get (monitor, "path")->fd = ends[1];
  vc_props_str (vc_plan_option (base, "-mon", NULL), "chardev", "monitor");
  vc_props_str (vc_plan_nth (base, vc_plan_n (base) - 1)->props, "mode", "control");
  g_assert_true (vc_plan_to_argv (base, argv, &error));
  if (plan != NULL)
    g_assert_true (vc_plan_to_argv (plan, argv, &error));
  g_ptr_array_add (argv, NULL);

  machine->context = g_main_context_new ();
  machine->deleted = 0;
  how.argv = (const char *const *) argv->pdata;
  how.fds = (const int *) fds->data;
  how.n_fds = fds->len;
  machine->process = vc_process_new (&how, machine->context, NULL, NULL, &error);
  g_assert_no_error (error);
  machine->qmp = vc_qmp_new (ends[0], machine->context, on_event, NULL, machine);
  close_all (fds);
  if (!vc_qmp_open_wait (machine->qmp, TIMEOUT_MS, &error))
    {
      VcExit ending;
      g_autofree char *words = NULL;

      vc_process_wait (machine->process, 1000, &ending);
      words = vc_process_words (machine->process);
      g_error ("%s: %s", error->message, words);
    }
}

static void
stop (Machine *machine)
{
  vc_qmp_free (machine->qmp);
  vc_process_free (machine->process);
  g_main_context_unref (machine->context);
}

static VcJson *
call (Machine *machine, VcJson *command_taken)
{
  g_autofree char *text = vc_json_print (command_taken);
  g_autoptr (GError) error = NULL;
  VcJson *value = vc_qmp_call_wait (machine->qmp, command_taken, TIMEOUT_MS, &error);

  if (error != NULL)
    g_error ("%s: %s", text, error->message);
  return value;
}

static int
by_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* What QEMU says its character devices are, but for what differs from run to run. */
static char *
print_chardevs (Machine *machine)
{
  g_autoptr (json_t) list = call (machine, vc_qmp_command ("query-chardev", NULL));
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GRegex) varying = g_regex_new ("(:[0-9]{4,5}\\b)|fd=[0-9]+|fdset/[0-9]+|pts/[0-9]+", 0, 0, NULL);

  for (gsize n = 0; n < json_array_size (list); n++)
    {
      const VcJson *one = json_array_get (list, n);
      g_autofree char *line
          = g_strdup_printf ("%s = %s", vc_json_str (one, "label"), vc_json_str (one, "filename"));

      if (!g_str_has_prefix (line, "monitor") && !g_str_has_prefix (line, "compat_"))
        g_ptr_array_add (lines, g_regex_replace_literal (varying, line, -1, 0, "#", 0, NULL));
    }
  g_ptr_array_sort (lines, by_text);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

static void
send_fd (Machine *machine, const VcProps *props, const VcProp *prop)
{
  VcJson *arguments = json_object ();
  gboolean set = prop->type == VC_PROP_FILE;

  json_object_set_new (arguments, set ? "fdset-id" : "fdname",
                       set ? json_integer (prop->fdset) : json_string (vc_props_id (props)));
  vc_qmp_call_fd (machine->qmp, vc_qmp_command (set ? "add-fd" : "getfd", arguments), prop->fd, TIMEOUT_MS,
                  NULL, NULL);
}

static void
plug (Machine *machine, const VcPlan *plan)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);
      g_autoptr (GError) error = NULL;
      g_autoptr (json_t) value = NULL;
      VcJson *command;

      for (guint m = 0; m < vc_props_n (item->props); m++)
        if (vc_props_nth (item->props, m)->fd >= 0)
          send_fd (machine, item->props, vc_props_nth (item->props, m));
      command = vc_spell_qmp (item, &error);
      g_assert_no_error (error);
      value = call (machine, command);
    }
}

static void
unplug (Machine *machine, const VcPlan *plan)
{
  for (guint n = vc_plan_n (plan); n > 0; n--)
    {
      const char *gone = NULL;
      guint before = machine->deleted;
      g_autoptr (GError) error = NULL;
      VcJson *command = vc_spell_qmp_undo (vc_plan_nth (plan, n - 1), &gone, &error);
      g_autoptr (json_t) value = NULL;

      g_assert_no_error (error);
      value = call (machine, command);
      if (gone == NULL)
        continue;
      /* A PCI device goes only when a guest lets it; there is none, and nothing else needs it gone. */
      if (g_str_equal (vc_props_driver (vc_plan_nth (plan, n - 1)->props), "qemu-xhci"))
        continue;
      while (machine->deleted == before)
        g_main_context_iteration (machine->context, TRUE);
    }
}

static void
test_both (gconstpointer with_fds)
{
  int terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_autoptr (VcPlan) plan = NULL;
  g_autoptr (VcPlan) again = NULL;
  g_autofree char *cold = NULL;
  g_autofree char *hot = NULL;
  g_autofree char *empty = NULL;
  g_autofree char *listening = at ("listen" ODD);
  GArray *fds = g_array_new (FALSE, FALSE, sizeof (int));
  Machine machine;

  grantpt (terminal);
  unlockpt (terminal);
  plan = whole_plan (ptsname (terminal));
  if (with_fds != NULL)
    attach (plan, fds);
  start (&machine, plan, fds);
  cold = print_chardevs (&machine);
  stop (&machine);
  g_unlink (listening);

  start (&machine, NULL, g_array_new (FALSE, FALSE, sizeof (int)));
  again = whole_plan (ptsname (terminal));
  fds = g_array_new (FALSE, FALSE, sizeof (int));
  if (with_fds != NULL)
    attach (again, fds);
  plug (&machine, again);
  hot = print_chardevs (&machine);
  g_test_message ("%s", hot);
  unplug (&machine, again);
  empty = print_chardevs (&machine);
  stop (&machine);
  close_all (fds);
  g_unlink (listening);
  close (terminal);

  g_assert_nonnull (strstr (cold, "disconnected:tcp:h" ODD ":s" ODD));
  g_assert_cmpstr (cold, ==, hot);
  g_assert_cmpstr (empty, ==, "");
}

int
main (int argc, char **argv)
{
  g_autofree char *make = NULL;
  g_autofree char *clean = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!g_file_test (QEMU, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_print ("1..0 # SKIP " QEMU " is not installed\n");
      return 0;
    }
  folder = g_dir_make_tmp ("virtcard-plan-XXXXXX", NULL);
  make = g_strdup_printf ("sh -c 'cd %s && truncate -s 1M image,1 && mkfifo pipe.in pipe.out'", folder);
  clean = g_strdup_printf ("rm -r %s", folder);
  g_assert_true (g_spawn_command_line_sync (make, NULL, NULL, NULL, NULL));
  g_test_add_data_func ("/live-plan/paths", NULL, test_both);
  g_test_add_data_func ("/live-plan/descriptors", "", test_both);
  status = g_test_run ();
  g_spawn_command_line_sync (clean, NULL, NULL, NULL, NULL);
  g_free (folder);
  return status;
}
