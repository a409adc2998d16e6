/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

/* How this works
 *
 * The system's resolver cannot be told how long it may take: it has a thread of its own, which puts what it
 * found into a queue.  Whoever has stopped waiting leaves the queue to the thread.  An address gets its
 * share of the time that is left, so that one that is silent leaves some for the next.
 */

typedef struct
{
  int rc;
  int errsv;
  struct addrinfo *list;
} Found;

typedef struct
{
  char *host;
  char *port;
  GAsyncQueue *queue; /* of Found */
} Search;

static void
found_free (gpointer data)
{
  Found *found = data;

  if (found->list != NULL)
    freeaddrinfo (found->list);
  g_free (found);
}

static gpointer
search_in_thread (gpointer data)
{
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
  Search *search = data;
  Found *found = g_new0 (Found, 1);

  found->rc = getaddrinfo (search->host, search->port, &hints, &found->list);
  found->errsv = errno;
  g_async_queue_push (search->queue, found);
  g_async_queue_unref (search->queue);
  g_free (search->host);
  g_free (search->port);
  g_free (search);
  return NULL;
}

static gint64
left_us (gint64 deadline)
{
  return MAX (deadline - g_get_monotonic_time (), 0);
}

/* Returns: new (found_free), with a list, or NULL with error. */
static Found *
find (const char *host, guint port, gint64 deadline, GError **error)
{
  g_autoptr (GAsyncQueue) queue = g_async_queue_new_full (found_free);
  Search *search = g_new (Search, 1);
  GThread *thread;
  Found *found;

  *search = (Search){ g_strdup (host), g_strdup_printf ("%u", port), g_async_queue_ref (queue) };
  thread = g_thread_new ("name", search_in_thread, search);
  g_thread_unref (thread);
  found = g_async_queue_timeout_pop (queue, (guint64) left_us (deadline));
  if (found == NULL)
    return vc_fail_null (error, VC_ERROR_GONE, "its address was not found in time");
  if (found->rc == 0)
    return found;
  vc_fail (error, VC_ERROR_NOT_FOUND, "its address cannot be found: %s",
           found->rc == EAI_SYSTEM ? g_strerror (found->errsv) : gai_strerror (found->rc));
  found_free (found);
  return NULL;
}

gboolean
vc_dial_wait (int fd, short events, gint64 deadline)
{
  for (;;)
    {
      struct pollfd p = { .fd = fd, .events = events };
      gint64 left_ms = (left_us (deadline) + 999) / 1000;
      int ready = poll (&p, 1, (int) MIN (left_ms, G_MAXINT));

      if (ready > 0)
        return TRUE;
      if (ready == 0 || errno != EINTR)
        return FALSE;
    }
}

static char *
print_address (const struct addrinfo *at)
{
  char text[NI_MAXHOST];

  if (getnameinfo (at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
    return g_strdup ("?");
  return g_strdup (text);
}

/* Returns: a descriptor, or -1 with errno. */
static int
connect_to (const struct addrinfo *to, gint64 deadline)
{
  int fd = socket (to->ai_family, to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->ai_protocol);
  int errsv = 0, on = 1;
  socklen_t size = sizeof errsv;

  if (fd < 0)
    return -1;
  if (connect (fd, to->ai_addr, to->ai_addrlen) < 0)
    errsv = errno;
  if (errsv == EINPROGRESS && !vc_dial_wait (fd, POLLOUT, deadline))
    errsv = ETIMEDOUT;
  else if (errsv == EINPROGRESS && getsockopt (fd, SOL_SOCKET, SO_ERROR, &errsv, &size) < 0)
    errsv = errno;
  if (errsv == 0)
    {
      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return fd;
    }
  close (fd);
  errno = errsv;
  return -1;
}

static guint
count (const struct addrinfo *list)
{
  guint n = 0;

  for (; list != NULL; list = list->ai_next)
    n++;
  return n;
}

/* Adds why it failed to reasons. */
static int
try_all (const struct addrinfo *list, gint64 deadline, char **ret_address, GString *reasons)
{
  for (const struct addrinfo *at = list; at != NULL; at = at->ai_next)
    {
      g_autofree char *address = print_address (at);
      gint64 now = g_get_monotonic_time ();
      int fd = connect_to (at, now + MAX (deadline - now, 0) / count (at));
      const char *why = fd >= 0                 ? NULL
                        : errno == ECONNREFUSED ? "nobody listens there"
                        : errno == ETIMEDOUT    ? "no answer"
                                                : g_strerror (errno);

      if (fd >= 0)
        {
          *ret_address = g_steal_pointer (&address);
          return fd;
        }
      g_string_append_printf (reasons, "%s%s: %s", reasons->len > 0 ? "; " : "", address, why);
    }
  return -1;
}

static void
tell_name (VcSteps *steps, const char *host, const struct addrinfo *list)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (const struct addrinfo *at = list; at != NULL; at = at->ai_next)
    {
      g_autofree char *address = print_address (at);

      g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", address);
    }
  vc_steps_ok (steps, VC_STEP_NAME, "'%s' is %s", host, out->str);
}

int
vc_dial (const char *host, guint port, gint64 deadline, VcSteps *steps, char **ret_where, GError **error)
{
  g_autofree char *name = g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
  g_autoptr (GString) reasons = g_string_new (NULL);
  g_autofree char *address = NULL;
  Found *found = find (host, port, deadline, error);
  int fd;

  if (found == NULL)
    {
      vc_prefix (error, "%s: ", name);
      return -1;
    }
  tell_name (steps, host, found->list);
  fd = try_all (found->list, deadline, &address, reasons);
  found_free (found);
  if (fd < 0)
    {
      vc_fail (error, VC_ERROR_GONE, "cannot connect to %s: %s", name, reasons->str);
      return -1;
    }
  *ret_where
      = g_strcmp0 (address, host) == 0 ? g_steal_pointer (&name) : g_strdup_printf ("%s (%s)", name, address);
  vc_steps_ok (steps, VC_STEP_PORT, "somebody listens at %s", *ret_where);
  return fd;
}
