/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network card in a network that libvirt keeps.
 *
 *   <interface type='network'>
 *     <source network='default'/>
 *     <model type='virtio'/>
 *   </interface>
 */
#include "devices/interface.h"

typedef struct
{
  VcInterface base;
  char *network;
  char *portgroup;
  char *bridge;
} InterfaceNetwork;

static const VcField rows[] = {
  VC_INTERFACE_ROWS,
  VC_STR (InterfaceNetwork, network, "source/@network", .flags = VC_REQUIRED, .doc = "name of the network"),
  VC_STR (InterfaceNetwork, portgroup, "source/@portgroup", .doc = "group of its ports"),
  VC_IGNORED ("source/@portid", .doc = "port of a running guest"),
  VC_STR (InterfaceNetwork, bridge, "source/@bridge", .flags = VC_LIVE, .doc = "bridge of a running guest"),
  { 0 }
};

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const InterfaceNetwork *self = (const InterfaceNetwork *) dev;

  if (self->bridge != NULL)
    return vc_interface_tap (dev, "br", self->bridge, ctx, out, error);
  return vc_interface_tap (dev, "ifname", self->base.target, ctx, out, error);
}

const char *
vc_interface_network (const VcDevice *dev)
{
  return vc_is (dev, "interface", "network") ? ((const InterfaceNetwork *) dev)->network : NULL;
}

const char *
vc_interface_network_bridge (const VcDevice *dev)
{
  return ((const InterfaceNetwork *) dev)->bridge;
}

void
vc_interface_set_network_bridge (VcDevice *dev, const char *bridge)
{
  InterfaceNetwork *self = (InterfaceNetwork *) dev;
  char *old = self->bridge;

  self->bridge = g_strdup (bridge);
  g_free (old);
}

const VcKind vc_kind_interface_network = {
  .name = "interface-network",
  .element = "interface",
  .select = "@type",
  .value = "network",
  .summary = "A network card in a network that libvirt keeps.",
  .size = sizeof (InterfaceNetwork),
  .rows = rows,
  .alias = "net",
  .plugs_into = &vc_bus_pci,
  .fill = vc_interface_fill,
  .check = vc_interface_check,
  .plan = plan,
};
