/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network card on a wire made of multicast packets.
 *
 *   <interface type='mcast'>
 *     <source address='230.0.0.1' port='5558'/>
 *   </interface>
 */
#include "devices/interface.h"

typedef struct
{
  VcInterface base;
  char *address;
  VcU32 port;
} InterfaceMcast;

static const VcField rows[]
    = { VC_INTERFACE_ROWS,
        VC_STR (InterfaceMcast, address, "source/@address", .flags = VC_REQUIRED, .doc = "address"),
        VC_U32 (InterfaceMcast, port, "source/@port", .min = 1, .max = 65535, .flags = VC_REQUIRED,
                .doc = "port"),
        { 0 } };

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const InterfaceMcast *self = (const InterfaceMcast *) dev;
  VcProps *props = vc_interface_netdev (dev, "socket", out);

  vc_props_strf (props, "mcast", "%s:%u", self->address, self->port.value);
  return vc_interface_plan (dev, ctx, out, error);
}

const VcKind vc_kind_interface_mcast = {
  .name = "interface-mcast",
  .element = "interface",
  .select = "@type",
  .value = "mcast",
  .summary = "A network card on a wire made of multicast packets.",
  .size = sizeof (InterfaceMcast),
  .rows = rows,
  .alias = "net",
  .plugs_into = &vc_bus_pci,
  .fill = vc_interface_fill,
  .check = vc_interface_check,
  .plan = plan,
};
