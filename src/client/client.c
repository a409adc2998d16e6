/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/client.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>

#include "base/error.h"
#include "client/error.h"
#include "client/internal.h"

/* How this works
 *
 *   vc_client_begin, _call --> out --> socket
 *                                        |
 *      answer of the call <-- pending <--+--> told --> teller --> on_tell, on_end
 *                                        |
 *                                     streams
 *
 * move () sends and reads as much as goes at once and never waits; it is called from the main context, and
 * over and over from a call that waits.  It calls nobody: events are kept, and told by a source of their own
 * once no call waits any more, so that those who are told can make calls.
 */

#define READ_BYTES (64u * 1024)

void
vc_client_drop_source (GSource **at)
{
  GSource *source = g_steal_pointer (at);

  if (source == NULL)
    return;
  g_source_destroy (source);
  g_source_unref (source);
}

static void
told_free (Told *told)
{
  g_byte_array_unref (told->body);
  g_free (told);
}

static void
tell_event (VcClient *client)
{
  Told *told = g_queue_pop_head (&client->told);
  VcXdrReader body;

  /* An event that is not as its row says is nobody's: what comes after it is still good. */
  if (vc_xdr_read (&body, vc_tells[told->tell].gives, told->body->data, told->body->len, NULL))
    client->watch->on_tell (told->tell, &body, client->data);
  told_free (told);
}

static gboolean
on_teller (gpointer data)
{
  VcClient *client = data;

  if (client->pending == NULL && !g_queue_is_empty (&client->told))
    {
      tell_event (client);
      return G_SOURCE_CONTINUE;
    }
  vc_client_drop_source (&client->teller);
  if (client->pending == NULL && client->end != NULL && !client->was_end_told)
    {
      g_autoptr (GError) why = g_error_copy (client->end);

      client->was_end_told = TRUE;
      client->watch->on_end (why, client->data);
    }
  return G_SOURCE_REMOVE;
}

/* Has the teller come if there is something to tell, and nobody waits. */
static void
call_teller (VcClient *client)
{
  if (client->teller != NULL || client->pending != NULL)
    return;
  if (g_queue_is_empty (&client->told) && (client->end == NULL || client->was_end_told))
    return;
  client->teller = g_idle_source_new ();
  g_source_set_priority (client->teller, G_PRIORITY_DEFAULT);
  g_source_set_callback (client->teller, on_teller, client, NULL);
  g_source_attach (client->teller, NULL);
}

static void
disconnect (VcClient *client)
{
  vc_client_drop_source (&client->source);
  vc_wire_close (&client->wire);
  g_ptr_array_set_size (client->streams, 0);
}

/* The first reason counts. */
gboolean
vc_client_end (VcClient *client, VcErrorCode code, const char *why)
{
  if (client->end == NULL)
    vc_fail (&client->end, code, "%s", why);
  disconnect (client);
  call_teller (client);
  return FALSE;
}

static gboolean
end_errno (VcClient *client, int errsv, const char *what)
{
  g_autofree char *why = g_strdup_printf ("%s: %s", what, g_strerror (errsv));

  return vc_client_end (client, VC_ERROR_GONE, why);
}

/* Sending */

/* Returns: where the message begins; put_end ends it. */
static guint
put_head (GByteArray *out, const VcFrame *frame)
{
  guint start = out->len;

  g_byte_array_set_size (out, start + VC_FRAME_HEAD);
  vc_frame_put (frame, out->data + start);
  return start;
}

static void
put_end (GByteArray *out, guint start)
{
  guint32 length = GUINT32_TO_BE (out->len - start);

  memcpy (out->data + start, &length, sizeof length);
}

void
vc_client_send (VcClient *client, const VcFrame *frame, gconstpointer bytes, gsize len)
{
  guint start = put_head (client->out, frame);

  if (len > 0)
    g_byte_array_append (client->out, bytes, (guint) len);
  put_end (client->out, start);
  vc_client_want (client);
}

guint
vc_client_unsent (const VcClient *client)
{
  return client->out->len - client->out_at;
}

