/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A source of randomness that is QEMU's own.
 *
 *   <rng model='virtio'>
 *     <backend model='builtin'/>
 *   </rng>
 */
#include "devices/rng.h"

static const VcField rows[] = { VC_RNG_ROWS, { 0 } };

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  return vc_rng_check (dev, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  vc_rng_plan (dev, "rng-builtin", ctx, out);
  return TRUE;
}

const VcKind vc_kind_rng_builtin = {
  .name = "rng-builtin",
  .element = "rng",
  .select = "backend/@model",
  .value = "builtin",
  .summary = "A source of randomness that is QEMU's own.",
  .size = sizeof (VcRng),
  .rows = rows,
  .alias = "rng",
  .driver = "virtio-rng-pci",
  .plugs_into = &vc_bus_pci,
  .fill = vc_rng_fill,
  .check = check,
  .plan = plan,
};
