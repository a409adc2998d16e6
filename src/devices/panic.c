/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A device that tells the host of a crash of the guest.
 *
 *   <panic model='isa'/>
 */
#include "devices/kind.h"

enum
{
  ISA = 1,
  HYPERV
};

static const char *const models[] = { "", "isa", "hyperv", NULL };

typedef struct
{
  VcDevice base;
  int model;
} Panic;

static const VcField rows[] = { VC_CHOICE (Panic, model, "@model", models, .doc = "model"), { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  Panic *self = (Panic *) dev;

  if (self->model == 0)
    self->model = ISA;
  if (self->model == HYPERV)
    dev->bus = NULL;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const Panic *self = (const Panic *) dev, *other;

  for (guint i = 0; (other = (const Panic *) vc_peers_find (peers, "panic", NULL, i)) != self; i++)
    if ((other->model == HYPERV) == (self->model == HYPERV))
      return vc_device_fail (dev, error, "a guest has at most one of each model");
  if (dev->seat.irq.set)
    return vc_device_fail (dev, error, "<address> @irq: it has no interrupt");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  gboolean hyperv = ((const Panic *) dev)->model == HYPERV;

  if (hyperv && ctx->cpu == NULL)
    return vc_device_fail_unsupported (dev, error, "model 'hyperv' is there from the start or not at all");
  if (hyperv) /* a feature of the processor */
    vc_props_bool (ctx->cpu, "hv-crash", TRUE);
  else
    vc_props_u32 (vc_plan_add (out, VC_Q_DEVICE, "pvpanic", NULL), "ioport", dev->seat.iobase);
  return TRUE;
}

const VcKind vc_kind_panic = {
  .name = "panic",
  .element = "panic",
  .summary = "A device that tells the host of a crash of the guest.",
  .size = sizeof (Panic),
  .rows = rows,
  .fixed = "it is there from start to end",
  .alias = "panic",
  .plugs_into = &vc_bus_isa,
  .fill = fill,
  .check = check,
  .plan = plan,
};
