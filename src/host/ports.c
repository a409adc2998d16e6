/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/ports.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "devices/graphics.h"
#include "host/place.h"

#define LAST 65535u

/* 0, or the number of the system error. */
static int
try_to_listen (const struct addrinfo *at)
{
  const int yes = 1;
  int fd = socket (at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int errsv = 0;

  if (fd < 0)
    return errno == EAFNOSUPPORT ? 0 : errno;
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (at->ai_family == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  if (bind (fd, at->ai_addr, at->ai_addrlen) < 0 || listen (fd, 1) < 0)
    errsv = errno;
  close (fd);
  return errsv;
}

gboolean
vc_port_check (const char *address, guint port, GError **error)
{
  const struct addrinfo hints
      = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
  g_autofree char *service = g_strdup_printf ("%u", port);
  const char *host = g_strcmp0 (address, "localhost") == 0 ? "127.0.0.1" : address;
  struct addrinfo *list = NULL;
  int errsv = 0;

  if (getaddrinfo (host, service, &hints, &list) != 0)
    return TRUE;
  for (const struct addrinfo *at = list; at != NULL && errsv == 0; at = at->ai_next)
    errsv = try_to_listen (at);
  freeaddrinfo (list);
  if (errsv == EADDRINUSE)
    return vc_fail (error, VC_ERROR_BUSY, "port %u of %s is taken", port,
                    address != NULL ? address : "this host");
  if (errsv != 0)
    return vc_fail_errno (error, errsv, "cannot listen on port %u of %s", port,
                          address != NULL ? address : "this host");
  return TRUE;
}

static const char *
get_address (const VcGraphics *self)
{
  return self->address != NULL ? self->address : VC_GRAPHICS_ADDRESS;
}

/* A free port after *last, which it becomes. */
static gboolean
find (const VcDomain *domain, const VcGraphics *self, guint *last, int *ret_port, GError **error)
{
  while (++*last <= LAST)
    {
      g_autoptr (GError) why = NULL;

      if (vc_domain_claims_port (domain, *last)) /* nobody listens there yet */
        continue;
      if (vc_port_check (get_address (self), *last, &why))
        {
          *ret_port = (int) *last;
          return TRUE;
        }
      if (!g_error_matches (why, VC_ERROR, VC_ERROR_BUSY)) /* the next one would not do either */
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return vc_place_prefix (&self->base, error);
        }
    }
  vc_fail (error, VC_ERROR_LIMIT, "no port of %s from %u to %u is free", get_address (self), VC_PORT_FIRST,
           LAST);
  return vc_place_prefix (&self->base, error);
}

static VcGraphics *
nth (const VcDomain *domain, guint n)
{
  return (VcGraphics *) vc_peers_find (vc_domain_peers ((VcDomain *) domain), "graphics", NULL, n);
}

gboolean
vc_ports_find (VcDomain *domain, gboolean has_tls, GError **error)
{
  guint last = VC_PORT_FIRST - 1;
  VcGraphics *self;

  for (guint n = 0; (self = nth (domain, n)) != NULL; n++)
    {
      if (self->listen_type != VC_LISTEN_ADDRESS)
        continue;
      if (self->autoport == VC_TRI_YES)
        {
          self->port = -1;
          self->tls_port = has_tls && vc_is (&self->base, "graphics", "spice") ? -1 : 0;
        }
      if ((self->port == -1 && !find (domain, self, &last, &self->port, error))
          || (self->tls_port == -1 && has_tls && !find (domain, self, &last, &self->tls_port, error)))
        return FALSE;
    }
  return TRUE;
}

static void
check (const VcGraphics *self, int port, GPtrArray *errors)
{
  GError *error = NULL;

  if (port <= 0 || vc_port_check (get_address (self), (guint) port, &error))
    return;
  vc_place_prefix (&self->base, &error);
  g_ptr_array_add (errors, error);
}

void
vc_ports_check (const VcDomain *domain, GPtrArray *errors)
{
  VcGraphics *self;

  for (guint n = 0; (self = nth (domain, n)) != NULL; n++)
    if (self->autoport != VC_TRI_YES && self->listen_type == VC_LISTEN_ADDRESS) /* -1: any */
      {
        check (self, self->port, errors);
        check (self, self->tls_port, errors);
      }
}

static gboolean
is_taken (const VcGraphics *self, int port)
{
  return port > 0 && !vc_port_check (get_address (self), (guint) port, NULL);
}

gboolean
vc_ports_are_lost (const VcDomain *domain)
{
  VcGraphics *self;

  for (guint n = 0; (self = nth (domain, n)) != NULL; n++)
    if (self->autoport == VC_TRI_YES && self->listen_type == VC_LISTEN_ADDRESS
        && (is_taken (self, self->port) || is_taken (self, self->tls_port)))
      return TRUE;
  return FALSE;
}
