/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/apply.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

/* The test is QEMU: it reads each command and says what it likes. */

#define OK      "\"return\":{}"
#define REFUSAL "\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"}"
#define UNKNOWN "\"error\":{\"class\":\"DeviceNotFound\",\"desc\":\"not found\"}"

typedef struct
{
  GMainContext *context;
  int peer;
  VcQmp *qmp;
  VcPlan *plan;
  int fd; /* that the plan's properties have */
  GString *seen;
  gboolean free_when_told;
} Fixture;

static void
on_apply (VcApplyNews news, guint n_there, const GError *error, gpointer data)
{
  Fixture *f = data;

  g_string_append_printf (f->seen, "%s %u", news == VC_APPLY_WAITS ? "waits" : "over", n_there);
  if (error != NULL)
    g_string_append_printf (f->seen, " [%d %s]", error->code, error->message);
  g_string_append_c (f->seen, ';');
  if (f->free_when_told)
    {
      f->free_when_told = FALSE;
      vc_qmp_free (g_steal_pointer (&f->qmp));
    }
}

static void
spin (Fixture *f)
{
  while (g_main_context_iteration (f->context, FALSE))
    continue;
}

static void G_GNUC_PRINTF (2, 3) say (Fixture *f, const char *fmt, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, fmt);
  text = g_strdup_vprintf (fmt, args);
  va_end (args);
  g_assert_cmpint (send (f->peer, text, strlen (text), MSG_NOSIGNAL), ==, (ssize_t) strlen (text));
  spin (f);
}

/* The next command, without its end, and its id; "" when there is none. */
static char *
hear (Fixture *f, gint64 *ret_id)
{
  char bytes[4096];
  ssize_t got;
  g_autoptr (json_t) json = NULL;
  g_autofree char *arguments = NULL;

  spin (f);
  got = recv (f->peer, bytes, sizeof bytes, MSG_DONTWAIT);
  if (got <= 0)
    return g_strdup ("");
  json = vc_json_read (bytes, (gsize) got, NULL);
  g_assert_nonnull (json);
  g_assert_true (vc_json_int (json, "id", ret_id));
  if (vc_json_get (json, "arguments") != NULL)
    arguments = vc_json_print (vc_json_get (json, "arguments"));
  return g_strconcat (vc_json_str (json, "execute"), arguments, NULL);
}

/* The command must come next, and is answered so. */
static void
expect (Fixture *f, const char *want, const char *answer)
{
  gint64 id = -1;
  g_autofree char *heard = hear (f, &id);

  g_assert_cmpstr (heard, ==, want);
  if (answer != NULL)
    say (f, "{%s,\"id\":%d}\n", answer, (int) id);
}

