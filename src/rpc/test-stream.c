/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/test-peer.h"

#define SERIAL 5u

/* A connection with a stream whose other end is the returned descriptor. */
static int
begin_stream (Peer *peer)
{
  static const guint8 body[] = "\0\0\0\1x\0\0\0"
                               "0123456789abcdef"
                               "\xff\xff\xff\xff"
                               "\0\0\0\0"
                               "\0\0\0\0";
  int ends[2];

  begin (peer);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
  peer->console = ends[0];
  say_call (peer, 201, SERIAL, body, sizeof body - 1);
  hear_reply (peer, SERIAL, NULL, 0);
  close (ends[0]);
  return ends[1];
}

static void
say_stream (Peer *peer, guint32 status, const guint8 *bytes, gsize len)
{
  g_autoptr (GByteArray) out = new_frame (VC_PROGRAM_REMOTE, 201, VC_FRAME_STREAM, SERIAL, bytes, len);

  status = GUINT32_TO_BE (status);
  memcpy (out->data + 24, &status, 4);
  say (peer, out->data, out->len);
}

static void
hear_stream (Peer *peer, guint32 status, const char *text)
{
  VcFrame frame;
  g_autoptr (GByteArray) got = hear (peer, &frame);

  g_assert_nonnull (got);
  g_assert_cmpuint (frame.type, ==, VC_FRAME_STREAM);
  g_assert_cmpuint (frame.serial, ==, SERIAL);
  g_assert_cmpuint (frame.status, ==, status);
  g_assert_cmpmem (got->data, got->len, text, strlen (text));
}

static void
test_both_ways (void)
{
  char buffer[16];
  Peer peer;
  int fd = begin_stream (&peer);

  g_assert_cmpint (write (fd, "login: ", 7), ==, 7);
  hear_stream (&peer, VC_FRAME_CONTINUE, "login: ");
  say_stream (&peer, VC_FRAME_CONTINUE, BYTES ("root\r"));
  peer_run (&peer);
  g_assert_cmpint (read (fd, buffer, sizeof buffer), ==, 5);
  g_assert_cmpmem (buffer, 5, "root\r", 5);
  say_call (&peer, 3, 9, NULL, 0); /* calls go on meanwhile */
  hear_reply (&peer, 9, BYTES ("\0\0\0\4QEMU"));
  say_stream (&peer, VC_FRAME_OK, NULL, 0);
  hear_stream (&peer, VC_FRAME_OK, "");
  g_assert_cmpuint (peer.n_ends, ==, 1);
  g_assert_cmpint (read (fd, buffer, sizeof buffer), ==, 0);
  say_stream (&peer, VC_FRAME_CONTINUE, BYTES ("late")); /* nobody minds */
  say_call (&peer, 3, 10, NULL, 0);
  hear_reply (&peer, 10, BYTES ("\0\0\0\4QEMU"));
  close (fd);
  peer_end (&peer);
}

static void
test_ends (void)
{
  for (guint32 status = VC_FRAME_OK; status <= VC_FRAME_ERROR; status++)
    {
      Peer peer;
      int fd = begin_stream (&peer);

      g_assert_cmpint (write (fd, "bye", 3), ==, 3);
      close (fd);
      hear_stream (&peer, VC_FRAME_CONTINUE, "bye");
      hear_stream (&peer, VC_FRAME_CONTINUE, "");
      g_assert_cmpuint (peer.n_ends, ==, 0);
      say_stream (&peer, status, NULL, 0);
      hear_stream (&peer, VC_FRAME_OK, "");
      g_assert_cmpuint (peer.n_ends, ==, 1);
      peer_end (&peer);
    }
}

static void
test_client_goes (void)
{
  char buffer[1];
  Peer peer;
  int fd = begin_stream (&peer);

  close (peer.fd);
  peer.fd = -1;
  while (peer.n_gone == 0)
    g_main_context_iteration (peer.context, TRUE);
  g_assert_cmpuint (peer.n_ends, ==, 1);
  g_assert_cmpint (read (fd, buffer, 1), ==, 0);
  close (fd);
  peer_end (&peer);
}

/* What nobody takes stays where it is, and comes in order once it is taken; the end waits for it. */
static void
test_nobody_takes (void)
{
  g_autofree char *text = g_strnfill (60000, 'a');
  gsize said = 0, got = 0;
  Peer peer;
  int fd = begin_stream (&peer);

  for (guint i = 0; i < 20; i++)
    {
      say_stream (&peer, VC_FRAME_CONTINUE, (guint8 *) text, 60000);
      said += 60000;
      peer_run (&peer);
      if (said > 512 * 1024)
        break;
    }
  say_stream (&peer, VC_FRAME_OK, NULL, 0);
  peer_run (&peer);
  g_assert_cmpuint (peer.n_ends, ==, 0);
  while (got < said)
    {
      char buffer[65536];
      gssize n = read (fd, buffer, sizeof buffer);

      g_assert_true (n > 0 || errno == EAGAIN);
      got += n > 0 ? (gsize) n : 0;
      peer_run (&peer);
    }
  hear_stream (&peer, VC_FRAME_OK, "");
  close (fd);
  peer_end (&peer);
}

static void
test_client_does_not_read (void)
{
  g_autofree char *text = g_strnfill (60000, 'a');
  gsize said = 0, heard = 0;
  Peer peer;
  int fd = begin_stream (&peer);

  for (;;)
    {
      gssize n = write (fd, text, 60000);

      if (n < 0)
        break;
      said += (gsize) n;
      peer_run (&peer);
    }
  g_assert_cmpint (errno, ==, EAGAIN);
  g_assert_cmpuint (said, <, 4 * 1024 * 1024);
  close (fd);
  while (heard < said)
    {
      VcFrame frame;
      g_autoptr (GByteArray) bytes = hear (&peer, &frame);

      g_assert_nonnull (bytes);
      g_assert_cmpuint (frame.status, ==, VC_FRAME_CONTINUE);
      heard += bytes->len;
    }
  hear_stream (&peer, VC_FRAME_CONTINUE, "");
  peer_end (&peer);
}

static void
test_broken (void)
{
  Peer peer;
  int fd = begin_stream (&peer);

  say_stream (&peer, 3, NULL, 0);
  hear_end (&peer);
  g_assert_error (peer.trouble, VC_ERROR, VC_ERROR_PROTOCOL);
  close (fd);
  peer_end (&peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stream/both-ways", test_both_ways);
  g_test_add_func ("/stream/ends", test_ends);
  g_test_add_func ("/stream/client-goes", test_client_goes);
  g_test_add_func ("/stream/nobody-takes", test_nobody_takes);
  g_test_add_func ("/stream/client-does-not-read", test_client_does_not_read);
  g_test_add_func ("/stream/broken", test_broken);
  return g_test_run ();
}
