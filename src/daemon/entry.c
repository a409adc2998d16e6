/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/entry.h"

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/shake.h"
#include "daemon/sockets.h"
#include "pki/away.h"

/* How this works
 *
 *                 something to read                    done
 *   accept -- WAITING ---------------> WORKING (thread) ------> on_in, on_join, on_refused
 *                ^                        |
 *                +---- wants more --------+
 *
 * One that says nothing is a descriptor and a few words of memory: TLS begins with its first byte.  While a
 * thread has it, nobody else touches it; one whose time is over meanwhile is forgotten when it comes back.
 * They stand in the order in which they came, so the first is the next to be late.  The threads are nicer
 * than we: who has come in already goes first.
 *
 * When there is no room for one more, the oldest has to go that has said nothing, else the oldest: but each
 * is given the time that an honest one needs.  Until then the others wait in the listening socket, so that
 * many honest ones that come at once all come in.
 */

#define BATCH    64
#define NICE     5
#define PAUSE_MS 200 /* until it is tried again whether there are descriptors */
#define ROOM_MS  20  /* … and whether there is room                           */
#define TLS_BYTE 0x16

#define SILENT_MS 50  /* how long one may stay that has said nothing, when others wait */
#define BUSY_MS   500 /* … and one that has                                            */

typedef enum
{
  LISTENER,
  RESULTS,
  HALF,
} Sort;

typedef struct
{
  Sort sort;
  int fd;
} Watch;

/* A connection that is not a client yet. */
typedef struct
{
  Watch watch;
  VcEntry *entry;
  char *address;
  VcShake shake;
  gint64 born; /* ms */
  GList *link;
  gboolean is_working;
  gboolean is_over; /* forgotten, and a thread has it */
} Half;

struct VcEntry
{
  VcEntryLimits limits;
  const VcEntryUser *user;
  gpointer data;
  int epoll;
  guint source, timer, pause;
  GPtrArray *listeners;
  Watch results; /* an eventfd: threads have put something into back */
  GAsyncQueue *back;
  GThreadPool *pool;
  GQueue halves;   /* in the order in which they came */
  guint n_over;    /* with a thread, besides those    */
  GPtrArray *dead; /* that the loop may hold events of */
};

static gint64
now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

static gboolean
wait_for (VcEntry *self, Watch *watch, int how, guint32 events, GError **error)
{
  struct epoll_event event = { .events = events, .data.ptr = watch };

  return epoll_ctl (self->epoll, how, watch->fd, &event) == 0
         || vc_fail_errno (error, errno, "cannot wait for a connection");
}

/* Connections. */

static void
half_free (gpointer data)
{
  Half *half = data;

  vc_shake_clear (&half->shake);
  if (half->watch.fd >= 0)
    close (half->watch.fd);
  g_free (half->address);
  g_free (half);
}

/* Takes it out; it is freed after the batch, or when its thread has done with it. */
static void
forget (Half *half)
{
  VcEntry *self = half->entry;

  g_queue_delete_link (&self->halves, half->link);
  half->link = NULL;
  half->is_over = TRUE;
  if (half->is_working)
    self->n_over++;
  else
    {
      if (half->watch.fd >= 0)
        close (half->watch.fd);
      half->watch.fd = -1;
      g_ptr_array_add (self->dead, half);
    }
}

static void G_GNUC_PRINTF (2, 3) refuse (Half *half, const char *fmt, ...)
{
  g_autoptr (GError) why = NULL;
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  vc_fail (&why, VC_ERROR_DENIED, "%s", words);
  half->entry->user->on_refused (half->address, NULL, why, half->entry->data);
  forget (half);
}

/* In a thread. */
static void
work (gpointer data, gpointer entry)
{
  static _Thread_local gboolean is_nice;
  Half *half = data;
  VcEntry *self = entry;
  const guint64 one = 1;

  if (!is_nice)
    setpriority (PRIO_PROCESS, 0, getpriority (PRIO_PROCESS, 0) + NICE); /* of this thread alone, on Linux */
  is_nice = TRUE;
  /* When nobody waits for this thread, it may wait itself: that saves two ways through the loop. */
  vc_shake_go_on (&half->shake, half->watch.fd, self->limits.allowed, self->limits.no_verify,
                  g_thread_pool_unprocessed (self->pool) == 0);
  g_async_queue_push (self->back, half);
  if (write (self->results.fd, &one, sizeof one) < 0)
    g_assert (errno == EAGAIN); /* it is ready already */
}

static void
come_in (Half *half)
{
  VcEntry *self = half->entry;
  int fd = half->watch.fd;

  epoll_ctl (self->epoll, EPOLL_CTL_DEL, fd, NULL);
  half->watch.fd = -1;
  if (vc_tls_session_is_join (half->shake.session))
    self->user->on_join (fd, g_steal_pointer (&half->shake.session), half->address, self->data);
  else
    self->user->on_in (fd, g_steal_pointer (&half->shake.session), half->address, self->data);
  forget (half);
}

