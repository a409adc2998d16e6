/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/internal.h"
#include "rpc/test-peer.h"

/* Clients that have to log in. */

static gboolean
wants_login (const VcRpcPeer *who, gboolean is_read_only, gpointer data)
{
  return TRUE;
}

static gboolean
log_in (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_rpc_client_log_in (vc_rpc_request_client (request), "fred");
  return peer_type (request, args, ret, error);
}

static void
begin_unknown (Peer *peer, VcRpcService *ret_service, const VcRpcLimits *limits)
{
  static const VcRpcHandler handlers[VC_N_CALLS] = { [VC_CALL_CONNECT_OPEN] = peer_open,
                                                     [VC_CALL_CONNECT_GET_TYPE] = peer_type,
                                                     [VC_CALL_AUTH_SASL_INIT] = log_in };

  *ret_service = peer_service;
  ret_service->handlers = handlers;
  ret_service->wants_login = wants_login;
  peer_begin_with (peer, ret_service, limits, FALSE);
}

/* Whoever has to log in does nothing else before. */
static void
test_login (void)
{
  VcRpcLimits limits = VC_RPC_LIMITS;
  VcRpcService service;
  static const struct
  {
    guint number, len;
  } before[] = { { 1, 8 }, { 3, 0 }, { 60, 4 }, { 9999, 8 } };
  int ends[2];
  Peer peer;

  limits.max_unknown = 1;
  begin_unknown (&peer, &service, &limits);
  for (guint i = 0; i < G_N_ELEMENTS (before); i++)
    {
      say_call (&peer, before[i].number, 1, (const guint8 *) "\0\0\0\0\0\0\0\0", before[i].len);
      hear_error (&peer, 1, 39, "authentication required");
    }
  say_call (&peer, 67, 2, NULL, 0);
  hear_reply (&peer, 2, BYTES ("\0\0\0\4QEMU"));
  open_connection (&peer);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0); /* it is none of those that must go */
  g_assert_true (vc_rpc_server_add (peer.server, ends[0], FALSE, NULL));
  close (ends[1]);
  g_assert_cmpuint (vc_rpc_server_n_clients (peer.server), ==, 2);
  g_assert_no_error (peer.trouble);
  peer_end (&peer);
}

/* For one more the oldest has to go. */
static void
test_room (void)
{
  VcRpcLimits limits = VC_RPC_LIMITS;
  VcRpcService service;
  int ends[2];
  Peer peer;

  limits.max_unknown = 1;
  begin_unknown (&peer, &service, &limits);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  g_assert_true (vc_rpc_server_add (peer.server, ends[0], FALSE, NULL));
  close (ends[1]);
  hear_end (&peer);
  g_assert_error (peer.trouble, VC_ERROR, VC_ERROR_LIMIT);
  peer_end (&peer);
}

static gssize
nothing_to_read (gpointer self, guint8 *bytes, gsize len, GError **error)
{
  errno = EAGAIN;
  return -1;
}

static gssize
nothing_to_write (gpointer self, const guint8 *bytes, gsize len)
{
  errno = EAGAIN;
  return -1;
}

static void
nothing_to_free (gpointer self)
{
}

/* Strangers, and who may only read, push nobody out but each other. */
static void
test_ways (void)
{
  static const VcRpcChannel channel = { nothing_to_read, nothing_to_write, nothing_to_free };
  static const VcRpcPeer stranger = { 0, (uid_t) -1, (gid_t) -1, NULL, "192.0.2.1:4000", NULL };
  VcRpcLimits limits = VC_RPC_LIMITS;
  VcRpcService service;
  int ends[8][2];
  Peer peer;

  limits.max_unknown = 1;
  begin_unknown (&peer, &service, &limits);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends[i]), ==, 0);
      if (i % 2 == 0)
        g_assert_true (vc_rpc_server_add (peer.server, ends[i][0], TRUE, NULL));
      else
        g_assert_true (vc_rpc_server_add_remote (peer.server, ends[i][0], &stranger, &channel, &peer, NULL));
      peer_run (&peer);
      g_assert_cmpuint (vc_rpc_server_n_clients (peer.server), ==, MIN (2 + i, CLIENT_WAYS));
    }
  say_call (&peer, 67, 2, NULL, 0);
  hear_reply (&peer, 2, BYTES ("\0\0\0\4QEMU"));
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    close (ends[i][1]);
  peer_end (&peer);
}

/* Who has not logged in is answered no more than what he reads. */
static void
test_deaf (void)
{
  VcRpcLimits limits = VC_RPC_LIMITS;
  g_autoptr (GByteArray) many = g_byte_array_new ();
  VcRpcService service;
  guint quiet = 0;
  Peer peer;

  begin_unknown (&peer, &service, &limits);
  while (many->len < SHY_MAX)
    {
      g_autoptr (GByteArray) one = new_frame (VC_PROGRAM_REMOTE, 3, VC_FRAME_CALL, 1, NULL, 0);

      g_byte_array_append (many, one->data, one->len);
    }
  while (quiet < 3) /* whole frames, or the server would wait for the rest of one */
    {
      quiet = send (peer.fd, many->data, VC_FRAME_HEAD * 64, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? quiet + 1 : 0;
      peer_run (&peer);
    }
  g_assert_cmpuint (peer.server->held, >, 0);
  g_assert_cmpuint (peer.server->held, <, 4 * SHY_MAX);
  peer_end (&peer);
}

/* Nothing of what it said stays where all clients' bytes are read. */
static void
test_wiped (void)
{
  VcRpcLimits limits = VC_RPC_LIMITS;
  g_autoptr (GByteArray) half
      = new_frame (VC_PROGRAM_REMOTE, 68, VC_FRAME_CALL, 1, BYTES ("\0\0\0\5PLAINsecret"));
  VcRpcService service;
  Peer peer;

  begin_unknown (&peer, &service, &limits);
  say (&peer, half->data, half->len - 1);
  while (peer.server->held == 0)
    g_main_context_iteration (peer.context, TRUE);
  g_assert_null (memmem (peer.server->scratch, half->len, "secre", 5));
  peer_end (&peer);
}

static void
test_time (void)
{
  VcRpcLimits limits = VC_RPC_LIMITS;
  VcRpcService service;
  Peer peer;

  limits.login_ms = 200;
  begin_unknown (&peer, &service, &limits);
  hear_end (&peer);
  g_assert_error (peer.trouble, VC_ERROR, VC_ERROR_BUSY);
  g_assert_cmpstr (peer.trouble->message, ==, "it did not log in");
  peer_end (&peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rpc/login/first", test_login);
  g_test_add_func ("/rpc/login/room", test_room);
  g_test_add_func ("/rpc/login/ways", test_ways);
  g_test_add_func ("/rpc/login/deaf", test_deaf);
  g_test_add_func ("/rpc/login/wiped", test_wiped);
  g_test_add_func ("/rpc/login/time", test_time);
  return g_test_run ();
}
