/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "join/frame.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/error.h"

#define HEAD 4u

/* Returns: FALSE with error when the time is up. */
static gboolean
wait_for (const VcFrameWay *way, short events, gint64 deadline, GError **error)
{
  for (;;)
    {
      struct pollfd p = { .fd = way->fd, .events = events };
      gint64 left = (deadline - g_get_monotonic_time () + 999) / 1000;
      int ready = left > 0 ? poll (&p, 1, (int) MIN (left, G_MAXINT)) : 0;

      if (ready > 0)
        return TRUE;
      if (ready == 0 || errno != EINTR)
        return vc_fail (error, VC_ERROR_GONE, "it did not answer in time");
    }
}

static gboolean
send_all (const VcFrameWay *way, const guint8 *bytes, gsize len, gint64 deadline, GError **error)
{
  while (len > 0)
    {
      gssize n = way->write (way->data, bytes, len);

      if (n < 0 && errno != EAGAIN && errno != EINTR)
        return vc_fail (error, VC_ERROR_GONE, "it has closed the connection");
      if (n < 0 && !wait_for (way, POLLOUT, deadline, error))
        return FALSE;
      if (n > 0)
        {
          bytes += n;
          len -= (gsize) n;
        }
    }
  return TRUE;
}

static gboolean
receive_all (const VcFrameWay *way, guint8 *bytes, gsize len, gint64 deadline, GError **error)
{
  while (len > 0)
    {
      g_autoptr (GError) why = NULL;
      gssize n = way->read (way->data, bytes, len, &why);

      if (why != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return vc_fail (error, VC_ERROR_GONE, "it has closed the connection");
      if (n < 0 && !wait_for (way, POLLIN, deadline, error))
        return FALSE;
      if (n > 0)
        {
          bytes += n;
          len -= (gsize) n;
        }
    }
  return TRUE;
}

gboolean
vc_frame_send (const VcFrameWay *way, const guint8 *bytes, gsize len, gint64 deadline, GError **error)
{
  g_autoptr (GByteArray) whole = g_byte_array_sized_new ((guint) (HEAD + len));
  guint32 head = GUINT32_TO_BE ((guint32) len);

  g_assert (len <= VC_FRAME_MAX);
  g_byte_array_append (whole, (const guint8 *) &head, HEAD);
  g_byte_array_append (whole, bytes, (guint) len);
  return send_all (way, whole->data, whole->len, deadline, error);
}

GByteArray *
vc_frame_receive (const VcFrameWay *way, gsize max, gint64 deadline, GError **error)
{
  g_autoptr (GByteArray) body = NULL;
  guint32 head;

  if (!receive_all (way, (guint8 *) &head, HEAD, deadline, error))
    return NULL;
  head = GUINT32_FROM_BE (head);
  if (head > max)
    return vc_fail_null (error, VC_ERROR_PROTOCOL, "it announced a message of %u bytes", head);
  body = g_byte_array_sized_new (head + 1);
  g_byte_array_set_size (body, head + 1);
  if (!receive_all (way, body->data, head, deadline, error))
    return NULL;
  body->data[head] = 0;
  g_byte_array_set_size (body, head);
  return g_steal_pointer (&body);
}

static gssize
socket_read (gpointer data, guint8 *bytes, gsize len, GError **error)
{
  return recv (*(const int *) data, bytes, len, MSG_DONTWAIT);
}

static gssize
socket_write (gpointer data, const guint8 *bytes, gsize len)
{
  return send (*(const int *) data, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

VcFrameWay
vc_frame_socket (const int *fd)
{
  return (VcFrameWay){ *fd, (gpointer) fd, socket_read, socket_write };
}
