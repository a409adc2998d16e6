/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/server.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "rpc/internal.h"

/* How this works
 *
 * The main context waits for one descriptor, our epoll's; so a thousand quiet connections cost nothing.  What
 * is ready is asked for a batch at a time, and since one event's work may end what a later event of the batch
 * is about, the dead are buried after the batch.
 *
 * The source says that it can recurse, though nobody runs the context from a handler: GLib else takes it out
 * and puts it back around every dispatch, which costs three system calls.
 *
 * One timer looks after deadlines: it is set for the nearest, and does not run when there is none.
 */

#define BATCH    64
#define SCRATCH  65536
#define PAUSE_MS 200 /* until it is tried again whether there are descriptors */

typedef struct
{
  Watch watch;
  VcRpcServer *server;
  gboolean is_read_only;
} Listener;

gint64
now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

gboolean
watch_add (VcRpcServer *server, Watch *watch, guint32 wants, GError **error)
{
  struct epoll_event event = { .events = wants, .data.ptr = watch };

  watch->wants = wants;
  if (epoll_ctl (server->epoll, EPOLL_CTL_ADD, watch->fd, &event) < 0)
    return vc_fail_errno (error, errno, "cannot wait for a descriptor");
  return TRUE;
}

void
watch_want (VcRpcServer *server, Watch *watch, guint32 wants)
{
  struct epoll_event event = { .events = wants, .data.ptr = watch };

  if (watch->wants == wants || watch->fd < 0)
    return;
  watch->wants = wants;
  epoll_ctl (server->epoll, EPOLL_CTL_MOD, watch->fd, &event);
}