/* The next command when it comes. */
static void
expect_later (Fixture *f, const char *want, const char *answer)
{
  char byte;

  while (recv (f->peer, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0)
    g_main_context_iteration (f->context, TRUE);
  expect (f, want, answer);
}

static void
gone (Fixture *f, const char *device)
{
  say (f, "{\"event\":\"DEVICE_DELETED\",\"data\":{\"path\":\"/machine/peripheral/x\",\"device\":\"%s\"}}\n",
       device);
}

static void
assert_seen (Fixture *f, const char *want)
{
  gint64 id;
  g_autofree char *more = hear (f, &id);

  g_assert_cmpstr (more, ==, "");
  g_assert_cmpstr (f->seen->str, ==, want);
  g_string_truncate (f->seen, 0);
}

/* Told once. */
static void
assert_over (Fixture *f)
{
  g_assert_true (g_str_has_prefix (f->seen->str, "over "));
  g_assert_cmpuint (strlen (f->seen->str), ==, strcspn (f->seen->str, ";") + 1);
}

static void
wait_seen (Fixture *f)
{
  while (f->seen->len == 0)
    g_main_context_iteration (f->context, TRUE);
}

/* An object, a chardev with a log and a socket, and a device on it. */
static void
set_up (Fixture *f, gconstpointer data)
{
  VcProps *props;
  int ends[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  f->context = g_main_context_new ();
  f->peer = ends[1];
  f->seen = g_string_new (NULL);
  f->fd = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  f->qmp = vc_qmp_new (ends[0], f->context, NULL, NULL, NULL);
  f->plan = vc_plan_new ();
  vc_plan_add (f->plan, VC_Q_OBJECT, "o", "obj");
  props = vc_plan_add (f->plan, VC_Q_CHARDEV, "socket", "chr");
  vc_props_listen (props, "path", "/p");
  vc_props_get (props, "path")->fd = f->fd;
  vc_props_file (props, "logfile", "/l", FALSE);
  vc_props_get (props, "logfile")->fd = f->fd;
  vc_props_get (props, "logfile")->fdset = 7;
  vc_plan_add (f->plan, VC_Q_DEVICE, "d", "dev");

  vc_qmp_open (f->qmp, 5000, NULL, NULL);
  say (f, "{\"QMP\":{\"version\":{},\"capabilities\":[]}}\n");
  expect (f, "qmp_capabilities", OK);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  vc_qmp_free (f->qmp);
  vc_plan_free (f->plan);
  g_string_free (f->seen, TRUE);
  close (f->fd);
  if (f->peer >= 0)
    close (f->peer);
  g_main_context_unref (f->context);
}

#define ADD_OBJECT  "object-add{\"qom-type\":\"o\",\"id\":\"obj\"}"
#define SEND_LISTEN "getfd{\"fdname\":\"chr\"}"
#define SEND_LOG    "add-fd{\"fdset-id\":7}"
#define ADD_CHARDEV                                                                                          \
  "chardev-add{\"id\":\"chr\",\"backend\":{\"type\":\"socket\",\"data\":{\"addr\":{\"type\":\"fd\","         \
  "\"data\":{\"str\":\"chr\"}},\"logfile\":\"/dev/fdset/7\",\"server\":false}}}"
#define ADD_DEVICE   "device_add{\"driver\":\"d\",\"id\":\"dev\"}"
#define DEL_DEVICE   "device_del{\"id\":\"dev\"}"
#define DEL_CHARDEV  "chardev-remove{\"id\":\"chr\"}"
#define REMOVE_LOG   "remove-fd{\"fdset-id\":7}"
#define CLOSE_LISTEN "closefd{\"fdname\":\"chr\"}"
#define DEL_OBJECT   "object-del{\"id\":\"obj\"}"
#define TOO_LONG     "[6 the guest has not released 'dev' in 1 ms, and may still do so]"

static void
add_all (Fixture *f)
{
  vc_apply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, ADD_OBJECT, OK);
  expect (f, SEND_LISTEN, OK);
  expect (f, SEND_LOG, OK);
  expect (f, ADD_CHARDEV, OK);
}

static void
remove_rest (Fixture *f)
{
  expect (f, DEL_CHARDEV, OK);
  expect (f, REMOVE_LOG, OK);
  expect (f, DEL_OBJECT, OK);
}

static void
test_add (Fixture *f, gconstpointer data)
{
  add_all (f);
  g_assert_cmpstr (f->seen->str, ==, "");
  expect (f, ADD_DEVICE, OK);
  assert_seen (f, "over 3;");
}

/* The first error is the one that is told, and nothing stays. */
static void
test_device_refused (Fixture *f, gconstpointer data)
{
  add_all (f);
  expect (f, ADD_DEVICE, REFUSAL);
  expect (f, DEL_CHARDEV, OK);
  expect (f, REMOVE_LOG, OK);
  while (f->seen->len == 0)
    expect_later (f, DEL_OBJECT, REFUSAL);
  assert_seen (f, "over 1 [11 device_add: no];");
}

static void
test_chardev_refused (Fixture *f, gconstpointer data)
{
  vc_apply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, ADD_OBJECT, OK);
  expect (f, SEND_LISTEN, OK);
  expect (f, SEND_LOG, OK);
  expect (f, ADD_CHARDEV, REFUSAL);
  expect (f, CLOSE_LISTEN, OK);
  expect (f, REMOVE_LOG, OK);
  expect (f, DEL_OBJECT, OK);
  assert_seen (f, "over 0 [11 chardev-add: no];");
}

