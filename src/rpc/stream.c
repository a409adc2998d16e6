/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/stream.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "rpc/internal.h"

#define READ_SIZE 65536
#define PAUSE_IN  (256u * 1024) /* bytes the descriptor has not taken, after which the client is not read */
#define PAUSE_OUT                                                                                            \
  (256u * 1024) /* bytes the client has not taken, after which the descriptor is not read    */

struct VcRpcStream
{
  Watch watch;
  int file; /* what is read where it cannot be waited for: then watch is always ready; or -1 */
  VcRpcClient *client;
  VcFrame head;
  GByteArray *in;     /* for the descriptor, or NULL                         */
  gboolean is_over;   /* the descriptor gives nothing more                   */
  gboolean is_ending; /* the client has finished: answered when in is written */
  void (*on_end) (gpointer data);
  gpointer data;
};

static void on_ready (Watch *watch, guint32 events);

void
stream_free (VcRpcStream *stream)
{
  VcRpcServer *server = stream->client->server;

  watch_drop (server, &stream->watch);
  if (stream->file >= 0)
    close (stream->file);
  g_clear_pointer (&stream->in, g_byte_array_unref);
  if (stream->on_end != NULL)
    stream->on_end (stream->data);
  server_bury (server, stream);
}

/* A regular file is always ready, but not for epoll: an event that nobody takes stands for it. */
static gboolean
stand_in (VcRpcStream *stream, int fd, GError **error)
{
  struct stat st;

  stream->file = -1;
  stream->watch.fd = fd;
  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode))
    return TRUE;
  stream->watch.fd = eventfd (1, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stream->watch.fd < 0)
    {
      stream->watch.fd = fd;
      return vc_fail_errno (error, errno, "cannot make an event");
    }
  stream->file = fd;
  return TRUE;
}

VcRpcStream *
vc_rpc_stream_new (VcRpcRequest *request, int fd_taken, void (*on_end) (gpointer data), gpointer data,
                   GError **error)
{
  VcRpcClient *client = request->client;
  VcRpcStream *stream = g_new0 (VcRpcStream, 1);

  stream->watch = (Watch){ .fd = fd_taken, .on_ready = on_ready };
  stream->file = -1;
  stream->client = client;
  stream->head = (VcFrame){ .program = request->call->program,
                            .version = VC_PROGRAM_VERSION,
                            .procedure = request->call->number,
                            .type = VC_FRAME_STREAM,
                            .serial = request->serial };
  if (client->streams == NULL)
    client->streams = g_ptr_array_new_with_free_func ((GDestroyNotify) stream_free);
  if (client->streams->len >= VC_RPC_MAX_STREAMS)
    vc_fail (error, VC_ERROR_LIMIT, "a connection may have %u streams", VC_RPC_MAX_STREAMS);
  else if (g_unix_set_fd_nonblocking (fd_taken, TRUE, error) && stand_in (stream, fd_taken, error)
           && watch_add (client->server, &stream->watch, EPOLLIN, error))
    {
      stream->on_end = on_end;
      stream->data = data;
      g_ptr_array_add (client->streams, stream);
      return stream;
    }
  if (stream->file >= 0)
    close (stream->watch.fd);
  close (fd_taken);
  g_free (stream);
  return NULL;
}

static void
want (VcRpcStream *stream)
{
  gboolean reads = !stream->is_over && client_unsent (stream->client) < PAUSE_OUT;

  watch_want (stream->client->server, &stream->watch,
              (reads ? EPOLLIN : 0u) | (stream->in != NULL ? EPOLLOUT : 0u));
}

/* To the client. */

static void
tell (VcRpcStream *stream, VcFrameStatus status, const guint8 *bytes, gsize len)
{
  g_autoptr (GByteArray) out = g_byte_array_sized_new ((guint) len + VC_FRAME_HEAD);
  VcFrame head = stream->head;

  head.status = status;
  door_put (out, &head);
  g_byte_array_append (out, bytes, (guint) len);
  door_end (out, 0);
  client_send (stream->client, out->data, out->len);
}

static void
drop (VcRpcStream *stream)
{
  VcRpcClient *client = stream->client;

  g_ptr_array_remove_fast (client->streams, stream);
  client_go_on (client); /* it may have waited for this stream */
}

void
vc_rpc_stream_fail (VcRpcStream *stream, const GError *error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  VcFrame head = stream->head;

  head.status = VC_FRAME_ERROR;
  door_put_error (out, &head, NULL, error);
  client_send (stream->client, out->data, out->len);
  drop (stream);
}

