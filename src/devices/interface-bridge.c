/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network card on a bridge of the host.
 *
 *   <interface type='bridge'>
 *     <source bridge='br0'/>
 *     <model type='virtio'/>
 *   </interface>
 */
#include "devices/interface.h"

typedef struct
{
  VcInterface base;
  char *bridge;
} InterfaceBridge;

static const VcField rows[]
    = { VC_INTERFACE_ROWS,
        VC_STR (InterfaceBridge, bridge, "source/@bridge", .flags = VC_REQUIRED, .doc = "bridge of the host"),
        { 0 } };

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  return vc_interface_tap (dev, "br", ((const InterfaceBridge *) dev)->bridge, ctx, out, error);
}

const VcKind vc_kind_interface_bridge = {
  .name = "interface-bridge",
  .element = "interface",
  .select = "@type",
  .value = "bridge",
  .summary = "A network card on a bridge of the host.",
  .size = sizeof (InterfaceBridge),
  .rows = rows,
  .alias = "net",
  .plugs_into = &vc_bus_pci,
  .fill = vc_interface_fill,
  .check = vc_interface_check,
  .plan = plan,
};
