/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A USB host controller, or the word that the guest has none.
 *
 *   <controller type='usb' index='0' model='qemu-xhci' ports='8'/>
 */
#include "devices/controller-usb.h"

#include <assert.h>

enum
{
  NONE = 1,
  PIIX3_UHCI,
  PIIX4_UHCI,
  EHCI,
  ICH9_EHCI1,
  ICH9_UHCI1,
  ICH9_UHCI2,
  ICH9_UHCI3,
  VT82C686B_UHCI,
  PCI_OHCI,
  NEC_XHCI,
  QEMU_XHCI
};

static const char *const models[]
    = { "",           "none",       "piix3-uhci",     "piix4-uhci", "ehci",     "ich9-ehci1", "ich9-uhci1",
        "ich9-uhci2", "ich9-uhci3", "vt82c686b-uhci", "pci-ohci",   "nec-xhci", "qemu-xhci",  NULL };

static const struct
{
  const char *driver;
  guint ports;
  int function; /* ich9: in the shared slot; else -1 */
  VcPciClass pci;
} facts[] = {
  [NONE] = { NULL, 0, -1, VC_PCI_CONVENTIONAL },
  [PIIX3_UHCI] = { "piix3-usb-uhci", 2, -1, VC_PCI_CONVENTIONAL },
  [PIIX4_UHCI] = { "piix4-usb-uhci", 2, -1, VC_PCI_CONVENTIONAL },
  [EHCI] = { "usb-ehci", 6, -1, VC_PCI_CONVENTIONAL },
  [ICH9_EHCI1] = { "ich9-usb-ehci1", 6, 7, VC_PCI_ROOT },
  [ICH9_UHCI1] = { "ich9-usb-uhci1", 2, 0, VC_PCI_ROOT },
  [ICH9_UHCI2] = { "ich9-usb-uhci2", 2, 1, VC_PCI_ROOT },
  [ICH9_UHCI3] = { "ich9-usb-uhci3", 2, 2, VC_PCI_ROOT },
  [VT82C686B_UHCI] = { "vt82c686b-usb-uhci", 2, -1, VC_PCI_CONVENTIONAL },
  [PCI_OHCI] = { "pci-ohci", 3, -1, VC_PCI_CONVENTIONAL },
  [NEC_XHCI] = { "nec-usb-xhci", 4, -1, VC_PCI_EXPRESS },
  [QEMU_XHCI] = { "qemu-xhci", 4, -1, VC_PCI_EXPRESS },
};

static_assert (G_N_ELEMENTS (models) == G_N_ELEMENTS (facts) + 1, "a row for each model");

typedef struct
{
  VcController base;
  int model;
  VcU32 ports;
  VcU32 startport; /* companion: first port of its master it serves */
} ControllerUsb;

static const VcField rows[]
    = { VC_U32 (VcController, index, "@index", .max = 255, .doc = "number of the USB bus"),
        VC_CHOICE (ControllerUsb, model, "@model", models, .doc = "model, or none for a guest without USB"),
        VC_U32 (ControllerUsb, ports, "@ports", .min = 1, .doc = "number of ports (xhci)"),
        VC_U32 (ControllerUsb, startport, "master/@startport", .max = 255,
                .doc = "first port of the companion's master"),
        { 0 } };

static const ControllerUsb *
usb (const VcDevice *dev)
{
  return (const ControllerUsb *) dev;
}

guint
vc_usb_ports (const VcDevice *dev)
{
  return usb (dev)->base.companion ? 0 : vc_u32_or (usb (dev)->ports, facts[usb (dev)->model].ports);
}

gboolean
vc_usb_is_none (const VcDevice *dev)
{
  return usb (dev)->model == NONE;
}

gboolean
vc_usb_is_piix3 (const VcDevice *dev)
{
  return usb (dev)->model == PIIX3_UHCI;
}