static void
test_descriptor_refused (Fixture *f, gconstpointer data)
{
  vc_apply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, ADD_OBJECT, OK);
  expect (f, SEND_LISTEN, REFUSAL);
  expect (f, CLOSE_LISTEN, REFUSAL);
  expect (f, DEL_OBJECT, OK);
  assert_seen (f, "over 0 [11 getfd: no];");
}

static void
test_first_refused (Fixture *f, gconstpointer data)
{
  vc_apply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, ADD_OBJECT, REFUSAL);
  assert_seen (f, "over 0 [11 object-add: no];");
}

/* The next command gets no answer, and it is time that the one after it comes. */
static void
ignore (Fixture *f, const char *want)
{
  gint64 id = -1;
  g_autofree char *heard = hear (f, &id);

  g_assert_cmpstr (heard, ==, want);
  g_main_context_iteration (f->context, TRUE);
}

/* It may be there or not, and what came with it as well: all of it is asked to go, whatever is said. */
static void
test_no_answer (Fixture *f, gconstpointer of)
{
  vc_apply (f->qmp, f->plan, 500, on_apply, f);
  if (g_str_equal (of, "object"))
    {
      ignore (f, ADD_OBJECT);
      expect (f, DEL_OBJECT, REFUSAL);
      assert_seen (f, "over 0 [6 object-add: no answer from QEMU in 500 ms];");
      return;
    }
  expect (f, ADD_OBJECT, OK);
  if (g_str_equal (of, "descriptor"))
    {
      ignore (f, SEND_LISTEN);
      expect (f, CLOSE_LISTEN, REFUSAL);
      expect (f, DEL_OBJECT, OK);
      assert_seen (f, "over 0 [6 getfd: no answer from QEMU in 500 ms];");
      return;
    }
  expect (f, SEND_LISTEN, OK);
  expect (f, SEND_LOG, OK);
  if (g_str_equal (of, "chardev"))
    {
      ignore (f, ADD_CHARDEV);
      expect (f, DEL_CHARDEV, REFUSAL);
      expect (f, CLOSE_LISTEN, REFUSAL);
      expect (f, REMOVE_LOG, OK);
      expect (f, DEL_OBJECT, OK);
      assert_seen (f, "over 0 [6 chardev-add: no answer from QEMU in 500 ms];");
      return;
    }
  expect (f, ADD_CHARDEV, OK);
  ignore (f, ADD_DEVICE);
  expect (f, DEL_DEVICE, OK); /* it was created after all, and has to be released */
  assert_seen (f, "");
  gone (f, "dev");
  remove_rest (f);
  assert_seen (f, "over 0 [6 device_add: no answer from QEMU in 500 ms];");
}

/* What can be said on a command line only is refused before QEMU hears of it, and undone as well. */
static void
test_unspeakable (Fixture *f, gconstpointer data)
{
  vc_plan_add (f->plan, VC_Q_AUDIO, "none", "audio1");
  add_all (f);
  expect (f, ADD_DEVICE, OK);
  expect (f, DEL_DEVICE, OK);
  gone (f, "dev");
  remove_rest (f);
  assert_seen (f, "over 0 [2 QEMU takes -audiodev only when it starts];");
}

/* The event may come before the answer, or after it; other devices' events are not ours. */
static void
test_remove (Fixture *f, gconstpointer when)
{
  gint64 id = -1;
  g_autofree char *heard = NULL;

  vc_unapply (f->qmp, f->plan, 60000, on_apply, f);
  heard = hear (f, &id);
  g_assert_cmpstr (heard, ==, DEL_DEVICE);
  gone (f, "other");
  if (g_str_equal (when, "before"))
    gone (f, "dev");
  say (f, "{" OK ",\"id\":%d}\n", (int) id);
  if (g_str_equal (when, "after"))
    {
      assert_seen (f, "");
      gone (f, "dev");
    }
  remove_rest (f);
  assert_seen (f, "over 0;");
}

static void
test_remove_gone (Fixture *f, gconstpointer data)
{
  vc_unapply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, DEL_DEVICE, UNKNOWN);
  remove_rest (f);
  assert_seen (f, "over 0;");
}

