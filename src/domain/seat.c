/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/internal.h"

/* How this works
 *
 * What brings controllers that need seats themselves comes first; the order is libvirt's, for it decides
 * which address each gets.  Given addresses are kept, then free ones are given out.  What a bus needs to
 * grow (hubs, root ports, readers) it adds by itself.  Each bus is a file, seat-*.c. */

static gboolean
check_type (const VcDevice *dev, GError **error)
{
  if (dev->seat.type == VC_SEAT_NONE)
    return TRUE;
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
    if (!check_type (domain->devices->pdata[i], error))
      return FALSE;
  if (!(vc_seat_all_disks (domain, error) && vc_seat_all_virtio_serial (domain, error)
        && vc_seat_all_ccid (domain, error) && vc_seat_all_pci (domain, error)
        && vc_seat_all_usb (domain, error)))
    return FALSE;
  vc_console_seat (domain);
  return TRUE;
}
