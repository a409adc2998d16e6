/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/error.h"
#include "rpc/internal.h"

/* How this works
 *
 * Messages are carried out where they were read, in the server's scratch; only the rest of one that is not
 * whole is kept by the client, and what may not be carried out yet because too many calls wait or too much is
 * unsent.  While that is so nothing more is read: the client waits in its own socket.
 *
 * The answers to all messages that came together are sent together.
 */

#define SHRINK    (1024u * 1024) /* a buffer that grew larger is not kept */
#define READ_SIZE 65536          /* more than a record of TLS: none stays where epoll does not see it */
#define TLS_HELLO 0x1603         /* how a client that wants TLS begins */

static void on_ready (Watch *watch, guint32 events);

VcRpcClient *
client_new (VcRpcServer *server, int fd_taken, const VcRpcPeer *peer, gboolean is_read_only, GError **error)
{
  VcRpcClient *client = g_new0 (VcRpcClient, 1);

  client->watch = (Watch){ .fd = fd_taken, .on_ready = on_ready };
  client->server = server;
  client->number = ++server->last_number;
  client->peer = *peer;
  client->name = g_strdup (peer->name);
  client->address = g_strdup (peer->address);
  client->peer.name = client->name;
  client->peer.address = client->address;
  client->is_read_only = is_read_only;
  client->born = client->heard = now_ms ();
  if (watch_add (server, &client->watch, EPOLLIN, error))
    return client;
  g_free (client->name);
  g_free (client->address);
  g_free (client);
  return NULL;
}

/* Called when what is in memory of a client has changed. */
static void
count (VcRpcClient *client)
{
  gsize held = (client->in != NULL ? client->in->len : 0) + (client->out != NULL ? client->out->len : 0);

  client->server->held += held;
  client->server->held -= client->held;
  client->held = held;
}

/* Whoever asks for more when all is used goes; small messages of others do not suffer from it. */
static gboolean
check_room (VcRpcClient *client, GError **error)
{
  const VcRpcServer *server = client->server;

  count (client);
  return client->held <= SMALL || server->held >> 20 < server->limits.max_memory
         || vc_fail (error, VC_ERROR_LIMIT, "the messages of all clients have more than %u MiB",
                     server->limits.max_memory);
}

guint
client_way (const VcRpcClient *client)
{
  if (client->address != NULL)
    return 2;
  return client->is_read_only ? 1 : 0;
}

void
client_forget_unknown (VcRpcClient *client)
{
  if (client->is_unknown)
    client->server->n_unknown[client_way (client)]--;
  client->is_unknown = FALSE;
}

void
client_drop (VcRpcClient *client, const GError *why)
{
  VcRpcServer *server = client->server;

  if (client->is_dead)
    return;
  client->is_dead = TRUE;
  if (why != NULL)
    server_trouble (server, client, why);
  g_ptr_array_remove_fast (server->clients, client);
  if (client->refusal != NULL)
    server->n_refused--;
  g_clear_error (&client->refusal);
  client_forget_unknown (client);
  g_clear_pointer (&client->streams, g_ptr_array_unref);
  if (client->requests != NULL)
    for (guint i = 0; i < client->requests->len; i++)
      {
        VcRpcRequest *request = g_ptr_array_index (client->requests, i);

        request->client = NULL;
      }
  g_clear_pointer (&client->requests, g_ptr_array_unref);
  if (server->service->on_gone != NULL)
    server->service->on_gone (client, server->data);
  if (client->channel != NULL)
    {
      client->channel->free (client->channel_self);
      server->n_remote--;
    }
  watch_drop (server, &client->watch);
  g_free (client->name);
  g_free (client->address);
  g_free (client->user);
  g_clear_pointer (&client->in, g_byte_array_unref);
  g_clear_pointer (&client->out, g_byte_array_unref);
  count (client);
  server_bury (server, client);
}

/* Sending. */

gsize
client_unsent (const VcRpcClient *client)
{
  return client->out != NULL ? client->out->len - client->out_at : 0;
}