static void
test_remove_refused (Fixture *f, gconstpointer data)
{
  vc_unapply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, DEL_DEVICE, REFUSAL);
  assert_seen (f, "over 3 [11 device_del: no];");
}

/* Some devices take their chardev with them. */
static void
test_chardev_gone (Fixture *f, gconstpointer data)
{
  vc_unapply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, DEL_DEVICE, OK);
  gone (f, "dev");
  expect (f, DEL_CHARDEV, REFUSAL);
  expect (f, "query-chardev", "\"return\":[{\"label\":\"other\",\"filename\":\"x\"}]");
  expect (f, REMOVE_LOG, OK);
  expect (f, DEL_OBJECT, OK);
  assert_seen (f, "over 0;");
}

#define CHR_IS_THERE "\"return\":[{\"label\":\"chr\",\"filename\":\"x\"}]"

/* QEMU forgets a device's name before it lets go of its chardev and of what its chardev has. */
static void
test_busy (Fixture *f, gconstpointer data)
{
  vc_unapply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, DEL_DEVICE, UNKNOWN);
  expect (f, DEL_CHARDEV, REFUSAL);
  expect (f, "query-chardev", CHR_IS_THERE);
  expect_later (f, DEL_CHARDEV, REFUSAL);
  expect (f, "query-chardev", CHR_IS_THERE);
  expect_later (f, DEL_CHARDEV, OK);
  expect (f, REMOVE_LOG, OK);
  expect (f, DEL_OBJECT, REFUSAL);
  expect_later (f, DEL_OBJECT, OK);
  assert_seen (f, "over 0;");
}

static void
test_busy_end (Fixture *f, gconstpointer when)
{
  vc_unapply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, DEL_DEVICE, UNKNOWN);
  expect (f, DEL_CHARDEV, REFUSAL);
  if (g_str_equal (when, "waiting"))
    expect (f, "query-chardev", CHR_IS_THERE);
  shutdown (f->peer, SHUT_WR);
  spin (f);
  g_assert_true (g_str_has_prefix (f->seen->str, "over 2 [10 "));
  assert_over (f);
}

static void
test_busy_always (Fixture *f, gconstpointer data)
{
  vc_unapply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, DEL_DEVICE, UNKNOWN);
  while (f->seen->len == 0)
    {
      expect_later (f, DEL_CHARDEV, REFUSAL);
      expect (f, "query-chardev", CHR_IS_THERE);
    }
  assert_seen (f, "over 2 [11 chardev-remove: no];");
}

#define YANK "yank{\"instances\":[{\"type\":\"chardev\",\"id\":\"chr\"}]}"

/* No handshake may be open when QEMU frees the chardev, which usb-redir does itself. */
static void
test_yank (Fixture *f, gconstpointer driver)
{
  g_autoptr (VcPlan) plan = vc_plan_new ();

  vc_props_str (vc_plan_add (plan, VC_Q_CHARDEV, "socket", "chr"), "tls-creds", "obj");
  vc_props_str (vc_plan_add (plan, VC_Q_DEVICE, driver, "dev"), "chardev", "chr");
  vc_unapply (f->qmp, plan, 60000, on_apply, f);
  if (g_str_equal (driver, "usb-redir"))
    {
      expect (f, YANK, OK);
      expect (f, "query-status", OK);
    }
  expect (f, DEL_DEVICE, OK);
  gone (f, "dev");
  expect (f, YANK, REFUSAL);
  expect (f, "query-status", REFUSAL);
  expect (f, DEL_CHARDEV, OK);
  assert_seen (f, "over 0;");

  vc_unapply (f->qmp, plan, 60000, on_apply, f);
  if (!g_str_equal (driver, "usb-redir"))
    expect (f, DEL_DEVICE, UNKNOWN);
  expect (f, YANK, NULL);
  shutdown (f->peer, SHUT_WR);
  spin (f);
  assert_over (f);
}

static void
test_late (Fixture *f, gconstpointer data)
{
  vc_unapply (f->qmp, f->plan, 1, on_apply, f);
  expect (f, DEL_DEVICE, OK);
  wait_seen (f);
  assert_seen (f, "waits 3 " TOO_LONG ";");
  gone (f, "dev");
  remove_rest (f);
  assert_seen (f, "over 0;");
}