gboolean
vc_client_flush (VcClient *client)
{
  while (vc_client_unsent (client) > 0)
    {
      gssize done
          = vc_wire_write (&client->wire, client->out->data + client->out_at, vc_client_unsent (client));

      if (done < 0 && (errno == EAGAIN || client->wire.tunnel != NULL)) /* reading will tell why */
        return TRUE;
      if (done < 0)
        return end_errno (client, errno, "the connection broke");
      client->out_at += (guint) done;
    }
  if (client->out_is_secret)
    explicit_bzero (client->out->data, client->out->len);
  client->out_is_secret = FALSE;
  g_byte_array_set_size (client->out, 0);
  client->out_at = 0;
  return TRUE;
}

/* Reading */

static gboolean
take_reply (VcClient *client, const VcFrame *frame, const guint8 *bytes, gsize len)
{
  for (Pending *pending = client->pending; pending != NULL; pending = pending->before)
    if (pending->serial == frame->serial && !pending->is_answered)
      {
        pending->is_answered = TRUE;
        pending->status = frame->status;
        pending->body = g_byte_array_append (g_byte_array_sized_new ((guint) len), bytes, (guint) len);
        return TRUE;
      }
  return vc_client_end (client, VC_ERROR_PROTOCOL, "the other side answered a call that was not made");
}

static gboolean
take_event (VcClient *client, const VcFrame *frame, const guint8 *bytes, gsize len)
{
  for (guint tell = 0; tell < VC_N_TELLS; tell++)
    if (vc_tells[tell].program == frame->program && vc_tells[tell].number == frame->procedure)
      {
        Told *told;

        if (client->told.length == VC_CLIENT_MAX_EVENTS)
          return vc_client_end (client, VC_ERROR_LIMIT, "too many events came while nobody took them");
        told = g_new (Told, 1);
        told->tell = (VcTell) tell;
        told->body = g_byte_array_append (g_byte_array_sized_new ((guint) len), bytes, (guint) len);
        g_queue_push_tail (&client->told, told);
        call_teller (client);
      }
  return TRUE; /* one we do not know is passed over */
}

static gboolean
take (VcClient *client, const VcFrame *frame, const guint8 *bytes, gsize len)
{
  if (frame->program == VC_PROGRAM_KEEPALIVE)
    {
      vc_client_alive_take (client, frame);
      return TRUE;
    }
  switch (frame->type)
    {
    case VC_FRAME_REPLY:
      return take_reply (client, frame, bytes, len);
    case VC_FRAME_EVENT:
      return take_event (client, frame, bytes, len);
    case VC_FRAME_STREAM:
      vc_client_stream_take (client, frame, bytes, len);
      return TRUE;
    default:
      return vc_client_end (client, VC_ERROR_PROTOCOL, "the other side sent a message of an unknown type");
    }
}

/* Takes the whole messages of what came in. */
static gboolean
take_all (VcClient *client)
{
  guint at = 0;
  gboolean is_good = TRUE;

  while (is_good && client->in->len - at >= VC_FRAME_HEAD)
    {
      VcFrame frame;

      vc_frame_read (&frame, client->in->data + at);
      if (frame.length < VC_FRAME_HEAD || frame.length > VC_FRAME_MAX)
        return vc_client_end (client, VC_ERROR_PROTOCOL,
                              "the other side sent a message of an impossible length");
      if (client->in->len - at < frame.length)
        break;
      is_good = take (client, &frame, client->in->data + at + VC_FRAME_HEAD, frame.length - VC_FRAME_HEAD);
      at += frame.length;
    }
  if (is_good && at > 0)
    g_byte_array_remove_range (client->in, 0, at);
  return is_good;
}

/* FALSE: nothing more is there, or it has ended. */
static gboolean
read_some (VcClient *client)
{
  g_autoptr (GError) why = NULL;
  guint had = client->in->len;
  gssize got;

  g_byte_array_set_size (client->in, had + READ_BYTES);
  got = vc_wire_read (&client->wire, client->in->data + had, READ_BYTES, &why);
  g_byte_array_set_size (client->in, had + (guint) MAX (got, 0));
  if (why != NULL)
    return vc_client_end (client, (VcErrorCode) why->code, why->message);
  if (got < 0 && errno == EAGAIN)
    return FALSE;
  if (got < 0)
    return end_errno (client, errno, "the connection broke");
  if (got == 0)
    return vc_client_end (client, VC_ERROR_GONE, "the other side closed the connection");
  vc_client_heard (client);
  return take_all (client);
}