int
vc_usb_function (const VcDevice *dev)
{
  return facts[usb (dev)->model].function;
}

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  ControllerUsb *self = (ControllerUsb *) dev;

  if (self->model == 0)
    self->model = peers->q35 ? QEMU_XHCI : PIIX3_UHCI;
  self->base.companion = self->startport.set;
  dev->pci = facts[self->model].pci;
  if (self->model == NONE)
    dev->bus = NULL;
}

static gboolean
has_master (const ControllerUsb *self, const VcPeers *peers)
{
  const ControllerUsb *other;

  for (guint i = 0; (other = usb (vc_peers_find (peers, "controller", "usb", i))) != NULL; i++)
    if (!self->base.index.set && !other->base.index.set && other->model == ICH9_EHCI1)
      return TRUE; /* they are put together by where they stand */
    else if (!other->startport.set && vc_u32_or (other->base.index, 0) == vc_u32_or (self->base.index, 0))
      return TRUE;
  return FALSE;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const ControllerUsb *self = usb (dev);

  if (self->ports.set && self->model != 0 && self->model != NEC_XHCI && self->model != QEMU_XHCI)
    return vc_device_fail (dev, error, "@ports is for the models nec-xhci and qemu-xhci, not '%s'",
                           models[self->model]);
  if (self->ports.set && self->ports.value > 15)
    return vc_device_fail (dev, error, "@ports: a %s controller has at most 15 ports, not %u",
                           self->model != 0 ? models[self->model] : "USB", self->ports.value);
  for (guint i = 0; i < peers->devices->len && peers->devices->pdata[i] != dev; i++)
    {
      const VcDevice *other = peers->devices->pdata[i];

      if (!vc_is (other, "controller", "usb"))
        continue;
      if (self->base.index.set && usb (other)->base.index.set && !self->startport.set
          && !usb (other)->startport.set && usb (other)->base.index.value == self->base.index.value)
        return vc_device_fail (dev, error, "@index: another USB controller, in line %u, has index %u",
                               other->line, self->base.index.value);
      if (usb (other)->model == NONE)
        return vc_device_fail (dev, error, "another USB controller in line %u says that the guest has no USB",
                               other->line);
      if (self->model == NONE)
        return vc_device_fail (dev, error,
                               "model 'none' says that the guest has no USB, and line %u has a controller",
                               other->line);
    }
  if (self->startport.set && !peers->incomplete && !has_master (self, peers))
    return vc_device_fail (
        dev, error, "a companion (with <master>) needs a USB controller with index %u to be companion of",
        vc_u32_or (self->base.index, 0));
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const ControllerUsb *self = usb (dev);
  const char *driver = facts[self->model].driver;
  const VcDevice *master;
  VcProps *props;

  if (self->model == NONE)
    return TRUE;
  if (!vc_caps_has (ctx->caps, driver))
    return vc_device_fail_unsupported (dev, error, "%s has no device '%s'", ctx->caps->binary, driver);
  props = vc_plan_device (out, dev, driver, ctx);
  vc_props_u32 (props, "p2", self->ports);
  vc_props_u32 (props, "p3", self->ports);
  if (!self->base.companion)
    return TRUE;
  master = vc_peers_controller (ctx->peers, "usb", self->base.index.value);
  vc_props_strf (props, "masterbus", "%s.0", master->alias);
  vc_props_u32 (props, "firstport", self->startport);
  return TRUE;
}

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  guint index = usb (dev)->base.index.value;

  return index == 0 ? g_strdup ("usb") : g_strdup_printf ("usb%u", index);
}

const VcKind vc_kind_controller_usb = {
  .name = "controller-usb",
  .element = "controller",
  .select = "@type",
  .value = "usb",
  .summary = "A USB host controller, or the word that the guest has none.",
  .size = sizeof (ControllerUsb),
  .rows = rows,
  .plugs_into = &vc_bus_pci,
  .fill = fill,
  .check = check,
  .plan = plan,
  .name_it = name_it,
};
