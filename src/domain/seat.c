/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/serial.h"
#include "domain/internal.h"

/* How this works
 *
 * What brings controllers that need seats themselves comes first; the order is libvirt's, for it decides
 * which address each gets.  Given addresses are kept, then free ones are given out.  What a bus needs to
 * grow (hubs, root ports, readers) it adds by itself.  Each bus is a file, seat-*.c. */

static char *
print_seat (const VcDevice *dev)
{
  g_autoptr (VcXml) xml = vc_xml_new ("at");

  vc_seat_print (&dev->seat, vc_xml_root (xml));
  return vc_xml_print (xml);
}

/* The first serial port's other name is printed with the port's address. */
static gboolean
check_console (VcDomain *domain, const VcDevice *dev, GError **error)
{
  const VcDevice *serial = vc_peers_find (vc_domain_peers (domain), "serial", NULL, 0);
  g_autofree char *own = print_seat (dev), *its = serial != NULL ? print_seat (serial) : NULL;

  if (g_strcmp0 (own, its) != 0)
    return vc_device_fail (dev, error, "<address>: its place is that of the first serial port");
  return TRUE;
}

static gboolean
check_type (VcDomain *domain, const VcDevice *dev, GError **error)
{
  if (dev->seat.type == VC_SEAT_NONE)
    return TRUE;
  if (dev->kind == &vc_kind_console_serial)
    return check_console (domain, dev, error);
  if (dev->bus == NULL)
    return vc_device_fail (dev, error, "takes no <address>: it sits on no bus that has any");
  if (dev->seat.type == dev->bus->seat)
    return TRUE;
  return vc_device_fail (dev, error, "<address> @type: '%s' does not fit: this sits on the %s bus",
                         vc_seat_types[dev->seat.type], dev->bus->name);
}

gboolean
vc_domain_seat (VcDomain *domain, GError **error)
{
  for (guint i = 0; i < domain->devices->len; i++)
    if (!check_type (domain, domain->devices->pdata[i], error))
      return FALSE;
  if (!(vc_seat_all_disks (domain, error) && vc_seat_all_virtio_serial (domain, error)
        && vc_seat_all_ccid (domain, error) && vc_seat_all_pci (domain, error)
        && vc_seat_all_usb (domain, error)))
    return FALSE;
  vc_console_seat (domain);
  return TRUE;
}
