/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/test-peer.h"

/* Clients from other hosts, and what is told of changes. */

#define KEY 0x55

typedef struct
{
  int fd;
  gsize stutter; /* bytes a write takes at most, and every other one takes none */
  gboolean is_tired;
  const char *trouble; /* what the next read says instead */
  guint *n_freed;
} Xor;

static gssize
xor_read (gpointer self, guint8 *bytes, gsize len, GError **error)
{
  Xor * xor = self;
  gssize n = recv (xor->fd, bytes, len, MSG_DONTWAIT);

  if (n > 0 && xor->trouble != NULL)
    {
      vc_fail (error, VC_ERROR_PROTOCOL, "%s", xor->trouble);
      return -1;
    }
  for (gssize i = 0; i < n; i++)
    bytes[i] ^= KEY;
  return n;
}

static gssize
xor_write (gpointer self, const guint8 *bytes, gsize len)
{
  Xor * xor = self;
  g_autofree guint8 *hidden = g_memdup2 (bytes, len);

  xor->is_tired = !xor->is_tired && xor->stutter > 0;
  if (xor->is_tired)
    {
      errno = EAGAIN;
      return -1;
    }
  for (gsize i = 0; i < len; i++)
    hidden[i] ^= KEY;
  return send (xor->fd, hidden, xor->stutter > 0 ? MIN (len, xor->stutter) : len,
               MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
xor_free (gpointer self)
{
  Xor * xor = self;

  ++*xor->n_freed;
}

static const VcRpcChannel xor_channel = { xor_read, xor_write, xor_free };
static const VcRpcPeer remote = { 0, (uid_t) -1, (gid_t) -1, "CN=desk", "192.0.2.1:4000" };

static void
hide (GByteArray *bytes)
{
  for (guint i = 0; i < bytes->len; i++)
    bytes->data[i] ^= KEY;
}

/* Reads len bytes, and shows them. */
static GByteArray *
hear_hidden (Peer *peer, int fd, guint len)
{
  g_autoptr (GByteArray) in = g_byte_array_new ();

  while (in->len < len)
    {
      guint8 buffer[4096];
      gssize n = recv (fd, buffer, MIN (len - in->len, sizeof buffer), MSG_DONTWAIT);

      g_assert_cmpint (n, !=, 0);
      if (n < 0)
        g_main_context_iteration (peer->context, TRUE);
      else
        g_byte_array_append (in, buffer, (guint) n);
    }
  hide (in);
  return g_steal_pointer (&in);
}

static void
say_hidden (int fd, guint32 procedure, const guint8 *body, gsize len)
{
  g_autoptr (GByteArray) out = new_frame (VC_PROGRAM_REMOTE, procedure, VC_FRAME_CALL, 1, body, len);

  hide (out);
  g_assert_cmpint (send (fd, out->data, out->len, MSG_NOSIGNAL), ==, out->len);
}

static int
add_remote (Peer *peer, Xor * xor, GError **error)
{
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  xor->fd = ends[0];
  if (vc_rpc_server_add_remote (peer->server, ends[0], &remote, &xor_channel, xor, error))
    return ends[1];
  close (ends[1]);
  return -1;
}

/* All of what is written arrives in its order, however little is taken at once. */
static void
test_bytes (void)
{
  static const gsize stutters[] = { 0, 1, 7, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (stutters); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) opened = NULL, large = NULL;
      guint n_freed = 0;
      Xor xor = { .n_freed = &n_freed, .stutter = stutters[i] };
      Peer peer;
      int fd;

      begin (&peer);
      fd = add_remote (&peer, &xor, &error);
      g_assert_no_error (error);
      say_hidden (fd, 1, BYTES ("\0\0\0\0\0\0\0\0"));
      opened = hear_hidden (&peer, fd, VC_FRAME_HEAD);
      g_assert_cmpuint (opened->data[3], ==, VC_FRAME_HEAD);
      say_hidden (fd, 14,
                  BYTES ("\0\0\0\1x\0\0\0"
                         "0123456789abcdef"
                         "\xff\xff\xff\xff"
                         "\0\0\x10\0"));
      large = hear_hidden (&peer, fd, VC_FRAME_HEAD + 4 + 4096);
      for (guint at = VC_FRAME_HEAD + 4; at < large->len; at++)
        g_assert_cmpuint (large->data[at], ==, 'x');
      xor.trouble = "it wanted something odd";
      say_hidden (fd, 3, NULL, 0);
      while (n_freed == 0)
        g_main_context_iteration (peer.context, TRUE);
      g_assert_cmpstr (peer.trouble->message, ==, "it wanted something odd");
      g_assert_cmpuint (vc_rpc_server_n_clients (peer.server), ==, 1);
      close (fd);
      peer_end (&peer);
    }
}

/* Who is here is served though as many as may come from elsewhere have come. */
static void
test_room (void)
{
  VcRpcLimits limits = VC_RPC_LIMITS;
  g_autoptr (GError) error = NULL;
  guint n_freed = 0;
  Xor xors[3] = { { .n_freed = &n_freed }, { .n_freed = &n_freed }, { .n_freed = &n_freed } };
  Peer peer;
  int first, second, ends[2];

  limits.max_clients = 4;
  limits.max_remote = 2;
  peer_begin (&peer, &limits, FALSE);
  first = add_remote (&peer, &xors[0], &error);
  second = add_remote (&peer, &xors[1], &error);
  g_assert_no_error (error);
  g_assert_cmpint (add_remote (&peer, &xors[2], &error), ==, -1);
  g_assert_error (error, VC_ERROR, VC_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==, "there are 2 clients from other hosts already");
  g_assert_cmpuint (n_freed, ==, 1);
  g_clear_error (&error);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  g_assert_true (vc_rpc_server_add (peer.server, ends[0], FALSE, &error));
  g_assert_no_error (error);
  close (first);
  while (n_freed == 1)
    g_main_context_iteration (peer.context, TRUE);
  g_assert_true (vc_rpc_server_check_remote (peer.server, &error));
  close (second);
  close (ends[1]);
  peer_end (&peer);
  g_assert_cmpuint (n_freed, ==, 3);
}

static void
test_hello (void)
{
  static const guint8 hello[64] = { 0x16, 0x03, 0x01, 0x00, 0x3b, 0x01 };
  Peer peer;

  peer_begin (&peer, &VC_RPC_LIMITS, FALSE);
  say (&peer, hello, sizeof hello);
  hear_end (&peer);
  g_assert_cmpstr (peer.trouble->message, ==, "it speaks TLS, and this is a unix socket");
  peer_end (&peer);
}

static void
on_change (const VcRpcChange *change, gpointer data)
{
  GString *book = *(GString **) ((Peer *) data)->extra;

  g_string_append_printf (book, "%s %s %s %s\n", change->who, change->call->api,
                          change->domain != NULL ? change->domain : "-",
                          change->error != NULL ? change->error->message : "ok");
}

/* A call that is answered later is told of once, also when its client is gone. */
static void
test_changes (void)
{
  VcRpcService service = peer_service;
  g_autoptr (GString) book = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *who = g_strdup_printf ("process %d of user %u", (int) getpid (), (guint) getuid ());
  g_autofree char *want = NULL;
  GString *place = book;
  Peer peer;

  service.on_change = on_change;
  peer_begin_with (&peer, &service, &VC_RPC_LIMITS, FALSE);
  peer.extra = &place;
  say_call (&peer, 12, 1, DOMAIN_X);
  hear_error (&peer, 1, 1, "internal error: hypervisor connection not open");
  open_connection (&peer);
  say_call (&peer, 3, 2, NULL, 0); /* looks only */
  hear_reply (&peer, 2, BYTES ("\0\0\0\4QEMU"));
  say_call (&peer, 12, 3, DOMAIN_X);
  say_call (&peer, 12, 4, DOMAIN_X);
  while (peer.n_kept < 2)
    g_main_context_iteration (peer.context, TRUE);
  g_assert_cmpuint (book->len, >, 0);
  vc_rpc_answer (peer.kept[0]);
  hear_reply (&peer, 3, NULL, 0);
  close (peer.fd);
  peer.fd = -1;
  while (peer.n_gone == 0)
    g_main_context_iteration (peer.context, TRUE);
  vc_fail (&error, VC_ERROR_STATE, "not now");
  vc_rpc_answer_error (peer.kept[1], error);
  peer.n_kept = 0;
  want = g_strdup_printf ("%s DomainDestroy x hypervisor connection not open\n"
                          "%s DomainDestroy x ok\n%s DomainDestroy x not now\n",
                          who, who, who);
  g_assert_cmpstr (book->str, ==, want);
  peer_end (&peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rpc/channel/bytes", test_bytes);
  g_test_add_func ("/rpc/channel/room", test_room);
  g_test_add_func ("/rpc/channel/hello", test_hello);
  g_test_add_func ("/rpc/channel/changes", test_changes);
  return g_test_run ();
}
