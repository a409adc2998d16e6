/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/qmp.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* The test is QEMU: it holds the other end of the socket and says what it likes. */
#define GREETING   "{\"QMP\":{\"version\":{},\"capabilities\":[]}}\r\n"
#define TIMEOUT_MS 5000

typedef struct
{
  GMainContext *context;
  int peer;
  VcQmp *qmp;
  GString *seen;          /* what the callbacks were told, in order */
  gboolean free_in_reply; /* which callback frees the connection    */
  gboolean free_in_event;
  gboolean free_in_end;
} Fixture;

static void
drop (Fixture *f)
{
  VcQmp *qmp = g_steal_pointer (&f->qmp);

  vc_qmp_free (qmp);
}

static void
on_reply (VcJson *value, const GError *error, gpointer data)
{
  Fixture *f = data;

  g_assert_true ((value == NULL) == (error != NULL));
  if (error != NULL)
    g_string_append_printf (f->seen, "[%d %s]", error->code, error->message);
  else
    {
      g_autofree char *text = vc_json_print (value);

      g_string_append_printf (f->seen, "[%s]", text);
    }
  if (f->free_in_reply)
    drop (f);
}

static void
on_event (const char *event, VcJson *values, gpointer data)
{
  Fixture *f = data;

  g_string_append_printf (f->seen, "(%s)", event);
  if (f->free_in_event)
    drop (f);
}

