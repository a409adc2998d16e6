/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "devices/controller-usb.h"
#include "domain/internal.h"

/* How this works
 *
 * A bus is a tree of hubs, the controller being the first.  Hubs are seated first, then devices
 * by class, each at the lowest free port: of the hub itself, else of the hubs behind its ports.
 * When there are more devices than ports, hubs are added before. */

#define HUB_PORTS 8u
#define MAX_DEPTH 4u

typedef struct Hub Hub;
struct Hub
{
  guint n;                    /* ports                                   */
  const VcDevice *taken[256]; /* by port - 1                             */
  Hub *hubs[256];             /* hub plugged into a port, or NULL        */
};

typedef struct
{
  VcDomain *domain;
  Hub *buses[256]; /* by controller's index                   */
} Seating;

static void
free_hub (Hub *hub)
{
  for (guint i = 0; hub != NULL && i < hub->n; i++)
    free_hub (hub->hubs[i]);
  g_free (hub);
}

static void
free_seating (Seating *self)
{
  for (guint i = 0; i < 256; i++)
    free_hub (self->buses[i]);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Seating, free_seating)

static Hub *
new_hub (guint n)
{
  Hub *hub = g_new0 (Hub, 1);

  hub->n = MIN (n, 255);
  return hub;
}

static gboolean
is_hub (const VcDevice *dev)
{
  return strcmp (dev->kind->element, "hub") == 0;
}

/* Put a device at a port ("1.2"). */
static gboolean
put (Seating *self, const VcDevice *dev, GError **error)
{
  guint bus = dev->seat.bus.value;
  g_auto (GStrv) parts = g_strsplit (dev->seat.port, ".", -1);
  guint n = g_strv_length (parts);
  Hub *hub = self->buses[bus];

  if (hub == NULL)
    return vc_device_fail (dev, error, "<address> @bus: there is no USB controller with index %u", bus);
  for (guint i = 0; i < n; i++)
    {
      guint port = (guint) atoi (parts[i]);

      if (port > hub->n)
        return vc_device_fail (dev, error,
                               "<address> @port: bus %u has no port %s: the hub there has %u ports", bus,
                               dev->seat.port, hub->n);
      if (i + 1 < n && hub->hubs[port - 1] == NULL)
        return vc_device_fail (dev, error, "<address> @port: there is no hub at port %u of %s on bus %u",
                               port, dev->seat.port, bus);
      if (i + 1 < n)
        {
          hub = hub->hubs[port - 1];
          continue;
        }
      if (hub->taken[port - 1] != NULL)
        return vc_device_fail (dev, error,
                               "<address> @port: port %s of bus %u is taken by the device in line %u",
                               dev->seat.port, bus, hub->taken[port - 1]->line);
      hub->taken[port - 1] = dev;
      if (is_hub (dev))
        hub->hubs[port - 1] = new_hub (HUB_PORTS);
    }
  return TRUE;
}

/* The lowest free port, as text behind prefix; NULL when there is none. */
static char *
find_port (const Hub *hub, const char *prefix, guint depth)
{
  for (guint i = 0; i < hub->n; i++)
    if (hub->taken[i] == NULL)
      return g_strdup_printf ("%s%u", prefix, i + 1);
  for (guint i = 0; depth + 1 < MAX_DEPTH && i < hub->n; i++)
    if (hub->hubs[i] != NULL)
      {
        g_autofree char *behind = g_strdup_printf ("%s%u.", prefix, i + 1);
        char *port = find_port (hub->hubs[i], behind, depth + 1);

        if (port != NULL)
          return port;
      }
  return NULL;
}

static gboolean
place (Seating *self, VcDevice *dev, GError **error)
{
  gboolean on_bus = dev->seat.type == VC_SEAT_USB && dev->seat.bus.set;

  for (guint bus = on_bus ? dev->seat.bus.value : 0; bus < (on_bus ? dev->seat.bus.value + 1 : 256); bus++)
    {
      g_autofree char *port = self->buses[bus] != NULL ? find_port (self->buses[bus], "", 0) : NULL;

      if (port == NULL)
        continue;
      vc_seat_usb (&dev->seat, bus, port);
      return put (self, dev, error);
    }
  return vc_device_fail (dev, error, "no USB port is free");
}

static void
find_buses (Seating *self)
{
  for (guint i = 0; i < self->domain->devices->len; i++)
    {
      const VcDevice *dev = self->domain->devices->pdata[i];
      guint index;

      if (!vc_is (dev, "controller", "usb") || vc_usb_ports (dev) == 0)
        continue;
      index = ((const VcController *) dev)->index.value;
      if (self->buses[index] == NULL)
        self->buses[index] = new_hub (vc_usb_ports (dev));
    }
}