static void
test_guest_refuses (Fixture *f, gconstpointer data)
{
  vc_unapply (f->qmp, f->plan, 60000, on_apply, f);
  expect (f, DEL_DEVICE, OK);
  say (f, "{\"event\":\"DEVICE_UNPLUG_GUEST_ERROR\",\"data\":{\"path\":\"/x\",\"device\":\"dev\"}}\n");
  assert_seen (f, "over 3 [6 the guest refuses to release 'dev'];");
  gone (f, "dev");
  assert_seen (f, "");
}

/* Whenever the connection ends, that is told once. */
static void
test_end (Fixture *f, gconstpointer data)
{
  guint when = GPOINTER_TO_UINT (data);

  if (when < 4)
    vc_apply (f->qmp, f->plan, 60000, on_apply, f);
  else
    vc_unapply (f->qmp, f->plan, 60000, on_apply, f);
  if (when >= 1 && when < 4)
    expect (f, ADD_OBJECT, when >= 2 ? OK : NULL);
  if (when == 3)
    expect (f, SEND_LISTEN, REFUSAL);
  if (when == 5)
    expect (f, DEL_DEVICE, OK);
  shutdown (f->peer, SHUT_WR);
  spin (f);
  g_assert_nonnull (strstr (f->seen->str, when == 3 ? "[11 " : "[10 "));
  assert_over (f);
}

static void
test_freed (Fixture *f, gconstpointer data)
{
  vc_unapply (f->qmp, f->plan, 60000, on_apply, f);
  vc_unapply (f->qmp, f->plan, 1, on_apply, f);
  expect (f, DEL_DEVICE, OK);
  expect (f, DEL_DEVICE, OK);
  f->free_when_told = TRUE;
  wait_seen (f);
  spin (f);
  g_assert_cmpstr (f->seen->str, ==,
                   "waits 3 " TOO_LONG ";over 3 [10 the connection to QEMU has ended];"
                   "over 3 [10 the connection to QEMU has ended];");
}

#define ADD(path, data, fn) g_test_add ("/apply/" path, Fixture, data, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("add", NULL, test_add);
  ADD ("device-refused", NULL, test_device_refused);
  ADD ("chardev-refused", NULL, test_chardev_refused);
  ADD ("descriptor-refused", NULL, test_descriptor_refused);
  ADD ("first-refused", NULL, test_first_refused);
  ADD ("no-answer/object", "object", test_no_answer);
  ADD ("no-answer/descriptor", "descriptor", test_no_answer);
  ADD ("no-answer/chardev", "chardev", test_no_answer);
  ADD ("no-answer/device", "device", test_no_answer);
  ADD ("unspeakable", NULL, test_unspeakable);
  ADD ("remove/event-before", "before", test_remove);
  ADD ("remove/event-after", "after", test_remove);
  ADD ("remove/gone", NULL, test_remove_gone);
  ADD ("remove/refused", NULL, test_remove_refused);
  ADD ("remove/chardev-gone", NULL, test_chardev_gone);
  ADD ("remove/busy", NULL, test_busy);
  ADD ("remove/busy/asking", "asking", test_busy_end);
  ADD ("remove/busy/waiting", "waiting", test_busy_end);
  ADD ("remove/busy/always", NULL, test_busy_always);
  ADD ("remove/yank", "d", test_yank);
  ADD ("remove/yank-first", "usb-redir", test_yank);
  ADD ("remove/late", NULL, test_late);
  ADD ("remove/guest-refuses", NULL, test_guest_refuses);
  ADD ("end/at-once", GUINT_TO_POINTER (0), test_end);
  ADD ("end/adding", GUINT_TO_POINTER (1), test_end);
  ADD ("end/sending", GUINT_TO_POINTER (2), test_end);
  ADD ("end/undoing", GUINT_TO_POINTER (3), test_end);
  ADD ("end/removing", GUINT_TO_POINTER (4), test_end);
  ADD ("end/waiting", GUINT_TO_POINTER (5), test_end);
  ADD ("freed", NULL, test_freed);
  return g_test_run ();
}
