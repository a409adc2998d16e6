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
  const VcDevice *taken[MAX_CONTROLLERS][VC_VIRTIO_SERIAL_PORTS];
} Seating;

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
  vc_domain_need_controller (self->domain, "virtio-serial", index);
  if (port >= ports_of (self, index))
    return vc_device_fail (dev, error, "<address> @port: controller %u has the ports 0 to %u, not %u", index,
                           ports_of (self, index) - 1, port);
  if (self->taken[index][port] != NULL)
    return vc_device_fail (dev, error,
                           "<address> @port: port %u of controller %u is taken by the device in line %u",
                           port, index, self->taken[index][port]->line);
  self->taken[index][port] = dev;
  return TRUE;
}

static gboolean
place (Seating *self, VcDevice *dev, GError **error)
{
  for (guint index = 0; index < MAX_CONTROLLERS; index++)
    {
      guint n;

      vc_domain_need_controller (self->domain, "virtio-serial", index);
      n = ports_of (self, index);
      for (guint port = is_console (dev) ? 0 : 1; port < n; port++)
        if (self->taken[index][port] == NULL)
          {
            self->taken[index][port] = dev;
            if (is_console (dev))
              return TRUE;
            dev->seat.type = VC_SEAT_VIRTIO_SERIAL;
            dev->seat.controller = vc_u32 (index);
            dev->seat.bus = vc_u32 (0);
            dev->seat.nr = vc_u32 (port);
            return TRUE;
          }
    }
  return vc_device_fail (dev, error, "no virtio-serial port is free");
}

static gboolean
has_port (const VcDevice *dev)
{
  return dev->seat.type == VC_SEAT_VIRTIO_SERIAL && dev->seat.nr.set
         && (dev->seat.nr.value != 0 || is_console (dev));
}

gboolean
vc_seat_all_virtio_serial (VcDomain *domain, GError **error)
{
  g_autofree Seating *self = g_new0 (Seating, 1);
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();

  self->domain = domain;
  for (gboolean consoles = FALSE; consoles <= TRUE; consoles++)
    for (guint i = 0; i < domain->devices->len; i++)
      {
        VcDevice *dev = domain->devices->pdata[i];

        if (dev->bus != &vc_bus_virtio_serial || is_console (dev) != consoles)
          continue;
        if (!has_port (dev))
          g_ptr_array_add (rest, dev);
      }
  for (guint i = 0; i < domain->devices->len; i++)
    {
      VcDevice *dev = domain->devices->pdata[i];

      if (dev->bus != &vc_bus_virtio_serial || !has_port (dev))
        continue;
      if (!keep (self, dev, error))
        return FALSE;
      dev->seat.controller = vc_u32 (vc_u32_or (dev->seat.controller, 0));
      dev->seat.bus = vc_u32 (0);
    }
  for (guint i = 0; i < rest->len; i++)
    if (!place (self, rest->pdata[i], error))
      return FALSE;
  return TRUE;
}