static void
add_hubs (VcDomain *domain)
{
  guint ports = 0, devices = 0, hubs = 0;

  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];

      if (vc_is (dev, "controller", "usb"))
        ports += vc_usb_ports (dev);
      if (is_hub (dev))
        ports += HUB_PORTS;
      devices += dev->bus == &vc_bus_usb;
    }
  if (devices > ports)
    hubs = (devices - ports + 1 + HUB_PORTS - 2) / (HUB_PORTS - 1);
  while (hubs-- > 0)
    {
      VcDevice *dev = vc_device_new (vc_kind_find ("hub-usb"));

      dev->origin = domain->origin;
      vc_domain_add (domain, dev);
    }
}

static guint
count_free (const Hub *hub, guint depth)
{
  guint n = 0;

  for (guint i = 0; hub != NULL && depth < MAX_DEPTH && i < hub->n; i++)
    n += hub->taken[i] == NULL ? 1 : count_free (hub->hubs[i], depth + 1);
  return n;
}

/* Who is seated first: libvirt's order of classes. */
static gboolean
in_class (const VcDevice *dev, guint class)
{
  static const char *const classes[]
      = { "hub", "hostdev", "disk", "controller", "input", "serial", "sound", "redirdev" };

  return class < G_N_ELEMENTS (classes) && strcmp (dev->kind->element, classes[class]) == 0;
}

static gboolean
keep_given (Seating *self, gboolean hubs, GError **error)
{
  for (guint depth = 1; depth <= MAX_DEPTH; depth++) /* a hub before what is behind it */
    for (guint i = 0; i < self->domain->devices->len; i++)
      {
        VcDevice *dev = self->domain->devices->pdata[i];
        guint dots = 1;

        if (dev->bus != &vc_bus_usb || !vc_seat_placed (&dev->seat) || is_hub (dev) != hubs)
          continue;
        for (const char *c = dev->seat.port; *c != '\0'; c++)
          dots += *c == '.';
        if (dots != depth)
          continue;
        dev->seat.bus = vc_u32 (vc_u32_or (dev->seat.bus, 0));
        if (!put (self, dev, error))
          return FALSE;
      }
  return TRUE;
}

gboolean
vc_domain_has_usb (const VcDomain *domain)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];

      if (vc_is (dev, "controller", "usb") && vc_usb_is_none (dev))
        return FALSE;
    }
  return TRUE;
}

gboolean
vc_seat_all_usb (VcDomain *domain, GError **error)
{
  g_autoptr (Seating) self = NULL;

  if (!vc_domain_has_usb (domain))
    {
      for (guint i = 0; i < domain->devices->len; i++)
        {
          const VcDevice *dev = domain->devices->pdata[i];

          if (dev->bus == &vc_bus_usb)
            return vc_device_fail (
                dev, error,
                "needs USB, and <controller type='usb' model='none'/> says that the guest has none");
        }
      return TRUE;
    }
  add_hubs (domain);
  self = g_new0 (Seating, 1);
  self->domain = domain;
  find_buses (self);
  if (!keep_given (self, TRUE, error) || !keep_given (self, FALSE, error))
    return FALSE;
  for (guint class = 0; class < 8; class ++)
    for (guint i = 0; i < domain->devices->len; i++)
      {
        VcDevice *dev = domain->devices->pdata[i];

        if (dev->bus == &vc_bus_usb && in_class (dev, class) && !vc_seat_placed (&dev->seat)
            && !place (self, dev, error))
          return FALSE;
      }
  return TRUE;
}

gboolean
vc_seat_grow_usb (VcDomain *domain, guint n, const VcDevice *dev, GError **error)
{
  g_autoptr (Seating) self = g_new0 (Seating, 1);
  guint all = 0, shallow = 0;
  VcDevice *hub;

  self->domain = domain;
  find_buses (self);
  if (n == 0 || !vc_domain_has_usb (domain))
    return TRUE; /* or the seating says why not */
  if (!keep_given (self, TRUE, error) || !keep_given (self, FALSE, error))
    return FALSE;
  for (guint bus = 0; bus < 256; bus++)
    {
      all += count_free (self->buses[bus], 0);
      shallow += count_free (self->buses[bus], 1); /* a hub there has ports that can be used */
    }
  if (all < n)
    return vc_device_fail (dev, error, "no USB port is free");
  if (all > n || shallow == 0)
    return TRUE;
  hub = vc_device_new (vc_kind_find ("hub-usb"));
  hub->origin = domain->origin;
  vc_domain_add (domain, hub);
  return TRUE;
}
