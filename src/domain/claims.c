/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/chardev.h"
#include "devices/graphics.h"
#include "domain/internal.h"

/* A port, socket or terminal of the host that two devices of one guest want. */

/* What one device wants: a display may have a port for TLS as well. */
typedef struct
{
  VcClaim all[2];
  guint n;
  char ports[2][16];
} Claims;

static gboolean
is_everywhere (const char *address)
{
  return *address == '\0' || strcmp (address, "*") == 0 || strcmp (address, "0.0.0.0") == 0
         || strcmp (address, "::") == 0;
}

static void
add_port (Claims *claims, const VcGraphics *display, int port)
{
  char *text = claims->ports[claims->n];

  if (port <= 0 || display->listen_type != VC_LISTEN_ADDRESS)
    return;
  g_snprintf (text, sizeof claims->ports[0], "%d", port);
  claims->all[claims->n++]
      = (VcClaim){ VC_TCP_PORT, text, display->address != NULL ? display->address : VC_GRAPHICS_ADDRESS };
}

static void
find (const VcDevice *dev, Claims *ret_claims)
{
  ret_claims->n = 0;
  if (vc_is (dev, "graphics", NULL))
    {
      const VcGraphics *display = (const VcGraphics *) dev;

      add_port (ret_claims, display, display->port);
      add_port (ret_claims, display, display->tls_port);
    }
  else if (!vc_is (dev, "console", "serial") && vc_chardev_claim (dev, &ret_claims->all[0]))
    ret_claims->n = 1; /* such a console is its serial port under another name */
}

static gboolean
check (const VcDevice *dev, const VcClaim *a, const VcDevice *other, const VcClaim *b, GError **error)
{
  if (strcmp (a->what, b->what) != 0 || strcmp (a->name, b->name) != 0)
    return TRUE;
  if (a->at != NULL && !is_everywhere (a->at) && !is_everywhere (b->at) && strcmp (a->at, b->at) != 0)
    return TRUE;
  if (*a->name == '\0')
    return vc_device_fail (dev, error, "%s is taken by the <%s> in line %u", a->what, other->kind->element,
                           other->line);
  return vc_device_fail (dev, error, "%s '%s' is taken by the <%s> in line %u", a->what, a->name,
                         other->kind->element, other->line);
}

gboolean
vc_domain_check_claims (const VcDevice *dev, const VcDevice *other, GError **error)
{
  Claims its, others;

  find (dev, &its);
  find (other, &others);
  for (guint i = 0; i < its.n; i++)
    for (guint j = 0; j < others.n; j++)
      if (!check (dev, &its.all[i], other, &others.all[j], error))
        return FALSE;
  return TRUE;
}

gboolean
vc_domain_claims_port (const VcDomain *domain, guint port)
{
  g_autofree char *name = g_strdup_printf ("%u", port);
  Claims claims;

  for (guint i = 0; i < domain->devices->len; i++)
    {
      find (domain->devices->pdata[i], &claims);
      for (guint j = 0; j < claims.n; j++)
        if (strcmp (claims.all[j].what, VC_TCP_PORT) == 0 && strcmp (claims.all[j].name, name) == 0)
          return TRUE;
    }
  return FALSE;
}
