/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/client.h"

#include "rpc/test-peer.h"

/* Against the serving side of src/rpc, and against bytes that were written before the call. */

typedef struct
{
  Peer peer;
  VcClient *client;
  guint n_told;
  gint32 n_sent;
  gint32 told[4];
  gboolean calls_back;
  GError *end;
} Both;

static void call_type (VcClient *client);

static void
on_tell (VcTell tell, VcXdrReader *body, gpointer data)
{
  Both *both = data;

  g_assert_cmpint (tell, ==, VC_TELL_DOMAIN_REBOOT);
  g_assert_cmpuint (both->n_told, <, G_N_ELEMENTS (both->told));
  both->told[both->n_told++] = vc_xdr_read_int (body);
  if (both->calls_back)
    call_type (both->client);
}

static void
on_end (const GError *why, gpointer data)
{
  Both *both = data;

  g_assert_null (both->end);
  both->end = g_error_copy (why);
}

static const VcClientWatch watch = { .on_tell = on_tell, .on_end = on_end };

/* The server is served here, by the default main context. */
static void
both_begin (Both *both)
{
  g_autoptr (GError) error = NULL;
  int ends[2];

  *both = (Both){ .peer
                  = { .fd = -1, .console = -1, .context = g_main_context_ref (g_main_context_default ()) } };
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  both->peer.server = vc_rpc_server_new (&peer_service, &VC_RPC_LIMITS, NULL, &both->peer, &error);
  g_assert_no_error (error);
  vc_rpc_server_add (both->peer.server, ends[0], FALSE, &error);
  g_assert_no_error (error);
  both->client = vc_client_new (ends[1], TRUE, &watch, both);
}

static void
open_it (VcClient *client)
{
  g_autoptr (GError) error = NULL;
  VcXdrWriter *args = vc_client_begin (client, VC_CALL_CONNECT_OPEN);

  vc_xdr_put_text_or_null (args, NULL);
  vc_xdr_put_uint (args, 0);
  vc_client_call (client, &error);
  g_assert_no_error (error);
}

static void
both_end (Both *both)
{
  vc_client_free (both->client);
  peer_end (&both->peer);
  g_clear_error (&both->end);
}

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
call_type (VcClient *client)
{
  g_autoptr (GError) error = NULL;
  VcXdrReader *reader;

  vc_client_begin (client, VC_CALL_CONNECT_GET_TYPE);
  reader = vc_client_call (client, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vc_xdr_read_text (reader), ==, "QEMU");
}

static void
put_domain_x (VcXdrWriter *args)
{
  const VcXdrDomain domain = { .name = "x", .uuid = (const guint8 *) "0123456789abcdef", .id = -1 };

  vc_xdr_put_domain (args, &domain);
}

static void
call_large (VcClient *client, guint len)
{
  g_autoptr (GError) error = NULL;
  VcXdrWriter *args = vc_client_begin (client, VC_CALL_DOMAIN_GET_XML_DESC);
  VcXdrReader *reader;

  put_domain_x (args);
  vc_xdr_put_uint (args, len);
  reader = vc_client_call (client, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (vc_xdr_read_text (reader)), ==, len);
}

