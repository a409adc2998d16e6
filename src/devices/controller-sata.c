/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A SATA controller with six ports; the q35 machine has its first one built in.
 *
 *   <controller type='sata' index='0'/>
 */
#include "devices/kind.h"

static const VcField rows[]
    = { VC_U32 (VcController, index, "@index", .max = 255, .doc = "number of the controller"), { 0 } };

static gboolean
is_built_in (const VcDevice *dev, const VcPeers *peers)
{
  return peers->q35 && ((const VcController *) dev)->index.value == 0;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  if (!is_built_in (dev, ctx->peers))
    vc_plan_device (out, dev, "ahci", ctx);
  return TRUE;
}

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  if (is_built_in (dev, peers))
    return g_strdup ("ide");
  return g_strdup_printf ("sata%u", ((const VcController *) dev)->index.value);
}

const VcKind vc_kind_controller_sata = {
  .name = "controller-sata",
  .element = "controller",
  .select = "@type",
  .value = "sata",
  .summary = "A SATA controller with six ports; the q35 machine has its first one built in.",
  .fixed = "QEMU takes SATA controllers only when it starts",
  .size = sizeof (VcController),
  .rows = rows,
  .plugs_into = &vc_bus_pci,
  .plan = plan,
  .name_it = name_it,
};