static gboolean
wants_input (const VcClient *client)
{
  return client->pending != NULL || !vc_client_stream_is_full (client);
}

static void
move (VcClient *client, gboolean is_hung_up)
{
  if (client->wire.fd < 0 || !vc_client_flush (client))
    return;
  /* Of one that has gone only so much is left to be read. */
  while ((is_hung_up || wants_input (client)) && read_some (client))
    ;
  if (client->wire.fd < 0 || !vc_client_flush (client))
    return;
  vc_client_stream_go_on (client);
  vc_client_want (client);
}

void
vc_client_want (VcClient *client)
{
  int wants = (wants_input (client) ? G_IO_IN : 0) | (vc_client_unsent (client) > 0 ? G_IO_OUT : 0);

  if (client->source == NULL)
    return;
  g_source_modify_unix_fd (client->source, client->tag, (GIOCondition) (wants | G_IO_ERR | G_IO_HUP));
  if ((wants & G_IO_IN) != 0 && vc_wire_has_more (&client->wire))
    g_source_set_ready_time (client->source, 0);
}

typedef struct
{
  GSource source;
  VcClient *client;
} MoveSource;

static gboolean
on_move (GSource *source, GSourceFunc callback, gpointer data)
{
  VcClient *client = ((MoveSource *) source)->client;

  g_source_set_ready_time (source, -1);
  move (client, (g_source_query_unix_fd (source, client->tag) & (G_IO_HUP | G_IO_ERR)) != 0);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs move_funcs = { .dispatch = on_move };

/* Calls */

VcClient *
vc_client_new (int fd_taken, gboolean is_served_here, const VcClientWatch *watch, gpointer data)
{
  VcClient *client = g_new0 (VcClient, 1);

  client->wire.fd = fd_taken;
  client->is_served_here = is_served_here;
  client->watch = watch;
  client->data = data;
  client->in = g_byte_array_new ();
  client->out = g_byte_array_new ();
  client->streams = g_ptr_array_new_with_free_func ((GDestroyNotify) vc_client_stream_free);
  g_unix_set_fd_nonblocking (fd_taken, TRUE, NULL);
  client->source = g_source_new (&move_funcs, sizeof (MoveSource));
  ((MoveSource *) client->source)->client = client;
  client->tag = g_source_add_unix_fd (client->source, fd_taken, G_IO_IN);
  g_source_attach (client->source, NULL);
  return client;
}

VcClient *
vc_client_new_tls (int fd_taken, VcTlsCaller *caller_taken, const VcClientWatch *watch, gpointer data)
{
  VcClient *client = vc_client_new (fd_taken, FALSE, watch, data);

  client->wire.caller = caller_taken;
  vc_client_want (client);
  return client;
}

VcClient *
vc_client_new_tunnel (int fd_taken, VcTunnel *tunnel_taken, const VcClientWatch *watch, gpointer data)
{
  VcClient *client = vc_client_new (fd_taken, FALSE, watch, data);

  client->wire.tunnel = tunnel_taken;
  return client;
}

void
vc_client_free (VcClient *client)
{
  if (client == NULL)
    return;
  g_assert (client->pending == NULL);
  disconnect (client);
  vc_client_drop_source (&client->teller);
  vc_client_drop_source (&client->alive.source);
  g_clear_error (&client->end);
  g_byte_array_unref (client->in);
  g_byte_array_unref (client->out);
  g_clear_pointer (&client->answer, g_byte_array_unref);
  g_queue_clear_full (&client->told, (GDestroyNotify) told_free);
  g_ptr_array_unref (client->streams);
  g_free (client);
}

gboolean
vc_client_is_alive (const VcClient *client)
{
  return client->end == NULL;
}

static void
fill_frame (const VcClient *client, VcFrameType type, VcFrame *ret_frame)
{
  *ret_frame = (VcFrame){ .program = client->call->program,
                          .version = VC_PROGRAM_VERSION,
                          .procedure = client->call->number,
                          .type = type,
                          .serial = client->last_serial };
}

VcXdrWriter *
vc_client_begin (VcClient *client, VcCallIndex call)
{
  VcFrame frame;

  g_assert (client->call == NULL);
  client->call = &vc_calls[call];
  client->last_serial++;
  fill_frame (client, VC_FRAME_CALL, &frame);
  client->out_start = put_head (client->out, &frame);
  vc_xdr_write (&client->writer, client->call->takes, client->out, VC_FRAME_MAX - VC_FRAME_HEAD);
  return &client->writer;
}

/* Waits until something may have come in. */
static void
wait_some (VcClient *client)
{
  struct pollfd ready = { .fd = client->wire.fd, .events = POLLIN };

  if (client->is_served_here)
    {
      g_main_context_iteration (NULL, TRUE);
      return;
    }
  if (vc_client_unsent (client) > 0)
    ready.events |= POLLOUT;
  poll (&ready, 1, vc_client_alive_wait (client));
  move (client, FALSE);
  vc_client_alive_ask (client);
}

/* Sends what was begun.  Returns: its answer's body, new, or NULL with error. */
static GByteArray *
ask (VcClient *client, GError **error)
{
  const VcCall *call = g_steal_pointer (&client->call);
  Pending pending = { .before = client->pending, .serial = client->last_serial };
  g_autoptr (GByteArray) body = NULL;

  if (!vc_xdr_is_written (&client->writer, error))
    {
      g_byte_array_set_size (client->out, client->out_start);
      vc_prefix (error, "%s: ", call->api);
      return NULL;
    }
  put_end (client->out, client->out_start);
  client->out_is_secret |= call->right == VC_MAY_LOG_IN;
  client->pending = &pending;
  move (client, FALSE);
  while (!pending.is_answered && client->wire.fd >= 0)
    wait_some (client);
  client->pending = pending.before;
  body = pending.body;
  vc_client_want (client);
  call_teller (client);
  if (pending.is_answered && pending.status == VC_FRAME_OK)
    return g_steal_pointer (&body);
  if (pending.is_answered && pending.status == VC_FRAME_ERROR)
    vc_client_read_error (body->data, body->len, error);
  else if (pending.is_answered)
    vc_fail (error, VC_ERROR_PROTOCOL, "the other side answered with an unknown status");
  else
    vc_fail (error, (VcErrorCode) client->end->code, "%s", client->end->message);
  return NULL;
}

VcXdrReader *
vc_client_call (VcClient *client, GError **error)
{
  const VcCall *call = client->call;
  g_autoptr (GByteArray) body = ask (client, error);

  if (body == NULL)
    return NULL;
  g_clear_pointer (&client->answer, g_byte_array_unref);
  client->answer = g_steal_pointer (&body);
  if (vc_xdr_read (&client->reader, call->gives, client->answer->data, client->answer->len, error))
    return &client->reader;
  vc_prefix (error, "the answer of %s: ", call->api);
  vc_client_end (client, VC_ERROR_PROTOCOL, "the other side sent what is not as libvirt's protocol has it");
  return NULL;
}

int
vc_client_call_stream (VcClient *client, GError **error)
{
  g_autoptr (GByteArray) body = NULL;
  Stream *stream = NULL;
  VcFrame frame;
  int fd = -1;

  fill_frame (client, VC_FRAME_STREAM, &frame);
  /* Its first bytes may come together with the answer. */
  if (client->wire.fd >= 0)
    {
      stream = vc_client_stream_new (client, &frame, &fd, error);
      if (stream == NULL)
        {
          g_byte_array_set_size (client->out, client->out_start);
          client->call = NULL;
          return -1;
        }
    }
  body = ask (client, error);
  if (body != NULL)
    return fd;
  if (client->wire.fd >= 0)
    g_ptr_array_remove (client->streams, stream);
  if (fd >= 0)
    close (fd);
  return -1;
}