static void
fail_errno (VcRpcStream *stream, int errsv)
{
  g_autoptr (GError) error = NULL;

  vc_wire_fail (&error, VC_WIRE_RPC, "stream had I/O failure: %s", g_strerror (errsv));
  vc_rpc_stream_fail (stream, error);
}

/* A pseudo-terminal whose other side is closed fails with EIO: that is its end. */
static void
read_some (VcRpcStream *stream)
{
  guint8 *bytes = stream->client->server->scratch;
  gssize n = read (stream->file >= 0 ? stream->file : stream->watch.fd, bytes, READ_SIZE);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n < 0 && errno != EIO)
    {
      fail_errno (stream, errno);
      return;
    }
  if (n <= 0)
    stream->is_over = TRUE;
  tell (stream, VC_FRAME_CONTINUE, bytes, n > 0 ? (gsize) n : 0);
  if (stream->is_over)
    watch_drop (stream->client->server, &stream->watch); /* it would be reported as closed again and again */
  want (stream);
}

/* To the descriptor. */

static void
finish (VcRpcStream *stream)
{
  tell (stream, VC_FRAME_OK, NULL, 0);
  drop (stream);
}

/* FALSE: the stream is gone. */
static gboolean
write_some (VcRpcStream *stream)
{
  gssize n = stream->is_over ? (gssize) stream->in->len
                             : write (stream->watch.fd, stream->in->data, stream->in->len);

  if (n < 0 && errno != EAGAIN && errno != EINTR)
    {
      fail_errno (stream, errno);
      return FALSE;
    }
  if (n > 0)
    g_byte_array_remove_range (stream->in, 0, (guint) n);
  if (stream->in->len == 0)
    g_clear_pointer (&stream->in, g_byte_array_unref);
  if (stream->in == NULL && stream->is_ending)
    {
      finish (stream);
      return FALSE;
    }
  want (stream);
  return TRUE;
}

static void
on_ready (Watch *watch, guint32 events)
{
  VcRpcStream *stream = (VcRpcStream *) watch;

  if ((events & EPOLLOUT) != 0 && stream->in != NULL && !write_some (stream))
    return;
  if ((events & ~(guint32) EPOLLOUT) != 0 && !stream->is_over)
    read_some (stream);
  else if ((events & EPOLLOUT) != 0)
    client_go_on (stream->client);
}

/* From the client. */

static VcRpcStream *
find (const VcRpcClient *client, const VcFrame *frame)
{
  for (guint i = 0; client->streams != NULL && i < client->streams->len; i++)
    {
      VcRpcStream *stream = g_ptr_array_index (client->streams, i);

      if (stream->head.serial == frame->serial && stream->head.program == frame->program
          && stream->head.procedure == frame->procedure)
        return stream;
    }
  return NULL;
}

static void
take_data (VcRpcStream *stream, const guint8 *bytes, gsize len)
{
  if (len == 0)
    return;
  if (stream->file >= 0)
    {
      fail_errno (stream, EBADF);
      return;
    }
  if (stream->in == NULL)
    stream->in = g_byte_array_new ();
  g_byte_array_append (stream->in, bytes, (guint) len);
  write_some (stream);
}

gboolean
stream_take (VcRpcClient *client, const VcFrame *frame, const guint8 *bytes, gsize len, GError **error)
{
  VcRpcStream *stream = find (client, frame);

  if (frame->status > VC_FRAME_CONTINUE)
    return vc_fail (error, VC_ERROR_PROTOCOL, "a message of a stream with status %u", frame->status);
  if (stream == NULL || stream->is_ending)
    return TRUE;
  if (frame->status == VC_FRAME_CONTINUE)
    take_data (stream, bytes, len);
  else if (frame->status == VC_FRAME_OK && stream->in != NULL && !stream->is_over)
    stream->is_ending = TRUE;
  else
    finish (stream); /* an abort is answered like an end */
  return TRUE;
}

gboolean
stream_is_full (const VcRpcClient *client)
{
  for (guint i = 0; client->streams != NULL && i < client->streams->len; i++)
    {
      const VcRpcStream *stream = g_ptr_array_index (client->streams, i);

      if (stream->in != NULL && stream->in->len > PAUSE_IN)
        return TRUE;
    }
  return FALSE;
}

void
stream_go_on (VcRpcClient *client)
{
  for (guint i = 0; client->streams != NULL && i < client->streams->len; i++)
    want (g_ptr_array_index (client->streams, i));
}
