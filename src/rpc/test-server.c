/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/resource.h>
#include <sys/un.h>

#include "rpc/test-peer.h"

static void
test_calls (void)
{
  Peer peer;

  begin (&peer);
  say_call (&peer, 3, 7, NULL, 0);
  hear_reply (&peer, 7, BYTES ("\0\0\0\4QEMU"));
  say_call (&peer, 23, 8, BYTES ("\0\0\0\1x\0\0\0"));
  hear_error (&peer, 8, 42, "Domain not found: no domain with matching name 'x'");
  say_call (&peer, 2, 9, NULL, 0);
  hear_reply (&peer, 9, NULL, 0);
  hear_end (&peer);
  g_assert_cmpuint (peer.n_gone, ==, 1);
  peer_end (&peer);
}

static void
test_refused (void)
{
  g_autoptr (GByteArray) program = new_frame (7, 3, VC_FRAME_CALL, 3, NULL, 0);
  Peer peer;

  peer_begin (&peer, &VC_RPC_LIMITS, TRUE);
  say_call (&peer, 3, 2, NULL, 0);
  hear_error (&peer, 2, 1, "internal error: hypervisor connection not open");
  open_connection (&peer);
  say (&peer, program->data, program->len);
  hear_error (&peer, 3, 39, "Cannot find program 7 version 1");
  say_call (&peer, 9999, 4, NULL, 0);
  hear_error (&peer, 4, 3, "this function is not supported by the connection driver: procedure 9999");
  say_call (&peer, 318, 5, NULL, 0); /* an event */
  hear_error (&peer, 5, 3, "this function is not supported by the connection driver: procedure 318");
  say_call (&peer, 12, 6, DOMAIN_X);
  hear_error (&peer, 6, 29, "operation forbidden: read only access prevents virDomainDestroy");
  say_call (&peer, 23, 7, NULL, 0);
  hear_error (
      &peer, 7, 39,
      "Unable to decode message payload: virDomainLookupByName: what it takes ('s4096') is not what came");
  say_call (&peer, 1, 8, BYTES ("\0\0\0\0\0\0\0\0more"));
  hear_error (&peer, 8, 39, "Unable to decode message payload: virConnectOpen: 4 bytes are left over");
  g_assert_cmpuint (peer.n_kept, ==, 0);
  peer_end (&peer);
}

/* However the bytes come, the answers are the same. */
static void
test_pieces (void)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();

  for (guint32 i = 0; i < 4; i++)
    {
      g_autoptr (GByteArray) one
          = new_frame (VC_PROGRAM_REMOTE, 23, VC_FRAME_CALL, i, BYTES ("\0\0\0\4four"));

      g_byte_array_append (all, one->data, one->len);
    }
  for (gsize step = 1; step <= all->len; step += step < 40 ? 1 : 7)
    {
      Peer peer;

      begin (&peer);
      for (gsize at = 0; at < all->len; at += step)
        {
          say (&peer, all->data + at, MIN (step, all->len - at));
          peer_run (&peer);
        }
      for (guint32 i = 0; i < 4; i++)
        hear_error (&peer, i, 42, "Domain not found: no domain with matching name 'four'");
      peer_end (&peer);
    }
}

static void
assert_dropped (gboolean opens, const guint8 *bytes, gsize len, int code)
{
  Peer peer;

  peer_begin (&peer, &VC_RPC_LIMITS, FALSE);
  if (opens)
    open_connection (&peer);
  say (&peer, bytes, len);
  hear_end (&peer);
  g_assert_error (peer.trouble, VC_ERROR, code);
  g_assert_cmpuint (vc_rpc_server_n_clients (peer.server), ==, 0);
  peer_end (&peer);
}

/* Lengths that lie, and what only a server says. */
static void
test_broken (void)
{
  static const guint32 lengths[] = { 0, 3, 4, 27, 0x7fffffff, 0xffffffff, VC_FRAME_MAX + 1 };
  g_autoptr (GByteArray) good = new_frame (VC_PROGRAM_REMOTE, 14, VC_FRAME_CALL, 1, DOMAIN_X);

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    for (gboolean opens = FALSE; opens <= TRUE; opens++)
      {
        g_autoptr (GByteArray) bad = g_byte_array_new ();
        guint32 length = GUINT32_TO_BE (lengths[i]);

        g_byte_array_append (bad, good->data, good->len);
        memcpy (bad->data, &length, 4);
        assert_dropped (opens, bad->data, bad->len, VC_ERROR_PROTOCOL);
      }
  for (guint32 type = 0; type < 9; type++)
    {
      g_autoptr (GByteArray) frame = new_frame (VC_PROGRAM_REMOTE, 3, type, 1, NULL, 0);

      if (type != VC_FRAME_CALL && type != VC_FRAME_STREAM)
        assert_dropped (TRUE, frame->data, frame->len, VC_ERROR_PROTOCOL);
    }
}