void
watch_drop (VcRpcServer *server, Watch *watch)
{
  if (watch->fd < 0)
    return;
  epoll_ctl (server->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
  close (watch->fd);
  watch->fd = -1;
}

void
server_trouble (VcRpcServer *server, const VcRpcClient *client, const GError *why)
{
  if (server->service->on_trouble != NULL)
    server->service->on_trouble (client, why, server->data);
}

/* Memory only: whoever is here has closed and let go of everything else.  Outside the loop it waits for the
 * next batch. */
void
server_bury (VcRpcServer *server, gpointer dead_taken)
{
  g_ptr_array_add (server->dead, dead_taken);
}

static gboolean
on_epoll (gint fd, GIOCondition condition, gpointer data)
{
  VcRpcServer *server = data;
  struct epoll_event events[BATCH];
  int n;

  if (server->is_looping)
    return G_SOURCE_CONTINUE;
  server->is_looping = TRUE;
  n = epoll_wait (server->epoll, events, BATCH, 0);
  for (int i = 0; i < n; i++)
    {
      Watch *watch = events[i].data.ptr;

      if (watch->fd >= 0)
        watch->on_ready (watch, events[i].events);
    }
  g_ptr_array_set_size (server->dead, 0);
  server->is_looping = FALSE;
  return G_SOURCE_CONTINUE;
}

/* Deadlines. */

static void
clear_timer (VcRpcServer *server)
{
  if (server->timer == NULL)
    return;
  g_source_destroy (server->timer);
  g_clear_pointer (&server->timer, g_source_unref);
}

/* Without descriptors nobody can be taken, and the socket would be ready again and again. */
static void
pause_listening (VcRpcServer *server, guint32 wants)
{
  for (guint i = 0; i < server->listeners->len; i++)
    watch_want (server, &((Listener *) g_ptr_array_index (server->listeners, i))->watch, wants);
  server->is_full = wants == 0;
}

static gboolean
on_due (gpointer data)
{
  VcRpcServer *server = data;
  gint64 now = now_ms ();
  gint64 next = 0;

  clear_timer (server);
  if (server->is_full)
    pause_listening (server, EPOLLIN);
  for (guint i = server->clients->len; i-- > 0;)
    {
      gint64 due = client_check_time (g_ptr_array_index (server->clients, i), now);

      if (due > 0 && (next == 0 || due < next))
        next = due;
    }
  if (next > 0)
    server_set_due (server, next);
  return G_SOURCE_REMOVE;
}

void
server_set_due (VcRpcServer *server, gint64 ms)
{
  gint64 wait = MAX (ms - now_ms (), 1);

  if (server->timer != NULL && server->due <= ms)
    return;
  clear_timer (server);
  server->due = ms;
  server->timer = g_timeout_source_new ((guint) MIN (wait, G_MAXINT));
  g_source_set_callback (server->timer, on_due, server, NULL);
  g_source_attach (server->timer, server->context);
}

/* Messages that wait. */

static gboolean
on_later (gpointer data)
{
  VcRpcServer *server = data;

  g_clear_pointer (&server->later, g_source_unref);
  for (guint i = server->clients->len; i-- > 0;)
    if (i < server->clients->len) /* what one asks for may end others */
      client_carry_out (g_ptr_array_index (server->clients, i));
  return G_SOURCE_REMOVE;
}

void
server_set_later (VcRpcServer *server)
{
  if (server->later != NULL)
    return;
  server->later = g_idle_source_new ();
  g_source_set_priority (server->later, G_PRIORITY_DEFAULT);
  g_source_set_callback (server->later, on_later, server, NULL);
  g_source_attach (server->later, server->context);
}

/* Clients. */

static gboolean
find_peer (int fd, VcRpcPeer *ret_peer, GError **error)
{
  struct ucred peer;
  socklen_t len = sizeof peer;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
    return vc_fail_errno (error, errno, "cannot tell who a client is");
  *ret_peer = (VcRpcPeer){ peer.pid, peer.uid, peer.gid, NULL, NULL, NULL };
  return TRUE;
}

static gboolean
check_room (const VcRpcServer *server, const VcRpcPeer *peer, GError **error)
{
  guint max = server->limits.max_clients + (peer->uid == 0 ? server->limits.reserve : 0);
  guint n = server->clients->len - server->n_refused;

  if (n >= max)
    return vc_fail (error, VC_ERROR_LIMIT, "there are %u clients already", n);
  return TRUE;
}

/* Of those who came the same way, and were here longest without a name, the first has to go. */
static void
make_room_for_unknown (VcRpcServer *server, guint way)
{
  g_autoptr (GError) why = NULL;
  VcRpcClient *oldest = NULL;

  if (server->n_unknown[way] < server->limits.max_unknown)
    return;
  for (guint i = 0; i < server->clients->len; i++)
    {
      VcRpcClient *client = g_ptr_array_index (server->clients, i);

      if (client->is_unknown && client_way (client) == way
          && (oldest == NULL || client->number < oldest->number))
        oldest = client;
    }
  vc_fail (&why, VC_ERROR_LIMIT, "there are %u clients that did not log in, and it was the oldest",
           server->n_unknown[way]);
  if (oldest != NULL)
    client_drop (oldest, why);
}

static void
add (VcRpcServer *server, VcRpcClient *client)
{
  const VcRpcService *service = server->service;

  if (client->refusal == NULL && service->wants_login != NULL
      && service->wants_login (&client->peer, client->is_read_only, server->data))
    {
      make_room_for_unknown (server, client_way (client));
      client->is_unknown = TRUE;
      server->n_unknown[client_way (client)]++;
    }
  g_ptr_array_add (server->clients, client);
  server_set_due (server, now_ms () + MIN (server->limits.open_ms, server->limits.login_ms));
}

gboolean
vc_rpc_server_add (VcRpcServer *server, int fd_taken, gboolean is_read_only, GError **error)
{
  g_autoptr (GError) refusal = NULL;
  VcRpcPeer peer;
  VcRpcClient *client;

  if (!g_unix_set_fd_nonblocking (fd_taken, TRUE, error) || !find_peer (fd_taken, &peer, error)
      || ((!check_room (server, &peer, &refusal)
           || !server->service->allow (&peer, is_read_only, server->data, &refusal))
          && server->n_refused >= MAX_REFUSED))
    {
      close (fd_taken);
      if (refusal != NULL)
        g_propagate_error (error, g_steal_pointer (&refusal));
      return FALSE;
    }
  client = client_new (server, fd_taken, &peer, is_read_only, error);
  if (client == NULL)
    {
      close (fd_taken);
      return FALSE;
    }
  if (refusal != NULL)
    {
      client->refusal = g_error_copy (refusal);
      server->n_refused++;
      g_propagate_error (error, g_steal_pointer (&refusal));
    }
  add (server, client);
  return client->refusal == NULL;
}

gboolean
vc_rpc_server_check_remote (const VcRpcServer *server, GError **error)
{
  static const VcRpcPeer stranger = { 0, (uid_t) -1, (gid_t) -1, NULL, NULL, NULL };

  if (server->n_remote >= server->limits.max_remote)
    return vc_fail (error, VC_ERROR_LIMIT, "there are %u clients from other hosts already", server->n_remote);
  return check_room (server, &stranger, error);
}

gboolean
vc_rpc_server_add_remote (VcRpcServer *server, int fd_taken, const VcRpcPeer *peer,
                          const VcRpcChannel *channel, gpointer self_taken, GError **error)
{
  VcRpcClient *client = NULL;

  g_assert (peer->address != NULL && peer->uid == (uid_t) -1);
  if (vc_rpc_server_check_remote (server, error))
    client = client_new (server, fd_taken, peer, FALSE, error);
  if (client == NULL)
    {
      channel->free (self_taken); /* it may still say good-bye through the descriptor */
      close (fd_taken);
      return FALSE;
    }
  client->channel = channel;
  client->channel_self = self_taken;
  server->n_remote++;
  add (server, client);
  return TRUE;
}

static void
on_connect (Watch *watch, guint32 events)
{
  Listener *listener = (Listener *) watch;
  VcRpcServer *server = listener->server;

  for (guint i = 0; i < BATCH; i++)
    {
      g_autoptr (GError) error = NULL;
      int fd = accept4 (watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

      if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
        continue;
      if (fd < 0 && errno != EAGAIN)
        vc_fail_errno (&error, errno, "cannot take a client");
      if (fd >= 0)
        vc_rpc_server_add (server, fd, listener->is_read_only, &error);
      if (error != NULL)
        server_trouble (server, NULL, error);
      if (fd < 0 && error != NULL)
        {
          pause_listening (server, 0);
          server_set_due (server, now_ms () + PAUSE_MS);
        }
      if (fd < 0)
        return;
    }
}

static void
listener_free (gpointer data)
{
  Listener *listener = data;

  watch_drop (listener->server, &listener->watch);
  g_free (listener);
}

gboolean
vc_rpc_server_listen (VcRpcServer *server, int fd_taken, gboolean is_read_only, GError **error)
{
  Listener *listener = g_new0 (Listener, 1);

  listener->watch = (Watch){ .fd = fd_taken, .on_ready = on_connect };
  listener->server = server;
  listener->is_read_only = is_read_only;
  g_ptr_array_add (server->listeners, listener);
  return g_unix_set_fd_nonblocking (fd_taken, TRUE, error)
         && watch_add (server, &listener->watch, EPOLLIN, error);
}

VcRpcServer *
vc_rpc_server_new (const VcRpcService *service, const VcRpcLimits *limits, GMainContext *context,
                   gpointer data, GError **error)
{
  int epoll = epoll_create1 (EPOLL_CLOEXEC);
  VcRpcServer *server;

  if (epoll < 0)
    {
      vc_fail_errno (error, errno, "cannot wait for clients");
      return NULL;
    }
  server = g_new0 (VcRpcServer, 1);
  server->service = service;
  server->limits = *limits;
  server->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  server->data = data;
  server->epoll = epoll;
  server->listeners = g_ptr_array_new_with_free_func (listener_free);
  server->clients = g_ptr_array_new ();
  server->dead = g_ptr_array_new_with_free_func (g_free);
  server->scratch = g_malloc (SCRATCH);
  server->answers = g_byte_array_new ();
  server->event = g_byte_array_new ();
  server->source = g_unix_fd_source_new (epoll, G_IO_IN);
  g_source_set_callback (server->source, G_SOURCE_FUNC (on_epoll), server, NULL);
  g_source_set_can_recurse (server->source, TRUE);
  g_source_attach (server->source, server->context);
  return server;
}

void
vc_rpc_server_free (VcRpcServer *server)
{
  if (server == NULL)
    return;
  g_ptr_array_set_size (server->listeners, 0);
  while (server->clients->len > 0)
    client_drop (g_ptr_array_index (server->clients, server->clients->len - 1), NULL);
  clear_timer (server);
  if (server->later != NULL)
    g_source_destroy (server->later);
  g_clear_pointer (&server->later, g_source_unref);
  g_source_destroy (server->source);
  g_source_unref (server->source);
  g_ptr_array_unref (server->listeners);
  g_ptr_array_unref (server->clients);
  g_ptr_array_unref (server->dead);
  g_byte_array_unref (server->answers);
  g_byte_array_unref (server->event);
  g_free (server->scratch);
  close (server->epoll);
  g_main_context_unref (server->context);
  g_free (server);
}

guint
vc_rpc_server_n_clients (const VcRpcServer *server)
{
  return server->clients->len;
}

void
vc_rpc_server_foreach (VcRpcServer *server, void (*fn) (VcRpcClient *client, gpointer data), gpointer data)
{
  for (guint i = server->clients->len; i-- > 0;)
    if (i < server->clients->len)
      fn (g_ptr_array_index (server->clients, i), data);
}
