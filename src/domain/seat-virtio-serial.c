/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/controller-virtio-serial.h"
#include "domain/internal.h"

#include <string.h>

/* Ports of virtio-serial controllers.  Port 0 is for consoles.  A console's automatic place is
 * counted but left to QEMU, as libvirt does: it takes the first free port, consoles last. */

#define MAX_CONTROLLERS 256u

typedef struct
{
  VcDomain *domain;
  const VcDevice **taken[MAX_CONTROLLERS]; /* by port; NULL: nothing there yet */
} Seating;

static void
free_seating (Seating *self)
{
  for (guint i = 0; i < MAX_CONTROLLERS; i++)
    g_free (self->taken[i]);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Seating, free_seating)

/* Who has the ports of a controller. */
static const VcDevice **
taken (Seating *self, guint index)
{
  if (self->taken[index] == NULL)
    self->taken[index] = g_new0 (const VcDevice *, VC_VIRTIO_SERIAL_PORTS);
  return self->taken[index];
}

static guint
ports_of (const Seating *self, guint index)
{
  const VcDevice *controller = vc_peers_controller (vc_domain_peers (self->domain), "virtio-serial", index);

  return controller != NULL ? vc_virtio_serial_ports (controller) : 0;
}

static gboolean
is_console (const VcDevice *dev)
{
  return strcmp (dev->kind->element, "console") == 0;
}

static gboolean
keep (Seating *self, const VcDevice *dev, GError **error)
{
  guint index = vc_u32_or (dev->seat.controller, 0), port = dev->seat.nr.value;

  if (vc_u32_or (dev->seat.bus, 0) != 0)
    return vc_device_fail (dev, error, "<address> @bus: a virtio-serial controller has one bus, 0, not %u",
                           dev->seat.bus.value);
  if (port >= ports_of (self, index))
    return vc_device_fail (dev, error, "<address> @port: controller %u has the ports 0 to %u, not %u", index,
                           ports_of (self, index) - 1, port);
  if (taken (self, index)[port] != NULL)
    return vc_device_fail (dev, error,
                           "<address> @port: port %u of controller %u is taken by the device in line %u",
                           port, index, taken (self, index)[port]->line);
  taken (self, index)[port] = dev;
  return TRUE;
}

/* The lowest free port of a controller, or G_MAXUINT. */
static guint
find_port (Seating *self, guint index, guint first)
{
  guint n = ports_of (self, index);

  for (guint port = first; port < n; port++)
    if (taken (self, index)[port] == NULL)
      return port;
  return G_MAXUINT;
}

/* A console's place is counted and not written down. */
static void
put (Seating *self, VcDevice *dev, guint index, guint port)
{
  taken (self, index)[port] = dev;
  if (is_console (dev))
    {
      dev->seat.counted = dev->seat.type == VC_SEAT_NONE;
      if (!dev->seat.counted)
        return;
      dev->seat.controller = vc_u32 (index);
      dev->seat.nr = vc_u32 (port);
      return;
    }
  dev->seat.type = VC_SEAT_VIRTIO_SERIAL;
  dev->seat.controller = vc_u32 (index);
  dev->seat.bus = vc_u32 (0);
  dev->seat.nr = vc_u32 (port);
}

static gboolean
place (Seating *self, VcDevice *dev, GError **error)
{
  gboolean on_one = dev->seat.type == VC_SEAT_VIRTIO_SERIAL;
  guint first = is_console (dev) && !on_one ? 0 : 1, index, port;

  if (on_one)
    {
      index = vc_u32_or (dev->seat.controller, 0);
      port = find_port (self, index, first);
      if (port == G_MAXUINT)
        return vc_device_fail (dev, error,
                               "<address> @controller: virtio-serial controller %u has no free port", index);
      put (self, dev, index, port);
      return TRUE;
    }
  for (index = 0; index < MAX_CONTROLLERS; index++)
    {
      port = find_port (self, index, first);
      if (port == G_MAXUINT)
        continue;
      put (self, dev, index, port);
      return TRUE;
    }
  for (index = 0; index < MAX_CONTROLLERS; index++)
    if (ports_of (self, index) == 0)
      {
        vc_domain_need_controller (self->domain, "virtio-serial", index);
        put (self, dev, index, first);
        return TRUE;
      }
  return vc_device_fail (dev, error, "no virtio-serial port is free");
}

static gboolean
is_ours (const VcDevice *dev)
{
  return dev->bus == &vc_bus_virtio_serial;
}

/* Port 0 said is no port said: libvirt reads it so. */
static gboolean
is_complete (const VcDevice *dev)
{
  return dev->seat.counted || (dev->seat.type == VC_SEAT_VIRTIO_SERIAL && vc_u32_or (dev->seat.nr, 0) != 0);
}

/* Who comes first: consoles that name a controller, then channels, then the other consoles. */
static guint
turn_of (const VcDevice *dev)
{
  if (!is_console (dev))
    return 1;
  return dev->seat.type == VC_SEAT_VIRTIO_SERIAL ? 0 : 2;
}

/* The controllers that addresses name, and the first one for what has none. */
static void
add_controllers (VcDomain *domain)
{
  for (gboolean consoles = FALSE; consoles <= TRUE; consoles++)
    for (guint i = 0; i < domain->devices->len; i++)
      {
        VcDevice *dev = domain->devices->pdata[i];

        if (is_ours (dev) && is_console (dev) == consoles)
          vc_domain_need_controller (domain, "virtio-serial", vc_u32_or (dev->seat.controller, 0));
      }
}

gboolean
vc_seat_all_virtio_serial (VcDomain *domain, GError **error)
{
  g_autoptr (Seating) self = g_new0 (Seating, 1);

  self->domain = domain;
  add_controllers (domain);
  for (guint i = 0; i < domain->devices->len; i++)
    if (is_ours (domain->devices->pdata[i]) && is_complete (domain->devices->pdata[i])
        && !keep (self, domain->devices->pdata[i], error))
      return FALSE;
  for (guint turn = 0; turn < 3; turn++)
    for (guint i = 0; i < domain->devices->len; i++)
      {
        VcDevice *dev = domain->devices->pdata[i];

        if (is_ours (dev) && !is_complete (dev) && turn_of (dev) == turn && !place (self, dev, error))
          return FALSE;
      }
  for (guint i = 0; i < domain->devices->len; i++)
    {
      VcSeat *seat = &((VcDevice *) domain->devices->pdata[i])->seat;

      if (seat->type != VC_SEAT_VIRTIO_SERIAL)
        continue;
      seat->controller = vc_u32 (vc_u32_or (seat->controller, 0));
      seat->bus = vc_u32 (0);
      seat->nr = vc_u32 (vc_u32_or (seat->nr, 0));
    }
  return TRUE;
}