static guint
n_requests (const VcRpcClient *client)
{
  return client->requests != NULL ? client->requests->len : 0;
}

/* Bytes of answers after which its next message has to wait.  Whoever nobody knows has few. */
static gsize
max_answers (const VcRpcClient *client)
{
  return client->is_unknown ? SHY_MAX : QUEUE_PAUSE;
}

/* May its next message be carried out? */
static gboolean
is_welcome (const VcRpcClient *client)
{
  return !client->is_leaving && n_requests (client) < client->server->limits.max_requests
         && client_unsent (client) < max_answers (client) && !stream_is_full (client);
}

static void
want (VcRpcClient *client)
{
  if (!client->is_dead)
    watch_want (client->server, &client->watch,
                (is_welcome (client) && !client->is_waiting ? EPOLLIN : 0u)
                    | (client_unsent (client) > 0 ? EPOLLOUT : 0u));
}

/* As send and recv. */
static gssize
write_some (VcRpcClient *client, const guint8 *bytes, gsize len)
{
  if (client->channel != NULL)
    return client->channel->write (client->channel_self, bytes, len);
  return send (client->watch.fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static gssize
read_some (VcRpcClient *client, guint8 *bytes, gsize len, GError **error)
{
  if (client->channel != NULL)
    return client->channel->read (client->channel_self, bytes, len, error);
  return recv (client->watch.fd, bytes, len, MSG_DONTWAIT);
}

/* Sends what it can.  Returns: bytes sent; -1: the client is gone. */
static gssize
try_send (VcRpcClient *client, const guint8 *bytes, gsize len)
{
  gsize sent = 0;

  while (sent < len)
    {
      gssize n = write_some (client, bytes + sent, len - sent);

      if (n > 0)
        sent += (gsize) n;
      else if (n < 0 && errno == EINTR)
        continue;
      else if (n < 0 && errno == EAGAIN)
        break;
      else
        return -1;
    }
  return (gssize) sent;
}

/* Nothing more is sent or read.  The loop finds a connection that is over, and drops it: whoever sends must
 * not have its client taken away meanwhile. */
static void
hang_up (VcRpcClient *client, const GError *why)
{
  if (why != NULL)
    server_trouble (client->server, client, why);
  g_clear_pointer (&client->out, g_byte_array_unref);
  client->out_at = 0;
  count (client);
  client->is_leaving = client->is_hung_up = TRUE;
  shutdown (client->watch.fd, SHUT_RDWR);
  want (client);
}

static void
queue (VcRpcClient *client, const guint8 *bytes, gsize len)
{
  if (client->out == NULL)
    client->out = g_byte_array_new ();
  if (client->out_at > 0 && client->out_at >= client->out->len / 2)
    {
      g_byte_array_remove_range (client->out, 0, client->out_at);
      client->out_at = 0;
    }
  g_byte_array_append (client->out, bytes, (guint) len);
}

static void
send_or_queue (VcRpcClient *client, const guint8 *bytes, gsize len)
{
  gssize sent = 0;

  if (client->is_dead || client->is_hung_up || len == 0)
    return;
  if (client_unsent (client) == 0)
    sent = try_send (client, bytes, len);
  if (sent < 0)
    hang_up (client, NULL);
  else if ((gsize) sent < len)
    {
      g_autoptr (GError) error = NULL;

      if (client_unsent (client) > client->server->limits.max_queue)
        {
          vc_fail (&error, VC_ERROR_LIMIT, "it does not read what it asked for");
          hang_up (client, error);
          return;
        }
      queue (client, bytes + sent, len - (gsize) sent);
      if (check_room (client, &error))
        want (client);
      else
        hang_up (client, error);
    }
}

void
client_send (VcRpcClient *client, const guint8 *bytes, gsize len)
{
  if (!client->is_leaving)
    send_or_queue (client, bytes, len);
}

/* The queue goes out.  FALSE: the client is gone. */
static gboolean
flush (VcRpcClient *client)
{
  gssize sent = try_send (client, client->out->data + client->out_at, client_unsent (client));

  if (sent < 0)
    {
      client_drop (client, NULL);
      return FALSE;
    }
  client->out_at += (guint) sent;
  if (client_unsent (client) > 0)
    return TRUE;
  g_clear_pointer (&client->out, g_byte_array_unref);
  client->out_at = 0;
  count (client);
  if (client->is_leaving)
    client_drop (client, NULL);
  return !client->is_dead;
}

/* Reading. */

/* A frame's length is believed only as far as its sort of message can be long. */
static gboolean
check_head (VcRpcClient *client, const VcFrame *frame, GError **error)
{
  guint64 max = door_max (client, frame);

  if (!client->is_open && frame->length >> 16 == TLS_HELLO)
    return vc_fail (error, VC_ERROR_PROTOCOL, "it speaks TLS, and this is a unix socket");
  if (frame->length < VC_FRAME_HEAD)
    return vc_fail (error, VC_ERROR_PROTOCOL, "a message of %u bytes has no head", frame->length);
  if (frame->length > max)
    return vc_fail (error, VC_ERROR_PROTOCOL, "a message of %u bytes is too long for procedure %u",
                    frame->length, frame->procedure);
  return TRUE;
}

/* Carries out the messages in bytes.  Returns: bytes used; -1: the client is gone, or to be dropped. */
static gssize
carry_out (VcRpcClient *client, guint8 *bytes, gsize len, GByteArray *answers, GError **error)
{
  gsize used = 0;

  while (len - used >= VC_FRAME_HEAD && is_welcome (client) && answers->len < max_answers (client))
    {
      VcFrame frame;

      vc_frame_read (&frame, bytes + used);
      if (!check_head (client, &frame, error))
        return -1;
      if (len - used < frame.length)
        break;
      if (!door_enter (client, &frame, bytes + used + VC_FRAME_HEAD, frame.length - VC_FRAME_HEAD, answers,
                       error)
          || client->is_dead)
        return -1;
      used += frame.length;
    }
  return (gssize) used;
}

/* Who leaves has a last answer to take, and so much time for it as he had when he left. */
static void
stop_waiting (VcRpcClient *client)
{
  if (!client->is_leaving)
    client->waits_since = 0;
}

/* What waits first, then what was just read. */
static gboolean
take (VcRpcClient *client, guint8 *bytes, gsize len, GError **error)
{
  VcRpcServer *server = client->server;
  gboolean has_waiting = client->in != NULL;
  gssize used;

  if (has_waiting && len > 0)
    g_byte_array_append (client->in, bytes, (guint) len);
  if (has_waiting)
    {
      bytes = client->in->data;
      len = client->in->len;
    }
  used = carry_out (client, bytes, len, server->answers, error);
  if (used < 0)
    return FALSE;
  if (used > 0 || (gsize) used == len)
    stop_waiting (client);
  if ((gsize) used == len)
    {
      g_clear_pointer (&client->in, g_byte_array_unref);
      return TRUE;
    }
  if (!is_welcome (client) || server->answers->len >= max_answers (client))
    stop_waiting (client);
  else if (client->waits_since == 0)
    {
      client->waits_since = now_ms ();
      server_set_due (server, client->waits_since + server->limits.open_ms);
    }
  if (has_waiting)
    g_byte_array_remove_range (client->in, 0, (guint) used);
  else
    {
      client->in = g_byte_array_new ();
      g_byte_array_append (client->in, bytes + used, (guint) (len - (gsize) used));
    }
  return TRUE;
}

/* Sends the answers of all that was carried out, also of a client that is about to be dropped. */
static void
answer (VcRpcClient *client)
{
  VcRpcServer *server = client->server;

  send_or_queue (client, server->answers->data, server->answers->len);
  if (server->answers->len > SHRINK)
    {
      g_byte_array_unref (server->answers);
      server->answers = g_byte_array_new ();
    }
  g_byte_array_set_size (server->answers, 0);
}

static void
take_and_answer (VcRpcClient *client, guint8 *bytes, gsize len)
{
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (client->is_reading)
    return;
  client->is_reading = TRUE;
  do
    {
      done = take (client, bytes, len, &error);
      len = 0;
      answer (client);
    }
  while (done && !client->is_dead && client->in != NULL && is_welcome (client) && client->waits_since == 0);
  client->is_reading = FALSE;
  if (!client->is_dead && error == NULL)
    check_room (client, &error);
  if (error != NULL)
    client_drop (client, error);
  else if (client->is_leaving && client_unsent (client) == 0)
    client_drop (client, NULL);
  want (client);
}

void
client_go_on (VcRpcClient *client)
{
  if (client->is_dead || client->is_reading)
    return;
  if (client->in != NULL && is_welcome (client) && !client->is_waiting)
    {
      client->is_waiting = TRUE;
      server_set_later (client->server);
    }
  want (client);
}

void
client_carry_out (VcRpcClient *client)
{
  if (!client->is_waiting)
    return;
  client->is_waiting = FALSE;
  if (client->in != NULL)
    take_and_answer (client, NULL, 0);
  else
    want (client);
}

static void
on_ready (Watch *watch, guint32 events)
{
  VcRpcClient *client = (VcRpcClient *) watch;
  VcRpcServer *server = client->server;
  gboolean is_unknown = client->is_unknown;
  g_autoptr (GError) error = NULL;
  gssize n;

  if ((events & (EPOLLHUP | EPOLLERR)) != 0 && (events & EPOLLIN) == 0)
    {
      client_drop (client, NULL);
      return;
    }
  if ((events & EPOLLOUT) != 0)
    {
      if (client_unsent (client) > 0 && !flush (client))
        return;
      stream_go_on (client);
      client_go_on (client);
      return;
    }
  n = read_some (client, server->scratch, READ_SIZE, &error);
  if (n < 0 && error == NULL && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0)
    {
      client_drop (client, error);
      return;
    }
  client->heard = server->limits.keepalive_ms > 0 ? now_ms () : 1;
  client->unanswered = 0;
  take_and_answer (client, server->scratch, (gsize) n);
  if (is_unknown)
    explicit_bzero (server->scratch, (gsize) n); /* there may be a part of a password in it */
}

/* Deadlines. */

static void
ask (VcRpcClient *client)
{
  VcFrame frame
      = { VC_FRAME_HEAD, VC_PROGRAM_KEEPALIVE, VC_PROGRAM_VERSION, 1, VC_FRAME_EVENT, 0, VC_FRAME_OK };
  guint8 bytes[VC_FRAME_HEAD];

  vc_frame_put (&frame, bytes);
  client->unanswered++;
  client_send (client, bytes, sizeof bytes);
}

static gint64
check_alive (VcRpcClient *client, gint64 now)
{
  const VcRpcLimits *limits = &client->server->limits;
  gint64 due = client->heard + limits->keepalive_ms * (gint64) (client->unanswered + 1);
  g_autoptr (GError) error = NULL;

  if (now < due)
    return due;
  if (client->unanswered >= limits->keepalive_n)
    {
      vc_fail (&error, VC_ERROR_GONE, "it does not answer any more");
      client_drop (client, error);
      return 0;
    }
  ask (client);
  return due + limits->keepalive_ms;
}

gint64
client_check_time (VcRpcClient *client, gint64 now)
{
  const VcRpcLimits *limits = &client->server->limits;
  gint64 open_ms = client->is_unknown && client->waits_since == 0 ? limits->login_ms : limits->open_ms;
  gint64 since = client->waits_since > 0 ? client->waits_since : client->is_open ? 0 : client->born;
  g_autoptr (GError) error = NULL;

  if (since > 0 && now >= since + open_ms)
    {
      vc_fail (&error, VC_ERROR_BUSY,
               client->is_leaving   ? "it does not read its last answer"
               : client->is_open    ? "the rest of a message did not come"
               : client->is_unknown ? "it did not log in"
                                    : "it did not open a connection");
      client_drop (client, error);
      return 0;
    }
  if (since > 0)
    return since + open_ms;
  return client->keeps_alive ? check_alive (client, now) : 0;
}
