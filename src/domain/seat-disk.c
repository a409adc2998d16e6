/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/controller-scsi.h"
#include "devices/disk.h"
#include "domain/internal.h"

/* Disks on controllers: the name says the place (hda is 0:0:0). */

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

/* The highest place there is, and what to call it. */
static const struct
{
  const char *controller;
  guint controllers, bus, target, unit;
  const char *words;
} limits[] = { { "ide", 0, 1, 0, 1, "the buses 0 and 1 with the units 0 and 1" },
               { "fdc", 0, 0, 0, 1, "the units 0 and 1" },
               { "sata", 255, 0, 0, 5, "the units 0 to 5" },
               { "scsi", 255, 0, 255, 16383, "bus 0 with the targets 0 to 255" } };

static gboolean
check_place (const VcDevice *dev, GError **error)
{
  const char *type = vc_disk_controller (dev);
  const VcSeat *seat = &dev->seat;
  guint i = 0;

  while (strcmp (limits[i].controller, type) != 0)
    i++;
  if (seat->controller.value > limits[i].controllers)
    return vc_device_fail (dev, error,
                           "its place is on the %s controller %u, and %u is the last there can be", type,
                           seat->controller.value, limits[i].controllers);
  if (seat->bus.value > limits[i].bus || seat->target.value > limits[i].target
      || seat->unit.value > limits[i].unit)
    return vc_device_fail (dev, error, "<address>: %s has %s, and not bus %u, target %u, unit %u", type,
                           limits[i].words, seat->bus.value, seat->target.value, seat->unit.value);
  return TRUE;
}

/* A controller that tells its disks apart by the unit alone has no targets. */
static gboolean
check_scsi (VcDomain *domain, GError **error)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];
      const VcSeat *seat = &dev->seat;

      if (!has_place (dev) || strcmp (vc_disk_controller (dev), "scsi") != 0
          || vc_scsi_has_luns (
              vc_peers_controller (vc_domain_peers (domain), "scsi", seat->controller.value)))
        continue;
      if (seat->target.value != 0 || seat->unit.value > 7)
        return vc_device_fail (
            dev, error,
            "<address>: its scsi controller has target 0 with the units 0 to 7, not target %u, unit %u",
            seat->target.value, seat->unit.value);
    }
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
  add_controllers (domain, "scsi");
  add_controllers (domain, "fdc");
  add_controllers (domain, "ide");
  add_controllers (domain, "sata");
  return check_scsi (domain, error);
}
