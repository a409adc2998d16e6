/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

gssize
vc_wire_read (VcWire *wire, guint8 *bytes, gsize len, GError **error)
{
  gssize got;

  if (wire->caller != NULL)
    return vc_tls_caller_read (wire->caller, bytes, len, error);
  do
    got = recv (wire->fd, bytes, len, MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  if (wire->tunnel != NULL && (got == 0 || (got < 0 && errno != EAGAIN)))
    g_propagate_error (error, vc_tunnel_explain (wire->tunnel));
  return got;
}

gssize
vc_wire_write (VcWire *wire, const guint8 *bytes, gsize len)
{
  gssize done;

  if (wire->caller != NULL)
    return vc_tls_caller_write (wire->caller, bytes, len);
  do
    done = send (wire->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (done < 0 && errno == EINTR);
  return done;
}

gboolean
vc_wire_has_more (const VcWire *wire)
{
  return wire->caller != NULL && vc_tls_caller_has_more (wire->caller);
}

void
vc_wire_close (VcWire *wire)
{
  g_clear_pointer (&wire->caller, vc_tls_caller_free);
  if (wire->fd >= 0)
    close (wire->fd);
  wire->fd = -1;
  g_clear_pointer (&wire->tunnel, vc_tunnel_free);
}