/* A message longer than its call's arguments can be is refused by its head alone. */
static void
test_head (void)
{
  VcFrame frame = { 1024 * 1024, VC_PROGRAM_REMOTE, VC_PROGRAM_VERSION, 12, VC_FRAME_CALL, 1, VC_FRAME_OK };
  guint8 bytes[VC_FRAME_HEAD];

  vc_frame_put (&frame, bytes);
  assert_dropped (TRUE, bytes, sizeof bytes, VC_ERROR_PROTOCOL);
  frame.procedure = 11; /* a description may be that long, but not before there is a connection */
  vc_frame_put (&frame, bytes);
  assert_dropped (FALSE, bytes, sizeof bytes, VC_ERROR_PROTOCOL);
}

/* Answers that come later, in another order, unanswered, to nobody. */
static void
test_later (void)
{
  g_autoptr (GError) error = NULL;
  Peer peer;

  begin (&peer);
  for (guint32 i = 0; i < 3; i++)
    say_call (&peer, 12, 10 + i, DOMAIN_X);
  peer_run (&peer);
  g_assert_cmpuint (peer.n_kept, ==, 3);
  vc_rpc_answer (peer.kept[2]);
  hear_reply (&peer, 12, NULL, 0);
  vc_rpc_request_free (peer.kept[0]);
  hear_error (&peer, 10, 1, "internal error: virDomainDestroy was not answered");
  close (peer.fd);
  peer.fd = -1;
  peer_run (&peer);
  g_assert_cmpuint (vc_rpc_server_n_clients (peer.server), ==, 0);
  g_assert_null (vc_rpc_request_client (peer.kept[1]));
  vc_fail (&error, VC_ERROR_STATE, "too late");
  vc_rpc_answer_error (peer.kept[1], error);
  peer.n_kept = 0;
  peer_end (&peer);
}

/* Only so many calls wait; the next is not even looked at. */
static void
test_in_flight (void)
{
  guint max = VC_RPC_LIMITS.max_requests;
  Peer peer;

  begin (&peer);
  for (guint32 i = 0; i < 8; i++)
    say_call (&peer, 12, 10 + i, DOMAIN_X);
  peer_run (&peer);
  g_assert_cmpuint (peer.n_kept, ==, max);
  vc_rpc_answer (peer.kept[0]);
  g_assert_cmpuint (peer.n_kept, ==, max); /* not from inside that */
  hear_reply (&peer, 10, NULL, 0);
  peer_run (&peer);
  g_assert_cmpuint (peer.n_kept, ==, max + 1);
  for (guint i = 1; i < 8; i++)
    {
      peer_run (&peer);
      vc_rpc_answer (peer.kept[i]);
      hear_reply (&peer, 10 + i, NULL, 0);
    }
  peer.n_kept = 0;
  peer_end (&peer);
}