static void
call_refused (VcClient *client)
{
  g_autoptr (GError) error = NULL;

  vc_xdr_put_text (vc_client_begin (client, VC_CALL_DOMAIN_LOOKUP_BY_NAME), "x");
  g_assert_null (vc_client_call (client, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "Domain not found: no domain with matching name 'x'");
}

static void
test_calls (void)
{
  Both both;

  both_begin (&both);
  open_it (both.client);
  call_type (both.client);
  call_large (both.client, 0);
  call_large (both.client, 3000000);
  call_refused (both.client);
  call_type (both.client);
  g_assert_true (vc_client_is_alive (both.client));
  both_end (&both);
}

static gpointer
serve (gpointer data)
{
  Peer *peer = data;

  while (peer->n_gone == 0)
    g_main_context_iteration (peer->context, TRUE);
  return NULL;
}

/* The same, served by somebody else. */
static void
test_elsewhere (void)
{
  Peer peer;
  VcClient *client;
  GThread *thread;

  peer_begin (&peer, &VC_RPC_LIMITS, FALSE);
  client = vc_client_new (g_steal_fd (&peer.fd), FALSE, &watch, NULL);
  thread = g_thread_new ("server", serve, &peer);
  open_it (client);
  call_type (client);
  call_large (client, 3000000);
  call_refused (client);
  vc_client_free (client);
  g_thread_join (thread);
  peer_end (&peer);
}

/* What cannot be sent is no harm. */
static void
test_too_long (void)
{
  g_autofree char *name = g_strnfill (5000, 'x');
  g_autoptr (GError) error = NULL;
  Both both;

  both_begin (&both);
  open_it (both.client);
  vc_xdr_put_text (vc_client_begin (both.client, VC_CALL_DOMAIN_LOOKUP_BY_NAME), name);
  g_assert_null (vc_client_call (both.client, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_LIMIT);
  call_type (both.client);
  both_end (&both);
}

static void
send_event (VcRpcClient *client, gpointer data)
{
  Both *both = data;
  VcXdrWriter *body = vc_rpc_tell (client, VC_TELL_DOMAIN_REBOOT);

  vc_xdr_put_int (body, ++both->n_sent);
  put_domain_x (body);
  vc_rpc_tell_send (client);
}

static void
test_events (void)
{
  Both both;

  both_begin (&both);
  open_it (both.client);
  vc_rpc_server_foreach (both.peer.server, send_event, &both);
  vc_rpc_server_foreach (both.peer.server, send_event, &both);
  call_type (both.client); /* they come before the answer, and nobody is told inside the call */
  g_assert_cmpuint (both.n_told, ==, 0);
  run ();
  g_assert_cmpuint (both.n_told, ==, 2);
  g_assert_cmpint (both.told[0], ==, 1);
  g_assert_cmpint (both.told[1], ==, 2);
  both.calls_back = TRUE;
  vc_rpc_server_foreach (both.peer.server, send_event, &both);
  vc_rpc_server_foreach (both.peer.server, send_event, &both);
  run ();
  g_assert_cmpuint (both.n_told, ==, 4);
  g_assert_cmpint (both.told[3], ==, 4);
  both_end (&both);
}

/* The server drops us while a call waits. */
static gboolean
drop_server (gpointer data)
{
  Both *both = data;

  if (both->peer.n_kept == 0)
    return G_SOURCE_CONTINUE;
  vc_rpc_server_free (g_steal_pointer (&both->peer.server));
  return G_SOURCE_REMOVE;
}

static void
test_gone (void)
{
  g_autoptr (GError) error = NULL;
  Both both;

  both_begin (&both);
  open_it (both.client);
  g_idle_add (drop_server, &both);
  put_domain_x (vc_client_begin (both.client, VC_CALL_DOMAIN_DESTROY));
  g_assert_null (vc_client_call (both.client, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_GONE);
  g_assert_null (both.end);
  g_assert_false (vc_client_is_alive (both.client));
  run ();
  g_assert_error (both.end, VC_ERROR, VC_ERROR_GONE);
  g_clear_error (&error);
  vc_client_begin (both.client, VC_CALL_CONNECT_GET_TYPE);
  g_assert_null (vc_client_call (both.client, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_GONE);
  both_end (&both);
}

/* Streams */

static int
open_console (Both *both, int *ret_far)
{
  g_autoptr (GError) error = NULL;
  VcXdrWriter *args;
  int ends[2], fd;

  both_begin (both);
  open_it (both->client);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
  both->peer.console = ends[0];
  args = vc_client_begin (both->client, VC_CALL_DOMAIN_OPEN_CONSOLE);
  put_domain_x (args);
  vc_xdr_put_text_or_null (args, NULL);
  vc_xdr_put_uint (args, 0);
  fd = vc_client_call_stream (both->client, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  close (ends[0]);
  *ret_far = ends[1];
  return fd;
}

static void
assert_comes (int fd, const char *text)
{
  char buffer[32];
  gssize n;

  run ();
  n = read (fd, buffer, sizeof buffer);
  g_assert_cmpint (n, ==, (gssize) strlen (text));
  g_assert_cmpmem (buffer, (gsize) n, text, strlen (text));
}

static void
test_stream (void)
{
  Both both;
  int far, fd = open_console (&both, &far);

  g_assert_cmpint (write (far, "login: ", 7), ==, 7);
  assert_comes (fd, "login: ");
  g_assert_cmpint (write (fd, "root\r", 5), ==, 5);
  assert_comes (far, "root\r");
  call_type (both.client);
  close (fd);
  assert_comes (far, "");
  g_assert_cmpuint (both.peer.n_ends, ==, 1);
  call_type (both.client);
  close (far);
  both_end (&both);
}

static void
test_stream_ends (void)
{
  Both both;
  int far, fd = open_console (&both, &far);

  g_assert_cmpint (write (far, "bye", 3), ==, 3);
  close (far);
  assert_comes (fd, "bye");
  assert_comes (fd, "");
  g_assert_cmpuint (both.peer.n_ends, ==, 1);
  call_type (both.client);
  close (fd);
  both_end (&both);

  fd = open_console (&both, &far);
  vc_client_free (g_steal_pointer (&both.client));
  assert_comes (fd, "");
  close (fd);
  close (far);
  both_end (&both);
}

/* Fills it until nothing moves any more.  Returns: how much that was. */
static gsize
fill (int fd)
{
  g_autofree char *text = g_strnfill (65536, 'a');
  gsize n = 0;

  for (guint quiet = 0; quiet < 3; run ())
    {
      gssize done = write (fd, text, 65536);

      quiet = done > 0 ? 0 : quiet + 1;
      n += done > 0 ? (gsize) done : 0;
    }
  return n;
}

/* Takes that much. */
static void
drain (int fd, gsize n)
{
  char buffer[65536];

  while (n > 0)
    {
      gssize got = read (fd, buffer, MIN (n, sizeof buffer));

      g_assert_true (got > 0 || (got < 0 && errno == EAGAIN));
      n -= got > 0 ? (gsize) got : 0;
      run ();
    }
}

/* Whoever writes waits for who reads, both ways, and calls go on meanwhile. */
static void
test_stream_waits (void)
{
  Both both;
  int far, fd = open_console (&both, &far);
  gsize down = fill (far), up;

  g_assert_cmpuint (down, <, 8u * 1024 * 1024);
  call_type (both.client);
  up = fill (fd);
  g_assert_cmpuint (up, <, 8u * 1024 * 1024);
  drain (fd, down);
  drain (far, up);
  call_type (both.client);
  close (fd);
  close (far);
  both_end (&both);
}

/* What is not as it should be. */

/* One call, on what the peer has written. */
static void
assert_ends (const guint8 *bytes, gsize len, VcErrorCode code, const char *message)
{
  g_autoptr (GError) error = NULL;
  Both both = { 0 };
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  both.client = vc_client_new (ends[0], FALSE, &watch, &both);
  g_assert_cmpint (write (ends[1], bytes, len), ==, (gssize) len);
  shutdown (ends[1], SHUT_WR);
  vc_client_begin (both.client, VC_CALL_CONNECT_GET_TYPE);
  g_assert_null (vc_client_call (both.client, &error));
  g_assert_error (error, VC_ERROR, (gint) code);
  g_assert_cmpstr (error->message, ==, message);
  run ();
  g_assert_nonnull (both.end);
  vc_client_free (both.client);
  g_clear_error (&both.end);
  close (ends[1]);
}

static void
assert_frame_ends (guint32 length, guint32 type, guint32 serial, guint32 status, const char *body, gsize len,
                   VcErrorCode code, const char *message)
{
  g_autoptr (GByteArray) out = new_frame (VC_PROGRAM_REMOTE, 3, type, serial, (const guint8 *) body, len);
  VcFrame frame;

  vc_frame_read (&frame, out->data);
  frame.status = status;
  frame.length = length != 0 ? length : frame.length;
  vc_frame_put (&frame, out->data);
  assert_ends (out->data, out->len, code, message);
}

static void
test_bad_peers (void)
{
  assert_ends (NULL, 0, VC_ERROR_GONE, "the other side closed the connection");
  assert_ends ((const guint8 *) "\0\0\0\x20", 4, VC_ERROR_GONE, "the other side closed the connection");
  assert_frame_ends (27, VC_FRAME_REPLY, 1, 0, NULL, 0, VC_ERROR_PROTOCOL,
                     "the other side sent a message of an impossible length");
  assert_frame_ends (VC_FRAME_MAX + 1, VC_FRAME_REPLY, 1, 0, NULL, 0, VC_ERROR_PROTOCOL,
                     "the other side sent a message of an impossible length");
  assert_frame_ends (0, VC_FRAME_REPLY, 2, 0, NULL, 0, VC_ERROR_PROTOCOL,
                     "the other side answered a call that was not made");
  assert_frame_ends (0, VC_FRAME_CALL, 1, 0, NULL, 0, VC_ERROR_PROTOCOL,
                     "the other side sent a message of an unknown type");
}

/* Answers that are wrong: the call fails, whatever becomes of the connection. */
static void
test_bad_answers (void)
{
  static const struct
  {
    guint32 status;
    const char *body;
    gsize len;
  } answers[] = {
    { 0, "", 0 }, { 0, "\0\0\0\5QEMU", 8 }, { 0, "\0\0\0\4QEMU\0\0\0\0", 12 }, { 0, "\xff\xff\xff\xff", 4 },
    { 1, "", 0 }, { 1, "\0\0\0\1", 4 },     { 2, "\0\0\0\4QEMU", 8 }
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GByteArray) out = new_frame (VC_PROGRAM_REMOTE, 3, VC_FRAME_REPLY, 1,
                                              (const guint8 *) answers[i].body, answers[i].len);
      g_autoptr (GError) error = NULL;
      g_autoptr (VcClient) client = NULL;
      Both both = { 0 };
      int ends[2];

      out->data[27] = (guint8) answers[i].status;
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
      client = vc_client_new (ends[0], FALSE, &watch, &both);
      g_assert_cmpint (write (ends[1], out->data, out->len), ==, (gssize) out->len);
      vc_client_begin (client, VC_CALL_CONNECT_GET_TYPE);
      g_assert_null (vc_client_call (client, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_PROTOCOL);
      close (ends[1]);
    }
}

/* A question whether we are there, an event nobody knows, and one that is broken: a call goes on. */
static void
test_passed_over (void)
{
  g_autoptr (GByteArray) ping = new_frame (VC_PROGRAM_KEEPALIVE, 1, VC_FRAME_EVENT, 0, NULL, 0);
  g_autoptr (GByteArray) unknown = new_frame (VC_PROGRAM_REMOTE, 9999, VC_FRAME_EVENT, 0, BYTES ("abcd"));
  g_autoptr (GByteArray) broken = new_frame (VC_PROGRAM_REMOTE, 318, VC_FRAME_EVENT, 0, BYTES ("abcd"));
  g_autoptr (GByteArray) answer = new_frame (VC_PROGRAM_REMOTE, 3, VC_FRAME_REPLY, 1, BYTES ("\0\0\0\4QEMU"));
  GByteArray *const all[] = { ping, unknown, broken, answer };
  g_autoptr (VcClient) client = NULL;
  Both both = { 0 };
  guint8 heard[2 * VC_FRAME_HEAD];
  VcFrame frame;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  client = vc_client_new (ends[0], FALSE, &watch, &both);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_assert_cmpint (write (ends[1], all[i]->data, all[i]->len), ==, (gssize) all[i]->len);
  call_type (client);
  run ();
  g_assert_true (vc_client_is_alive (client));
  g_assert_cmpint (recv (ends[1], heard, sizeof heard, MSG_WAITALL), ==, (gssize) sizeof heard);
  vc_frame_read (&frame, heard + VC_FRAME_HEAD);
  g_assert_cmphex (frame.program, ==, VC_PROGRAM_KEEPALIVE);
  g_assert_cmpuint (frame.procedure, ==, 2);
  close (ends[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client/calls", test_calls);
  g_test_add_func ("/client/elsewhere", test_elsewhere);
  g_test_add_func ("/client/too-long", test_too_long);
  g_test_add_func ("/client/events", test_events);
  g_test_add_func ("/client/gone", test_gone);
  g_test_add_func ("/client/stream", test_stream);
  g_test_add_func ("/client/stream-ends", test_stream_ends);
  g_test_add_func ("/client/stream-waits", test_stream_waits);
  g_test_add_func ("/client/bad-peers", test_bad_peers);
  g_test_add_func ("/client/bad-answers", test_bad_answers);
  g_test_add_func ("/client/passed-over", test_passed_over);
  return g_test_run ();
}