static void
on_end (const GError *why, gpointer data)
{
  Fixture *f = data;

  g_string_append_printf (f->seen, "<%d>", why->code);
  if (f->free_in_end)
    drop (f);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  int ends[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  f->context = g_main_context_new ();
  f->peer = ends[1];
  f->seen = g_string_new (NULL);
  f->qmp = vc_qmp_new (ends[0], f->context, on_event, on_end, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  drop (f);
  g_string_free (f->seen, TRUE);
  if (f->peer >= 0)
    close (f->peer);
  g_main_context_unref (f->context);
}

static void
say (Fixture *f, const char *text)
{
  g_assert_cmpint (send (f->peer, text, strlen (text), MSG_NOSIGNAL), ==, (ssize_t) strlen (text));
}

/* What QEMU was sent by now. */
static char *
hear (Fixture *f)
{
  char bytes[4096];
  ssize_t got = recv (f->peer, bytes, sizeof bytes, MSG_DONTWAIT);

  return g_strndup (bytes, got > 0 ? (gsize) got : 0);
}

static void
assert_heard (Fixture *f, const char *want)
{
  g_autofree char *heard = hear (f);

  g_assert_cmpstr (heard, ==, want);
}

static void
spin (Fixture *f)
{
  while (g_main_context_iteration (f->context, FALSE))
    continue;
}

static void
assert_seen (Fixture *f, const char *want)
{
  spin (f);
  g_assert_cmpstr (f->seen->str, ==, want);
  g_string_truncate (f->seen, 0);
}

static void
open_up (Fixture *f)
{
  vc_qmp_open (f->qmp, TIMEOUT_MS, on_reply, f);
  say (f, GREETING);
  spin (f);
  assert_heard (f, "{\"execute\":\"qmp_capabilities\",\"id\":0}\n");
  say (f, "{\"return\":{},\"id\":0}\r\n");
  assert_seen (f, "[{}]");
}

static void
call (Fixture *f, const char *name)
{
  vc_qmp_call (f->qmp, vc_qmp_command (name, NULL), TIMEOUT_MS, on_reply, f);
}

/* Nothing is sent before the greeting and nothing but qmp_capabilities before its answer; then one
 * command at a time. */
static void
test_order (Fixture *f, gconstpointer data)
{
  call (f, "a");
  vc_qmp_open (f->qmp, TIMEOUT_MS, on_reply, f);
  call (f, "b");
  spin (f);
  assert_heard (f, "");
  say (f, GREETING);
  spin (f);
  assert_heard (f, "{\"execute\":\"qmp_capabilities\",\"id\":1}\n");
  say (f, "{\"return\":{},\"id\":1}\r\n");
  spin (f);
  assert_heard (f, "{\"execute\":\"a\",\"id\":0}\n");
  say (f, "{\"event\":\"STOP\"}\r\n{\"return\":1,\"id\":0}\r\n{\"event\":\"RESUME\",\"data\":{}}\r\n");
  spin (f);
  assert_heard (f, "{\"execute\":\"b\",\"id\":2}\n");
  say (f, "{\"return\":2,\"id\":2}\r\n");
  assert_seen (f, "[{}](STOP)[1](RESUME)[2]");
}

static gint64
hear_id (Fixture *f)
{
  g_autofree char *heard = hear (f);
  const char *at = strstr (heard, "\"id\":");

  g_assert_nonnull (at);
  return g_ascii_strtoll (at + strlen ("\"id\":"), NULL, 10);
}

/* It still talks to the one before us. */
static void
test_found (Fixture *f, gconstpointer data)
{
  const char *answer = data;
  g_autofree char *said = NULL;
  gint64 id;

  vc_qmp_set_found (f->qmp);
  vc_qmp_open (f->qmp, TIMEOUT_MS, on_reply, f);
  call (f, "a");
  say (f, "{\"event\":\"STOP\"}\r\n{\"return\":{},\"id\":7}\r\n" GREETING "{\"return\":{},\"id\":0}\r\n");
  spin (f);
  id = hear_id (f);
  g_assert_cmpint (id, >, 1000);
  said = g_strdup_printf ("{\"return\":{},\"id\":8}\r\n{%s,\"id\":%" G_GINT64_FORMAT "}\r\n", answer, id);
  say (f, said);
  assert_seen (f, "[{}]");
  g_assert_cmpint (hear_id (f), ==, id + 1);
}

static void
test_refusals (Fixture *f, gconstpointer data)
{
  open_up (f);
  call (f, "a");
  call (f, "b");
  call (f, "c");
  say (f, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no 'x'\"},\"id\":1}\r\n");
  spin (f);
  say (f, "{\"error\":{\"class\":\"DeviceNotFound\",\"desc\":\"y\"},\"id\":2}\r\n");
  spin (f);
  say (f, "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"z\"},\"id\":3}\r\n");
  assert_seen (f, "[11 a: no 'x'][3 b: y][2 c: z]");
}

/* A late answer is dropped, the connection lives on. */
static void
test_deadline (Fixture *f, gconstpointer data)
{
  open_up (f);
  vc_qmp_call (f->qmp, vc_qmp_command ("slow", NULL), 1, on_reply, f);
  call (f, "next");
  while (f->seen->len == 0)
    g_main_context_iteration (f->context, TRUE);
  assert_seen (f, "[6 slow: no answer from QEMU in 1 ms]");
  assert_heard (f, "{\"execute\":\"slow\",\"id\":1}\n{\"execute\":\"next\",\"id\":2}\n");
  say (f, "{\"return\":1,\"id\":1}\r\n{\"return\":2,\"id\":2}\r\n");
  assert_seen (f, "[2]");
}

static void
test_end (Fixture *f, gconstpointer data)
{
  open_up (f);
  call (f, "a");
  call (f, "b");
  close (f->peer);
  f->peer = -1;
  assert_seen (f, "[10 QEMU closed its monitor][10 QEMU closed its monitor]<10>");
  call (f, "late");
  g_assert_cmpuint (f->seen->len, ==, 0);
  assert_seen (f, "[10 late: the connection to QEMU has ended]");
}

static void
test_rules (Fixture *f, gconstpointer data)
{
  open_up (f);
  call (f, "a");
  say (f, data);
  spin (f);
  g_assert_true (g_str_has_prefix (f->seen->str, "[9 "));
  g_assert_true (g_str_has_suffix (f->seen->str, "]<9>"));
}

static void
test_silent (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (vc_qmp_open_wait (f->qmp, 1, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_BUSY);
}

static void
test_limit (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) want = g_string_new (NULL);

  open_up (f);
  for (guint n = 0; n < VC_QMP_MAX_CALLS + 2; n++)
    call (f, "a");
  g_assert_cmpuint (f->seen->len, ==, 0);
  while (f->seen->len < 80)
    g_main_context_iteration (f->context, TRUE);
  assert_seen (f, "[6 a: 64 commands wait for QEMU already][6 a: 64 commands wait for QEMU already]");
  for (guint n = 1; n <= VC_QMP_MAX_CALLS; n++)
    {
      g_autofree char *text = g_strdup_printf ("{\"return\":%u,\"id\":%u}\n", n, n);

      say (f, text);
      spin (f);
      g_string_append_printf (want, "[%u]", n);
    }
  assert_seen (f, want->str);
}

/* Whichever callback frees it, nothing is touched afterwards and nobody is left without an answer. */
static void
test_freed (Fixture *f, gconstpointer data)
{
  const char *where = data;

  open_up (f);
  call (f, "a");
  call (f, "b");
  if (g_str_equal (where, "reply"))
    {
      f->free_in_reply = TRUE;
      say (f, "{\"return\":1,\"id\":1}\r\n{\"return\":2,\"id\":2}\r\n{\"event\":\"STOP\"}\r\n");
      assert_seen (f, "[1][10 the connection to QEMU was given up]");
    }
  else if (g_str_equal (where, "event"))
    {
      f->free_in_event = TRUE;
      say (f, "{\"event\":\"STOP\"}\r\n{\"return\":1,\"id\":1}\r\n");
      assert_seen (f,
                   "(STOP)[10 the connection to QEMU was given up][10 the connection to QEMU was given up]");
    }
  else if (g_str_equal (where, "reply at end"))
    {
      f->free_in_reply = TRUE;
      say (f, "x\r\n");
      spin (f);
      g_assert_null (strstr (f->seen->str, "<"));
      g_assert_true (g_str_has_suffix (f->seen->str, "][10 the connection to QEMU was given up]"));
    }
  else
    {
      f->free_in_end = TRUE;
      shutdown (f->peer, SHUT_WR);
      assert_seen (f, "[10 QEMU closed its monitor][10 QEMU closed its monitor]<10>");
    }
  g_assert_null (f->qmp);
}

static void
test_wait (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) value = NULL;

  /* All that will be said, said before: only the order of reading matters. */
  say (f, GREETING "{\"return\":{},\"id\":0}\r\n");
  g_assert_true (vc_qmp_open_wait (f->qmp, TIMEOUT_MS, &error));
  g_assert_no_error (error);
  say (f, "{\"return\":\"x\",\"id\":1}\r\n");
  value = vc_qmp_call_wait (f->qmp, vc_qmp_command ("a", json_object ()), TIMEOUT_MS, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (json_string_value (value), ==, "x");
  shutdown (f->peer, SHUT_WR);
  g_assert_null (vc_qmp_call_wait (f->qmp, vc_qmp_command ("a", NULL), TIMEOUT_MS, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_GONE);
}

/* A peer that does not read does not hold us up, and gets everything in the end. */
static void
test_stuck (Fixture *f, gconstpointer data)
{
  g_autofree char *large = g_strnfill (4 * 1024 * 1024, 'x');
  g_autofree char *bytes = g_malloc (1024 * 1024);
  VcJson *arguments = json_object ();
  gsize got = 0;
  char last = 0;

  open_up (f);
  json_object_set_new (arguments, "a", json_string (large));
  vc_qmp_call (f->qmp, vc_qmp_command ("big", arguments), TIMEOUT_MS, on_reply, f);
  spin (f);
  while (last != '\n')
    {
      ssize_t more = recv (f->peer, bytes, 1024 * 1024, MSG_DONTWAIT);

      if (more > 0)
        {
          got += (gsize) more;
          last = bytes[more - 1];
        }
      spin (f);
    }
  g_assert_cmpuint (got, >, 4 * 1024 * 1024);
  say (f, "{\"return\":{},\"id\":1}\r\n");
  assert_seen (f, "[{}]");
}

static void
test_descriptor (Fixture *f, gconstpointer data)
{
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control = { .bytes = { 0 } };
  char bytes[100];
  struct iovec part = { bytes, sizeof bytes };
  struct msghdr message
      = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  struct stat sent;
  struct stat got;
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  open_up (f);
  g_assert_no_errno (fstat (fd, &sent));
  vc_qmp_call_fd (f->qmp, vc_qmp_command ("getfd", NULL), fd, TIMEOUT_MS, on_reply, f);
  close (fd);
  g_assert_cmpint (recvmsg (f->peer, &message, MSG_CMSG_CLOEXEC), ==,
                   strlen ("{\"execute\":\"getfd\",\"id\":1}\n"));
  g_assert_cmpint (control.header.cmsg_type, ==, SCM_RIGHTS);
  memcpy (&fd, CMSG_DATA (&control.header), sizeof fd);
  g_assert_no_errno (fstat (fd, &got));
  g_assert_true (sent.st_rdev == got.st_rdev);
  close (fd);
}

#define ADD(path, data, fn) g_test_add ("/qmp/" path, Fixture, data, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("order", NULL, test_order);
  ADD ("found", "\"return\":{}", test_found);
  ADD ("found/open-already",
       "\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"Capabilities negotiation is already complete\"}",
       test_found);
  ADD ("refusals", NULL, test_refusals);
  ADD ("deadline", NULL, test_deadline);
  ADD ("end", NULL, test_end);
  ADD ("rules/not-json", "x\n", test_rules);
  ADD ("rules/greets-twice", GREETING, test_rules);
  ADD ("rules/unknown-id", "{\"return\":{},\"id\":99}\n", test_rules);
  ADD ("rules/no-id", "{\"return\":{}}\n", test_rules);
  ADD ("rules/misunderstood", "{\"error\":{\"class\":\"GenericError\",\"desc\":\"JSON parse error\"}}\n",
       test_rules);
  ADD ("silent", NULL, test_silent);
  ADD ("limit", NULL, test_limit);
  ADD ("freed/in-reply", "reply", test_freed);
  ADD ("freed/in-event", "event", test_freed);
  ADD ("freed/in-reply-at-end", "reply at end", test_freed);
  ADD ("freed/in-end", "end", test_freed);
  ADD ("wait", NULL, test_wait);
  ADD ("stuck", NULL, test_stuck);
  ADD ("descriptor", NULL, test_descriptor);
  return g_test_run ();
}
