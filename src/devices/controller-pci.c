/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A PCI bus: the machine's own, or one behind a port or bridge.
 *
 *   <controller type='pci' index='1' model='pcie-root-port'/>
 */
#include "devices/controller-pci.h"

static const char *const models[]
    = { "", "pci-root", "pcie-root", "pcie-root-port", "pcie-to-pci-bridge", NULL };
static const char *const bridge_names[] = { "", "pcie-root-port", "ioh3420", "pcie-pci-bridge", NULL };

enum
{
  NAME_ROOT_PORT = 1,
  NAME_IOH3420,
  NAME_PCI_BRIDGE
};

typedef struct
{
  VcController base;
  int model;
  int name;
  VcU32 chassis;
  VcU32 port;
} ControllerPci;

static const VcField rows[] = {
  VC_U32 (VcController, index, "@index", .max = 255, .doc = "number of the PCI bus"),
  VC_CHOICE (ControllerPci, model, "@model", models, .flags = VC_REQUIRED, .doc = "model of the bus"),
  VC_CHOICE (ControllerPci, name, "model/@name", bridge_names, .doc = "QEMU device of a port or bridge"),
  VC_U32 (ControllerPci, chassis, "target/@chassis", .max = 255, .doc = "chassis number the guest sees"),
  VC_U32 (ControllerPci, port, "target/@port", .max = 255, .digits = 1, .doc = "port number the guest sees"),
  { 0 }
};

VcPciModel
vc_pci_model (const VcDevice *dev)
{
  return (VcPciModel) ((const ControllerPci *) dev)->model;
}

static gboolean
is_root (const ControllerPci *self)
{
  return self->model == VC_PCI_MODEL_ROOT || self->model == VC_PCI_MODEL_PCIE_ROOT;
}

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  ControllerPci *self = (ControllerPci *) dev;

  if (is_root (self))
    dev->bus = NULL;
  else if (self->model == VC_PCI_MODEL_ROOT_PORT)
    dev->pci = VC_PCI_ROOT;
  if (self->name == 0 && self->model == VC_PCI_MODEL_ROOT_PORT)
    self->name = NAME_ROOT_PORT;
  if (self->name == 0 && self->model == VC_PCI_MODEL_TO_PCI_BRIDGE)
    self->name = NAME_PCI_BRIDGE;
}

VcDevice *
vc_pci_new (VcPciModel model, guint index)
{
  VcDevice *dev = vc_device_new (&vc_kind_controller_pci);

  ((ControllerPci *) dev)->base.index = vc_u32 (index);
  ((ControllerPci *) dev)->model = (int) model;
  fill (dev, NULL);
  return dev;
}

void
vc_pci_fill_port (VcDevice *dev)
{
  ControllerPci *self = (ControllerPci *) dev;

  if (self->model != VC_PCI_MODEL_ROOT_PORT)
    return;
  if (!self->chassis.set)
    self->chassis = self->base.index;
  if (!self->port.set)
    self->port = vc_u32 ((dev->seat.slot.value << 3) + dev->seat.function.value);
}

void
vc_pci_forget (VcDevice *dev)
{
  ControllerPci *self = (ControllerPci *) dev;

  vc_seat_clear (&dev->seat);
  if (dev->kind != &vc_kind_controller_pci || dev->line != 0)
    return;
  self->chassis.set = FALSE;
  self->port.set = FALSE;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const ControllerPci *self = (const ControllerPci *) dev;
  const char *model = models[self->model];

  if (is_root (self) && vc_u32_or (self->base.index, 0) != 0)
    return vc_device_fail (dev, error, "model '%s' is bus 0, not %u", model, self->base.index.value);
  if (!is_root (self) && self->base.index.set && self->base.index.value == 0)
    return vc_device_fail (dev, error, "bus 0 is the machine's own, not a '%s'", model);
  if (self->model == VC_PCI_MODEL_ROOT && peers->q35)
    return vc_device_fail (dev, error, "the machine '%s' has a pcie-root, not a pci-root", peers->machine);
  if (self->model != VC_PCI_MODEL_ROOT && !peers->q35 && !peers->machine_unread)
    return vc_device_fail (dev, error, "model '%s' needs a machine with PCI Express (q35), not '%s'", model,
                           peers->machine);
  if ((is_root (self) && (self->name != 0 || self->chassis.set || self->port.set))
      || (self->model == VC_PCI_MODEL_TO_PCI_BRIDGE && (self->chassis.set || self->port.set)))
    return vc_device_fail (dev, error, "a %s takes no <%s>", model,
                           self->name != 0 && is_root (self) ? "model" : "target");
  if ((self->model == VC_PCI_MODEL_ROOT_PORT && self->name == NAME_PCI_BRIDGE)
      || (self->model == VC_PCI_MODEL_TO_PCI_BRIDGE && self->name != 0 && self->name != NAME_PCI_BRIDGE))
    return vc_device_fail (dev, error, "<model> '%s' does not make a %s", bridge_names[self->name], model);
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const ControllerPci *self = (const ControllerPci *) dev;
  VcProps *props;

  if (is_root (self))
    return TRUE;
  props = vc_plan_device (out, dev, bridge_names[self->name], ctx);
  vc_props_u32 (props, "port", self->port);
  vc_props_u32 (props, "chassis", self->chassis);
  return TRUE;
}

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  const ControllerPci *self = (const ControllerPci *) dev;

  return g_strdup_printf ("%s.%u", self->model == VC_PCI_MODEL_PCIE_ROOT ? "pcie" : "pci",
                          self->base.index.value);
}

const VcKind vc_kind_controller_pci = {
  .name = "controller-pci",
  .element = "controller",
  .select = "@type",
  .value = "pci",
  .summary = "A PCI bus: the machine's own, or one behind a port or bridge.",
  .fixed = "PCI buses are there from start to end: describe root ports to spare",
  .size = sizeof (ControllerPci),
  .rows = rows,
  .plugs_into = &vc_bus_pci,
  .fill = fill,
  .check = check,
  .plan = plan,
  .name_it = name_it,
};
