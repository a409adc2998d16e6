/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A balloon that gives the guest's memory back to the host, or the word that there is none.
 *
 *   <memballoon model='virtio'/>
 */
#include "devices/memballoon.h"
#include "devices/virtio.h"

enum
{
  VIRTIO = 1,
  NONE
};

static const char *const models[] = { "", "virtio", "none", NULL };

typedef struct
{
  VcDevice base;
  int model;
  VcTri deflate;
  VcTri reporting;
  VcU32 period;
  VcVirtio virtio;
} Memballoon;

static const VcField rows[]
    = { VC_CHOICE (Memballoon, model, "@model", models, .flags = VC_REQUIRED, .doc = "virtio, or none"),
        VC_ONOFF (Memballoon, deflate, "@autodeflate", .prop = "deflate-on-oom",
                  .doc = "whether a guest short of memory takes it back"),
        VC_ONOFF (Memballoon, reporting, "@freePageReporting", .prop = "free-page-reporting",
                  .doc = "whether free pages are reported"),
        VC_U32 (Memballoon, period, "stats/@period", .doc = "seconds between two of its reports"),
        VC_VIRTIO_ROWS (Memballoon, virtio),
        { 0 } };

gboolean
vc_memballoon_is_none (const VcDevice *memballoon)
{
  return ((const Memballoon *) memballoon)->model != VIRTIO;
}

gboolean
vc_memballoon_reports (const VcDevice *dev)
{
  return vc_u32_or (((const Memballoon *) dev)->period, 0) > 0;
}

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  Memballoon *self = (Memballoon *) dev;

  if (self->model == 0)
    self->model = VIRTIO;
  if (self->model == NONE)
    dev->bus = NULL;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  if (vc_peers_find (peers, "memballoon", NULL, 0) != dev)
    return vc_device_fail (dev, error, "a guest has at most one");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  if (((const Memballoon *) dev)->model == VIRTIO)
    vc_plan_device (out, dev, "virtio-balloon-pci", ctx);
  return TRUE;
}

const VcKind vc_kind_memballoon = {
  .name = "memballoon",
  .element = "memballoon",
  .summary = "A balloon that gives the guest's memory back to the host, or the word that there is none.",
  .fixed = "a guest has its balloon from start to end",
  .size = sizeof (Memballoon),
  .rows = rows,
  .alias = "balloon",
  .plugs_into = &vc_bus_pci,
  .pci = VC_PCI_EXPRESS,
  .fill = fill,
  .check = check,
  .plan = plan,
};
