/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/client.h"

#include "rpc/test-peer.h"

/* A server that is there, and one that is not. */

static void
on_tell (VcTell tell, VcXdrReader *body, gpointer data)
{
  g_assert_not_reached ();
}

static void
on_end (const GError *why, gpointer data)
{
  GError **end = data;

  g_assert_null (*end);
  *end = g_error_copy (why);
}

static const VcClientWatch watch = { .on_tell = on_tell, .on_end = on_end };

static void
assert_pings (int fd, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      guint8 heard[VC_FRAME_HEAD];
      VcFrame frame;

      g_assert_cmpint (recv (fd, heard, sizeof heard, MSG_WAITALL), ==, (gssize) sizeof heard);
      vc_frame_read (&frame, heard);
      g_assert_cmphex (frame.program, ==, VC_PROGRAM_KEEPALIVE);
      g_assert_cmpuint (frame.procedure, ==, 1);
    }
}

/* Nobody answers: a call ends, and a connection that only waits. */
static void
test_silence (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcClient) client = NULL;
      GError *end = NULL;
      int ends[2];

      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
      client = vc_client_new (ends[0], FALSE, &watch, &end);
      vc_client_ask_alive (client, 10, 2);
      if (i == 0)
        {
          guint8 head[VC_FRAME_HEAD];

          vc_client_begin (client, VC_CALL_CONNECT_GET_TYPE);
          g_assert_null (vc_client_call (client, &error));
          g_assert_error (error, VC_ERROR, VC_ERROR_GONE);
          g_assert_cmpint (recv (ends[1], head, sizeof head, MSG_WAITALL), ==, (gssize) sizeof head);
        }
      while (end == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_error (end, VC_ERROR, VC_ERROR_GONE);
      g_assert_cmpstr (end->message, ==, "the other side did not answer for 0 seconds");
      assert_pings (ends[1], 2);
      g_clear_error (&end);
      close (ends[1]);
    }
}

/* One that answers is asked again and again. */
static void
test_signs_of_life (void)
{
  g_autoptr (GByteArray) pong = new_frame (VC_PROGRAM_KEEPALIVE, 2, VC_FRAME_EVENT, 0, NULL, 0);
  g_autoptr (VcClient) client = NULL;
  GError *end = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  client = vc_client_new (ends[0], FALSE, &watch, &end);
  vc_client_ask_alive (client, 10, 1);
  for (guint i = 0; i < 5; i++)
    {
      struct pollfd asked = { .fd = ends[1], .events = POLLIN };

      while (poll (&asked, 1, 0) == 0)
        g_main_context_iteration (NULL, TRUE);
      assert_pings (ends[1], 1);
      g_assert_cmpint (write (ends[1], pong->data, pong->len), ==, (gssize) pong->len);
    }
  g_assert_true (vc_client_is_alive (client));
  vc_client_ask_alive (client, 0, 0);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_null (end);
  close (ends[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/alive/silence", test_silence);
  g_test_add_func ("/alive/signs-of-life", test_signs_of_life);
  return g_test_run ();
}
