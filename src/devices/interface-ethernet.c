/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network card with a tap device of its own.
 *
 *   <interface type='ethernet'>
 *     <target dev='tap0'/>
 *     <model type='virtio'/>
 *   </interface>
 */
#include "devices/interface.h"

typedef struct
{
  VcInterface base;
  char *script;
} InterfaceEthernet;

static const VcField rows[]
    = { VC_INTERFACE_ROWS,
        VC_STR (InterfaceEthernet, script, "script/@path", .doc = "program that sets the tap device up"),
        { 0 } };

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  return vc_interface_tap (dev, "ifname", ((const VcInterface *) dev)->target, ctx, out, error);
}

const char *
vc_interface_script (const VcDevice *dev)
{
  return vc_is (dev, "interface", "ethernet") ? ((const InterfaceEthernet *) dev)->script : NULL;
}

const VcKind vc_kind_interface_ethernet = {
  .name = "interface-ethernet",
  .element = "interface",
  .select = "@type",
  .value = "ethernet",
  .summary = "A network card with a tap device of its own.",
  .size = sizeof (InterfaceEthernet),
  .rows = rows,
  .alias = "net",
  .plugs_into = &vc_bus_pci,
  .fill = vc_interface_fill,
  .check = vc_interface_check,
  .plan = plan,
};
