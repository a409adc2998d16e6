/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A source of randomness that asks an entropy gathering daemon.
 *
 *   <rng model='virtio'>
 *     <backend model='egd' type='unix'>
 *       <source mode='connect' path='/run/egd.sock'/>
 *     </backend>
 *   </rng>
 */
#include "devices/chardev.h"
#include "devices/rng.h"

typedef struct
{
  VcRng base;
  VcChardev *chr;
} RngEgd;

static const VcField rows[] = { VC_RNG_ROWS,
                                VC_ROW (RngEgd, chr, VcChardev *, vc_type_chardev, "backend/@type",
                                        .flags = VC_REQUIRED, .doc = "way to the daemon"),
                                { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  vc_rng_fill (dev, peers);
  vc_chardev_fill (((RngEgd *) dev)->chr, dev);
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  return vc_rng_check (dev, error) && vc_chardev_check (((const RngEgd *) dev)->chr, dev, peers, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const char *id = vc_chardev_plan (((const RngEgd *) dev)->chr, dev, ctx, out, error);

  if (id == NULL)
    return FALSE;
  vc_props_str (vc_rng_plan (dev, "rng-egd", ctx, out), "chardev", id);
  return TRUE;
}

const VcKind vc_kind_rng_egd = {
  .name = "rng-egd",
  .element = "rng",
  .select = "backend/@model",
  .value = "egd",
  .summary = "A source of randomness that asks an entropy gathering daemon.",
  .size = sizeof (RngEgd),
  .rows = rows,
  .alias = "rng",
  .driver = "virtio-rng-pci",
  .plugs_into = &vc_bus_pci,
  .fill = fill,
  .check = check,
  .plan = plan,
};
