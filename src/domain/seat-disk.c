/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/disk.h"
#include "domain/internal.h"

/* Disks on IDE and SATA controllers: the name says the place (hda is 0:0:0). */

#define MAX_SATA 255u

static gboolean
has_place (const VcDevice *dev)
{
  return vc_is (dev, "disk", NULL) && vc_disk_controller (dev) != NULL;
}

static gboolean
same_place (const VcDevice *a, const VcDevice *b)
{
  return g_strcmp0 (vc_disk_controller (a), vc_disk_controller (b)) == 0
         && a->seat.controller.value == b->seat.controller.value && a->seat.bus.value == b->seat.bus.value
         && a->seat.target.value == b->seat.target.value && a->seat.unit.value == b->seat.unit.value;
}

static void
complete (VcSeat *seat)
{
  seat->controller = vc_u32 (vc_u32_or (seat->controller, 0));
  seat->bus = vc_u32 (vc_u32_or (seat->bus, 0));
  seat->target = vc_u32 (vc_u32_or (seat->target, 0));
  seat->unit = vc_u32 (vc_u32_or (seat->unit, 0));
}

static gboolean
check_place (const VcDevice *dev, GError **error)
{
  gboolean ide = g_str_equal (vc_disk_controller (dev), "ide");
  const VcSeat *seat = &dev->seat;

  if (seat->controller.value > (ide ? 0 : MAX_SATA))
    return vc_device_fail (dev, error,
                           "its place is on the %s controller %u, and %u is the last there can be",
                           vc_disk_controller (dev), seat->controller.value, ide ? 0 : MAX_SATA);
  if (seat->bus.value > (ide ? 1 : 0) || seat->target.value != 0 || seat->unit.value > (ide ? 1 : 5))
    return vc_device_fail (dev, error, "<address>: %s has %s, and not bus %u, target %u, unit %u",
                           vc_disk_controller (dev),
                           ide ? "the buses 0 and 1 with the units 0 and 1" : "the units 0 to 5",
                           seat->bus.value, seat->target.value, seat->unit.value);
  return TRUE;
}

static gboolean
fail_taken (const VcDevice *a, const VcDevice *b, GError **error)
{
  const VcDevice *later = a->line > b->line ? a : b;

  return vc_device_fail (later, error, "<address>: the place is taken by the disk in line %u",
                         (later == a ? b : a)->line);
}

/* All controllers of a type up to the highest one a disk needs. */
static void
add_controllers (VcDomain *domain, const char *type)
{
  guint n = 0;

  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];

      if (has_place (dev) && g_str_equal (vc_disk_controller (dev), type))
        n = MAX (n, dev->seat.controller.value + 1);
    }
  for (guint i = 0; i < n; i++)
    vc_domain_need_controller (domain, type, i);
}

gboolean
vc_seat_all_disks (VcDomain *domain, GError **error)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      VcDevice *dev = domain->devices->pdata[i];

      if (!has_place (dev))
        continue;
      if (dev->seat.type == VC_SEAT_NONE)
        vc_disk_seat (dev);
      complete (&dev->seat);
      if (!check_place (dev, error))
        return FALSE;
      for (guint j = 0; j < i; j++)
        if (has_place (domain->devices->pdata[j]) && same_place (dev, domain->devices->pdata[j]))
          return fail_taken (dev, domain->devices->pdata[j], error);
    }
  add_controllers (domain, "ide");
  add_controllers (domain, "sata");
  return TRUE;
}
