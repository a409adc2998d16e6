/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "client/internal.h"

/* How this works
 *
 * Of a pair of sockets the caller has one end and we the other.  What the wire brings and our end does not
 * take is held; from HELD_FULL on the connection is not read, so that the other side waits, unless a call
 * needs it to be.  What the caller writes is read only while little waits to be sent.
 */

#define HELD_FULL (256u * 1024)
#define PIECE     (64u * 1024)

G_STATIC_ASSERT (PIECE <= VC_FRAME_MAX_STREAM);

struct Stream
{
  VcClient *client;
  VcFrame frame; /* of its messages, without length and status */
  int fd;
  GSource *source;
  gpointer tag;
  GByteArray *held; /* for the caller                       */
  guint held_at;
  gboolean is_over; /* and nothing more will come           */
};

static guint
held (const Stream *stream)
{
  return stream->held->len - stream->held_at;
}

static void
want (Stream *stream)
{
  gboolean takes = !stream->is_over && vc_client_unsent (stream->client) < OUT_FULL;
  int wants = (takes ? G_IO_IN : 0) | (held (stream) > 0 ? G_IO_OUT : 0);

  g_source_modify_unix_fd (stream->source, stream->tag, (GIOCondition) (wants | G_IO_ERR | G_IO_HUP));
}

static void
drop (Stream *stream)
{
  VcClient *client = stream->client;

  g_ptr_array_remove (client->streams, stream);
  vc_client_want (client);
}

static void
send_to_peer (Stream *stream, VcFrameStatus status, gconstpointer bytes, gsize len)
{
  VcFrame frame = stream->frame;

  frame.status = status;
  vc_client_send (stream->client, &frame, bytes, len);
}

/* Hands on what is held.  FALSE: the caller closed its end. */
static gboolean
hand_on (Stream *stream)
{
  while (held (stream) > 0)
    {
      ssize_t done = send (stream->fd, stream->held->data + stream->held_at, held (stream),
                           MSG_NOSIGNAL | MSG_DONTWAIT);

      if (done < 0 && errno == EINTR)
        continue;
      if (done < 0)
        return errno == EAGAIN;
      stream->held_at += (guint) done;
    }
  g_byte_array_set_size (stream->held, 0);
  stream->held_at = 0;
  return TRUE;
}

/* FALSE: the caller closed its end. */
static gboolean
pick_up (Stream *stream)
{
  guint8 bytes[PIECE];
  ssize_t got = recv (stream->fd, bytes, sizeof bytes, MSG_DONTWAIT);

  if (got > 0)
    send_to_peer (stream, VC_FRAME_CONTINUE, bytes, (gsize) got);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

typedef struct
{
  GSource source;
  Stream *stream;
} PairSource;

static gboolean
on_pair (GSource *source, GSourceFunc callback, gpointer data)
{
  Stream *stream = ((PairSource *) source)->stream;
  int ready = g_source_query_unix_fd (source, stream->tag);
  gboolean is_open = hand_on (stream);

  if (is_open && (ready & (G_IO_IN | G_IO_HUP | G_IO_ERR)) != 0 && !stream->is_over)
    is_open = pick_up (stream);
  if (is_open && !(stream->is_over && (held (stream) == 0 || (ready & (G_IO_HUP | G_IO_ERR)) != 0)))
    {
      want (stream);
      vc_client_want (stream->client);
      return G_SOURCE_CONTINUE;
    }
  if (!stream->is_over)
    send_to_peer (stream, VC_FRAME_OK, NULL, 0);
  drop (stream);
  return G_SOURCE_REMOVE;
}

static GSourceFuncs pair_funcs = { .dispatch = on_pair };

Stream *
vc_client_stream_new (VcClient *client, const VcFrame *frame, int *ret_fd, GError **error)
{
  Stream *stream;
  int pair[2];

  if (client->streams->len == VC_CLIENT_STREAMS)
    return vc_fail_null (error, VC_ERROR_LIMIT, "a connection has no more than %u streams",
                         VC_CLIENT_STREAMS);
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
    {
      vc_fail_errno (error, errno, "cannot make a pair of sockets");
      return NULL;
    }
  stream = g_new0 (Stream, 1);
  stream->client = client;
  stream->frame = *frame;
  stream->fd = pair[0];
  stream->held = g_byte_array_new ();
  stream->source = g_source_new (&pair_funcs, sizeof (PairSource));
  ((PairSource *) stream->source)->stream = stream;
  stream->tag = g_source_add_unix_fd (stream->source, stream->fd, G_IO_IN);
  g_source_attach (stream->source, NULL);
  g_ptr_array_add (client->streams, stream);
  *ret_fd = pair[1];
  return stream;
}

void
vc_client_stream_free (Stream *stream)
{
  g_source_destroy (stream->source);
  g_source_unref (stream->source);
  hand_on (stream);
  close (stream->fd);
  g_byte_array_unref (stream->held);
  g_free (stream);
}

void
vc_client_stream_take (VcClient *client, const VcFrame *frame, const guint8 *bytes, gsize len)
{
  Stream *stream = NULL;

  for (guint i = 0; i < client->streams->len && stream == NULL; i++)
    {
      Stream *one = client->streams->pdata[i];

      if (one->frame.serial == frame->serial && one->frame.program == frame->program)
        stream = one;
    }
  if (stream == NULL || stream->is_over)
    return;
  if (frame->status == VC_FRAME_CONTINUE && len > 0 && held (stream) + len <= VC_CLIENT_MAX_HELD)
    g_byte_array_append (stream->held, bytes, (guint) len);
  else
    {
      stream->is_over = TRUE;
      if (frame->status == VC_FRAME_CONTINUE) /* its end, or it is too much: ours to finish */
        send_to_peer (stream, VC_FRAME_OK, NULL, 0);
    }
  if (!hand_on (stream) || (stream->is_over && held (stream) == 0))
    {
      if (!stream->is_over)
        send_to_peer (stream, VC_FRAME_OK, NULL, 0);
      drop (stream);
    }
  else
    want (stream);
}

gboolean
vc_client_stream_is_full (const VcClient *client)
{
  for (guint i = 0; i < client->streams->len; i++)
    if (held (client->streams->pdata[i]) >= HELD_FULL)
      return TRUE;
  return FALSE;
}

void
vc_client_stream_go_on (VcClient *client)
{
  for (guint i = 0; i < client->streams->len; i++)
    want (client->streams->pdata[i]);
}