static void
come_back (Half *half)
{
  VcEntry *self = half->entry;

  half->is_working = FALSE;
  if (half->is_over)
    {
      self->n_over--;
      g_ptr_array_add (self->dead, half);
    }
  else if (half->shake.why != NULL)
    {
      self->user->on_refused (half->address,
                              half->shake.session != NULL ? vc_tls_session_peer (half->shake.session) : NULL,
                              half->shake.why, self->data);
      forget (half);
    }
  else if (half->shake.step == VC_TLS_DONE)
    come_in (half);
  else if (!wait_for (self, &half->watch, EPOLL_CTL_MOD,
                      (half->shake.step == VC_TLS_READ ? EPOLLIN : EPOLLOUT) | EPOLLONESHOT, NULL))
    forget (half);
}

static void
on_results (VcEntry *self)
{
  guint64 n;
  Half *half;

  if (read (self->results.fd, &n, sizeof n) < 0)
    g_assert (errno == EAGAIN);
  while ((half = g_async_queue_try_pop (self->back)) != NULL)
    come_back (half);
}

/* Its first byte says whether there is any use in beginning. */
static gboolean
begin (Half *half)
{
  VcEntry *self = half->entry;
  g_autoptr (GError) why = NULL;
  VcCredential *credential;
  guint8 byte;
  gssize n = recv (half->watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

  if (n <= 0)
    {
      forget (half); /* it just went */
      return FALSE;
    }
  if (byte != TLS_BYTE)
    {
      refuse (half, "it does not speak TLS");
      return FALSE;
    }
  credential = self->user->credential (self->data, &why);
  if (credential == NULL)
    {
      vc_tls_turn_away (half->watch.fd);
      refuse (half, "%s", why->message);
      return FALSE;
    }
  half->shake.credential = vc_credential_ref (credential);
  half->shake.may_join = self->user->may_join != NULL && self->user->may_join (self->data);
  return TRUE;
}

static void
on_ready (Half *half)
{
  if (half->shake.credential == NULL && !begin (half))
    return;
  half->is_working = TRUE;
  g_thread_pool_push (half->entry->pool, half, NULL);
}

/* Time. */

static void set_timer (VcEntry *self);

static gboolean
on_due (gpointer data)
{
  VcEntry *self = data;
  Half *half;

  self->timer = 0;
  while ((half = g_queue_peek_head (&self->halves)) != NULL && half->born + self->limits.ms <= now_ms ())
    refuse (half, "it did not end the handshake within %u second%s", self->limits.ms / 1000,
            self->limits.ms == 1000 ? "" : "s");
  g_ptr_array_set_size (self->dead, 0);
  set_timer (self);
  return G_SOURCE_REMOVE;
}

static void
set_timer (VcEntry *self)
{
  const Half *half = g_queue_peek_head (&self->halves);

  if (self->timer == 0 && half != NULL)
    self->timer = g_timeout_add ((guint) MAX (half->born + self->limits.ms - now_ms (), 1), on_due, self);
}

/* Taking them. */

static gboolean
is_full (const VcEntry *self)
{
  return self->halves.length + self->n_over >= self->limits.max;
}

/* One that a thread has would not save the thread anything, and goes soon. */
static gboolean
make_room (VcEntry *self)
{
  gint64 now = now_ms ();
  Half *oldest = NULL;

  for (GList *at = self->halves.head; at != NULL; at = at->next)
    {
      Half *half = at->data;

      if (half->is_working || now < half->born + (half->shake.credential != NULL ? BUSY_MS : SILENT_MS))
        continue;
      if (oldest == NULL || half->shake.credential == NULL)
        oldest = half;
      if (half->shake.credential == NULL)
        break;
    }
  if (oldest == NULL)
    return FALSE;
  refuse (oldest, "there are %u unfinished handshakes, and it was the oldest", self->limits.max);
  return TRUE;
}

static void
add (VcEntry *self, int fd, const struct sockaddr_storage *address, socklen_t len)
{
  const int on = 1;
  Half *half = g_new0 (Half, 1);

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  half->watch = (Watch){ HALF, fd };
  half->entry = self;
  half->address = vc_address_print (address, len);
  half->born = now_ms ();
  g_queue_push_tail (&self->halves, half);
  half->link = self->halves.tail;
  if (wait_for (self, &half->watch, EPOLL_CTL_ADD, EPOLLIN | EPOLLONESHOT, NULL))
    set_timer (self);
  else
    forget (half);
}

static void
set_listening (VcEntry *self, guint32 events)
{
  for (guint i = 0; i < self->listeners->len; i++)
    wait_for (self, self->listeners->pdata[i], EPOLL_CTL_MOD, events, NULL);
}

static gboolean
on_pause_over (gpointer data)
{
  VcEntry *self = data;

  self->pause = 0;
  set_listening (self, EPOLLIN);
  return G_SOURCE_REMOVE;
}

static void
pause_listening (VcEntry *self, guint ms)
{
  set_listening (self, 0);
  if (self->pause == 0)
    self->pause = g_timeout_add (ms, on_pause_over, self);
}

static void
on_connect (VcEntry *self, int listener)
{
  for (guint i = 0; i < BATCH; i++)
    {
      struct sockaddr_storage address;
      socklen_t len = sizeof address;
      int fd;

      if (i > 0 && is_full (self))
        return; /* whether somebody waits is told anew */
      if (is_full (self) && !make_room (self))
        {
          pause_listening (self, ROOM_MS);
          return;
        }
      fd = accept4 (listener, (struct sockaddr *) &address, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

      if (fd >= 0)
        add (self, fd, &address, len);
      else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        {
          pause_listening (self, PAUSE_MS);
          return;
        }
      else if (errno == EAGAIN || errno == EBADF || errno == EINVAL)
        return;
    }
}

static gboolean
on_epoll (gint fd, GIOCondition condition, gpointer data)
{
  VcEntry *self = data;
  struct epoll_event events[BATCH];
  int n = epoll_wait (self->epoll, events, BATCH, 0);

  for (int i = 0; i < n; i++)
    {
      Watch *watch = events[i].data.ptr;

      if (watch->fd < 0)
        continue;
      if (watch->sort == LISTENER)
        on_connect (self, watch->fd);
      else if (watch->sort == RESULTS)
        on_results (self);
      else if (!((Half *) watch)->is_working)
        on_ready ((Half *) watch);
    }
  g_ptr_array_set_size (self->dead, 0);
  return G_SOURCE_CONTINUE;
}

static void
listener_free (gpointer data)
{
  Watch *watch = data;

  close (watch->fd);
  g_free (watch);
}

gboolean
vc_entry_listen (VcEntry *self, int fd_taken, GError **error)
{
  Watch *watch = g_new0 (Watch, 1);

  *watch = (Watch){ LISTENER, fd_taken };
  g_ptr_array_add (self->listeners, watch);
  return g_unix_set_fd_nonblocking (fd_taken, TRUE, error)
         && wait_for (self, watch, EPOLL_CTL_ADD, EPOLLIN, error);
}

VcEntry *
vc_entry_new (const VcEntryLimits *limits, const VcEntryUser *user, gpointer data, GError **error)
{
  g_autoptr (VcEntry) self = g_new0 (VcEntry, 1);

  self->limits = *limits;
  self->user = user;
  self->data = data;
  self->listeners = g_ptr_array_new_with_free_func (listener_free);
  self->dead = g_ptr_array_new_with_free_func (half_free);
  self->back = g_async_queue_new ();
  g_queue_init (&self->halves);
  self->results = (Watch){ RESULTS, eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK) };
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (self->results.fd < 0 || self->epoll < 0)
    {
      vc_fail_errno (error, errno, "cannot wait for connections");
      return NULL;
    }
  if (!wait_for (self, &self->results, EPOLL_CTL_ADD, EPOLLIN, error))
    return NULL;
  /* Threads of its own: they are made nicer, and that cannot be taken back. */
  self->pool = g_thread_pool_new (work, self, (int) limits->workers, TRUE, error);
  if (self->pool == NULL)
    return NULL;
  self->source = g_unix_fd_add (self->epoll, G_IO_IN, on_epoll, self);
  return g_steal_pointer (&self);
}

static void
remove_source (guint id)
{
  if (id != 0)
    g_source_remove (id);
}

void
vc_entry_free (VcEntry *self)
{
  Half *half;

  if (self == NULL)
    return;
  remove_source (self->source);
  remove_source (self->timer);
  remove_source (self->pause);
  if (self->pool != NULL)
    g_thread_pool_free (self->pool, FALSE, TRUE); /* all of them come back */
  while ((half = g_async_queue_try_pop (self->back)) != NULL)
    {
      half->is_working = FALSE;
      if (half->is_over)
        half_free (half);
    }
  while ((half = g_queue_pop_head (&self->halves)) != NULL)
    half_free (half);
  g_ptr_array_unref (self->listeners);
  g_ptr_array_unref (self->dead);
  g_async_queue_unref (self->back);
  if (self->results.fd >= 0)
    close (self->results.fd);
  if (self->epoll >= 0)
    close (self->epoll);
  g_free (self);
}
