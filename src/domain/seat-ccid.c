/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/internal.h"

/* Cards in readers: a reader has one slot, so each card gets a reader of its own. */

#define MAX_READERS 256u

static gboolean
take (const VcDevice **readers, const VcDevice *dev, GError **error)
{
  guint reader = vc_u32_or (dev->seat.controller, 0), slot = vc_u32_or (dev->seat.slot, 0);

  if (slot != 0)
    return vc_device_fail (
        dev, error,
        "<address> @slot: a reader has one slot, 0, not %u: put the card in a reader of its own "
        "(controller='%u')",
        slot, reader + 1);
  if (readers[reader] != NULL)
    return vc_device_fail (dev, error, "<address>: the slot of reader %u is taken by the card in line %u",
                           reader, readers[reader]->line);
  readers[reader] = dev;
  return TRUE;
}

gboolean
vc_seat_all_ccid (VcDomain *domain, GError **error)
{
  const VcDevice *readers[MAX_READERS] = { NULL };
  guint next = 0;

  for (guint i = 0; i < domain->devices->len; i++)
    {
      VcDevice *dev = domain->devices->pdata[i];

      if (dev->seat.type != VC_SEAT_CCID)
        continue;
      if (!take (readers, dev, error))
        return FALSE;
      dev->seat.controller = vc_u32 (vc_u32_or (dev->seat.controller, 0));
      dev->seat.slot = vc_u32 (0);
    }
  for (guint i = 0; i < domain->devices->len; i++)
    {
      VcDevice *dev = domain->devices->pdata[i];

      if (dev->bus != &vc_bus_ccid || dev->seat.type != VC_SEAT_NONE)
        continue;
      while (next < MAX_READERS && readers[next] != NULL)
        next++;
      if (next == MAX_READERS)
        return vc_device_fail (dev, error, "a guest has at most %u readers", MAX_READERS);
      readers[next] = dev;
      dev->seat.type = VC_SEAT_CCID;
      dev->seat.controller = vc_u32 (next);
      dev->seat.slot = vc_u32 (0);
    }
  for (guint i = 0; i < MAX_READERS; i++)
    if (readers[i] != NULL && !vc_domain_has_usb (domain))
      return vc_device_fail (
          readers[i], error,
          "its reader needs USB, and <controller type='usb' model='none'/> says that the guest has none");
  for (guint i = 0; i < MAX_READERS; i++)
    if (readers[i] != NULL)
      vc_domain_need_controller (domain, "ccid", i);
  return TRUE;
}