/* Asks until no more is taken.  Returns: how often it was. */
static guint
ask_and_ask (Peer *peer)
{
  g_autoptr (GByteArray) out = new_frame (VC_PROGRAM_REMOTE, 12, VC_FRAME_CALL, 7, DOMAIN_X);
  guint n = 0;

  while (send (peer->fd, out->data, out->len, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
    n++;
  g_assert_cmpint (errno, ==, EAGAIN);
  return n;
}

/* While calls wait to be carried out no more are gathered, however many are done meanwhile. */
static void
test_asks_on (void)
{
  Peer peer;

  begin (&peer);
  while (ask_and_ask (&peer) > 0)
    peer_run (&peer);
  for (guint i = 0; i < 20; i++)
    {
      VcRpcRequest *first = peer.kept[0];

      g_assert_cmpuint (peer.n_kept, ==, VC_RPC_LIMITS.max_requests);
      peer.n_kept--;
      memmove (peer.kept, peer.kept + 1, peer.n_kept * sizeof *peer.kept);
      vc_rpc_answer (first);
      peer_run (&peer);
      g_assert_cmpuint (ask_and_ask (&peer), ==, 0);
    }
  while (peer.n_kept > 0)
    vc_rpc_request_free (peer.kept[--peer.n_kept]);
  peer_end (&peer);
}

/* A client that does not read is not read either; memory stays within bounds, and nothing is lost. */
static void
test_does_not_read (void)
{
  static const guint8 body[] = "\0\0\0\1x\0\0\0"
                               "0123456789abcdef"
                               "\xff\xff\xff\xff"
                               "\0\4\0\0";
  g_autofree char *text = g_strnfill (4 + 0x40000, 'x');
  guint n = 0;
  Peer peer;

  begin (&peer);
  for (;;)
    {
      g_autoptr (GByteArray) out = new_frame (VC_PROGRAM_REMOTE, 14, VC_FRAME_CALL, n, body, sizeof body - 1);

      if (send (peer.fd, out->data, out->len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        break;
      n++;
      peer_run (&peer);
    }
  g_assert_cmpint (errno, ==, EAGAIN);
  g_assert_cmpuint (vc_rpc_server_n_clients (peer.server), ==, 1);
  memcpy (text, "\0\4\0\0", 4);
  for (guint i = 0; i < n; i++)
    hear_reply (&peer, i, (guint8 *) text, 4 + 0x40000);
  peer_end (&peer);
}

/* Who leaves, and does not take its last answer, has to go. */
static void
test_last_answer (void)
{
  VcRpcLimits limits = VC_RPC_LIMITS;
  Peer peer;

  limits.open_ms = 200;
  limits.keepalive_ms = 0;
  peer_begin (&peer, &limits, FALSE);
  open_connection (&peer);
  say_call (&peer, 14, 2,
            BYTES ("\0\0\0\1x\0\0\0"
                   "0123456789abcdef"
                   "\xff\xff\xff\xff"
                   "\0\x0c\0\0"));
  say_call (&peer, 2, 3, NULL, 0);
  while (peer.trouble == NULL)
    g_main_context_iteration (peer.context, TRUE);
  g_assert_error (peer.trouble, VC_ERROR, VC_ERROR_BUSY);
  g_assert_cmpstr (peer.trouble->message, ==, "it does not read its last answer");
  peer_end (&peer);
}

static void
tell_one (VcRpcClient *client, gpointer data)
{
  VcXdrWriter *writer = vc_rpc_tell (client, VC_TELL_DOMAIN_REBOOT);

  vc_xdr_put_int (writer, 5);
  vc_xdr_put_domain (writer, &(VcXdrDomain){ "x", (const guint8 *) "0123456789abcdef", -1 });
  vc_rpc_tell_send (client);
}

static void
test_events (void)
{
  VcFrame frame;
  Peer peer;

  begin (&peer);
  vc_rpc_server_foreach (peer.server, tell_one, NULL);
  {
    g_autoptr (GByteArray) got = hear (&peer, &frame);

    g_assert_cmpuint (frame.procedure, ==, 319);
    g_assert_cmpuint (frame.type, ==, VC_FRAME_EVENT);
    g_assert_cmpuint (frame.serial, ==, 0);
    g_assert_cmpuint (got->len, ==, 4 + sizeof domain_x - 1);
    g_assert_cmpmem (got->data + 4, got->len - 4, domain_x, sizeof domain_x - 1);
  }
  while (vc_rpc_server_n_clients (peer.server) > 0) /* events nobody reads end the connection */
    {
      vc_rpc_server_foreach (peer.server, tell_one, NULL);
      if (peer.trouble != NULL)
        peer_run (&peer);
    }
  g_assert_error (peer.trouble, VC_ERROR, VC_ERROR_LIMIT);
  peer_end (&peer);
}

static void
test_keepalive (void)
{
  g_autoptr (GByteArray) ping = new_frame (VC_PROGRAM_KEEPALIVE, 1, VC_FRAME_EVENT, 0, NULL, 0);
  VcRpcLimits limits = VC_RPC_LIMITS;
  VcFrame frame;
  Peer peer;

  limits.keepalive_ms = 200;
  limits.keepalive_n = 1;
  peer_begin (&peer, &limits, FALSE);
  say (&peer, ping->data, ping->len);
  {
    g_autoptr (GByteArray) pong = hear (&peer, &frame);

    g_assert_nonnull (pong);
    g_assert_cmpuint (frame.program, ==, VC_PROGRAM_KEEPALIVE);
    g_assert_cmpuint (frame.procedure, ==, 2);
  }
  open_connection (&peer);
  {
    g_autoptr (GByteArray) asked = hear (&peer, &frame);

    g_assert_nonnull (asked);
    g_assert_cmpuint (frame.program, ==, VC_PROGRAM_KEEPALIVE);
    g_assert_cmpuint (frame.procedure, ==, 1);
  }
  hear_end (&peer); /* we do not answer */
  g_assert_error (peer.trouble, VC_ERROR, VC_ERROR_GONE);
  peer_end (&peer);
}

static void
assert_too_late (gboolean opens, const guint8 *bytes, gsize len)
{
  VcRpcLimits limits = VC_RPC_LIMITS;
  Peer peer;

  limits.open_ms = 200;
  limits.keepalive_ms = 0;
  peer_begin (&peer, &limits, FALSE);
  if (opens)
    open_connection (&peer);
  if (len > 0)
    say (&peer, bytes, len);
  hear_end (&peer);
  g_assert_error (peer.trouble, VC_ERROR, VC_ERROR_BUSY);
  peer_end (&peer);
}

static void
test_deadlines (void)
{
  assert_too_late (FALSE, NULL, 0);
  assert_too_late (TRUE, BYTES ("\0\0\0"));
}

static void
test_room (void)
{
  VcRpcLimits limits = VC_RPC_LIMITS;
  Peer peer;

  limits.max_clients = 1;
  limits.reserve = 2;
  peer_begin (&peer, &limits, FALSE);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean fits = getuid () == 0 && i < limits.reserve; /* the others are told so */
      int ends[2];

      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
      g_assert_cmpint (vc_rpc_server_add (peer.server, ends[0], FALSE, &error), ==, fits);
      if (!fits)
        g_assert_error (error, VC_ERROR, VC_ERROR_LIMIT);
      close (ends[1]);
    }
  peer_end (&peer);
}

/* What is gathered of all clients has an end: in pieces of a message, and in answers that are not read. */
static void
test_memory (void)
{
  VcRpcHandler handlers[VC_N_CALLS] = { [VC_CALL_CONNECT_OPEN] = peer_open,
                                        [VC_CALL_DOMAIN_GET_XML_DESC] = peer_large,
                                        [VC_CALL_DOMAIN_DEFINE_XML] = peer_refuse };
  VcRpcService service = peer_service;
  VcRpcLimits limits = VC_RPC_LIMITS;
  g_autofree char *much = g_strnfill (100000, 'x');
  g_autoptr (GByteArray) begin = NULL, ask = g_byte_array_new ();
  gssize sent = 0;
  Peer peer;
  guint n = 0;

  service.handlers = handlers;
  limits.max_memory = 1;
  peer_begin_with (&peer, &service, &limits, FALSE);
  open_connection (&peer);
  begin = new_frame (VC_PROGRAM_REMOTE, 11, VC_FRAME_CALL, 2, (const guint8 *) much, 100000);
  begin->data[1] = 0x3f; /* nearly 4 MiB are to come */
  say (&peer, begin->data, begin->len);
  for (; sent >= 0 && n < 40; n++)
    {
      peer_run (&peer);
      sent = send (peer.fd, much, 100000, MSG_NOSIGNAL);
    }
  g_assert_cmpuint (n, >, 9);
  g_assert_cmpuint (n, <, 14);
  g_assert_error (peer.trouble, VC_ERROR, VC_ERROR_LIMIT);
  peer_end (&peer);

  peer_begin_with (&peer, &service, &limits, FALSE);
  open_connection (&peer);
  g_byte_array_append (ask, DOMAIN_X);
  g_byte_array_append (ask, BYTES ("\0\x20\0\0"));
  say_call (&peer, 14, 2, ask->data, ask->len);
  peer_run (&peer);
  g_assert_error (peer.trouble, VC_ERROR, VC_ERROR_LIMIT);
  peer_end (&peer);

  limits.max_memory = 3;
  peer_begin_with (&peer, &service, &limits, FALSE);
  open_connection (&peer);
  for (n = 0; n < 5; n++) /* what was sent is not counted any more */
    {
      VcFrame frame;
      g_autoptr (GByteArray) heard = NULL;

      say_call (&peer, 14, 2, ask->data, ask->len);
      heard = hear (&peer, &frame);
      g_assert_nonnull (heard);
      g_assert_cmpuint (frame.length, >, 0x200000);
    }
  g_assert_no_error (peer.trouble);
  peer_end (&peer);
}

/* Whoever may not come in hears why, whatever it asks, and nothing else; too many of them not even that. */
static void
test_strangers (void)
{
  Peer peer;
  int fds[40];
  guint n = 0, told = 0;

  begin (&peer);
  peer.refuses = TRUE;
  for (; n < G_N_ELEMENTS (fds); n++)
    {
      g_autoptr (GError) error = NULL;
      int ends[2];

      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
      g_assert_false (vc_rpc_server_add (peer.server, ends[0], FALSE, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
      fds[n] = ends[1];
    }
  for (guint i = 0; i < n; i++)
    {
      int own = peer.fd;
      g_autoptr (GByteArray) two
          = new_frame (VC_PROGRAM_REMOTE, 1, VC_FRAME_CALL, 5, BYTES ("\0\0\0\0\0\0\0\0"));
      g_autoptr (GByteArray) second = new_frame (VC_PROGRAM_REMOTE, 12, VC_FRAME_CALL, 6, DOMAIN_X);

      g_byte_array_append (two, second->data, second->len);
      peer.fd = fds[i];
      if (send (peer.fd, two->data, two->len, MSG_NOSIGNAL) > 0)
        {
          hear_error (&peer, 5, 88, "access denied: who is this?");
          told++;
        }
      hear_end (&peer);
      close (peer.fd);
      peer.fd = own;
    }
  g_assert_cmpuint (told, ==, 32);
  g_assert_cmpuint (peer.n_kept, ==, 0);
  say_call (&peer, 3, 7, NULL, 0); /* who was in stays in */
  hear_reply (&peer, 7, BYTES ("\0\0\0\4QEMU"));
  peer_end (&peer);
}

/* Without descriptors clients wait outside, and come in when there are some again. */
static void
test_no_descriptors (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *folder = g_dir_make_tmp ("vc-rpc.XXXXXX", NULL);
  int listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = socket (AF_UNIX, SOCK_STREAM, 0);
  struct rlimit before, none;
  Peer peer;

  peer_begin (&peer, &VC_RPC_LIMITS, FALSE);
  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/s", folder);
  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (listener, 5), ==, 0);
  g_assert_true (vc_rpc_server_listen (peer.server, listener, FALSE, NULL));
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  getrlimit (RLIMIT_NOFILE, &before);
  none = before;
  none.rlim_cur = (rlim_t) dup (fd); /* the next one there would be */
  close ((int) none.rlim_cur);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);
  peer_run (&peer);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  g_assert_nonnull (peer.trouble);
  g_assert_cmpuint (vc_rpc_server_n_clients (peer.server), ==, 1);
  while (vc_rpc_server_n_clients (peer.server) < 2)
    g_main_context_iteration (peer.context, TRUE);
  close (peer.fd);
  peer.fd = fd;
  open_connection (&peer);
  unlink (address.sun_path);
  rmdir (folder);
  peer_end (&peer);
}

/* Kept requests survive their server. */
static void
test_server_ends (void)
{
  Peer peer;

  begin (&peer);
  say_call (&peer, 12, 5, DOMAIN_X);
  peer_run (&peer);
  vc_rpc_server_free (g_steal_pointer (&peer.server));
  hear_end (&peer);
  vc_rpc_answer (peer.kept[0]);
  peer.n_kept = 0;
  peer_end (&peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/calls", test_calls);
  g_test_add_func ("/server/refused", test_refused);
  g_test_add_func ("/server/pieces", test_pieces);
  g_test_add_func ("/server/broken", test_broken);
  g_test_add_func ("/server/head", test_head);
  g_test_add_func ("/server/later", test_later);
  g_test_add_func ("/server/in-flight", test_in_flight);
  g_test_add_func ("/server/asks-on", test_asks_on);
  g_test_add_func ("/server/does-not-read", test_does_not_read);
  g_test_add_func ("/server/last-answer", test_last_answer);
  g_test_add_func ("/server/events", test_events);
  g_test_add_func ("/server/keepalive", test_keepalive);
  g_test_add_func ("/server/deadlines", test_deadlines);
  g_test_add_func ("/server/room", test_room);
  g_test_add_func ("/server/memory", test_memory);
  g_test_add_func ("/server/no-descriptors", test_no_descriptors);
  g_test_add_func ("/server/strangers", test_strangers);
  g_test_add_func ("/server/server-ends", test_server_ends);
  return g_test_run ();
}
