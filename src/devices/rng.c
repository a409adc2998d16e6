/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/rng.h"

void
vc_rng_fill (VcDevice *dev, const VcPeers *peers)
{
  dev->pci = vc_virtio_pci (((const VcRng *) dev)->model);
}

gboolean
vc_rng_check (const VcDevice *dev, GError **error)
{
  const VcRng *self = (const VcRng *) dev;

  if (self->period.set && !self->bytes.set)
    return vc_device_fail (dev, error, "needs rate/@bytes, the bytes the guest may take in a period");
  return TRUE;
}

VcProps *
vc_rng_plan (const VcDevice *dev, const char *backend, const VcPlanContext *ctx, VcPlan *plan)
{
  const VcRng *self = (const VcRng *) dev;
  g_autofree char *id = g_strconcat ("obj", dev->alias, NULL);
  g_autofree char *driver = vc_virtio_driver ("virtio-rng-pci", self->model);
  VcProps *object = vc_plan_add (plan, VC_Q_OBJECT, backend, id);
  VcProps *props = vc_plan_device (plan, dev, driver, ctx);

  vc_props_str (props, "rng", id);
  if (self->bytes.set)
    vc_props_u64 (props, "period", vc_u32_or (self->period, 1000));
  return object;
}
