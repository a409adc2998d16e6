/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The IDE controller of the pc machine: two buses with two disks each.
 *
 *   <controller type='ide' index='0'/>
 */
#include "devices/kind.h"

static const char *const models[] = { "", "piix3", "piix4", "ich6", NULL };

typedef struct
{
  VcController base;
  int model;
} ControllerIde;

static const VcField rows[]
    = { VC_U32 (VcController, index, "@index", .max = 255, .doc = "number of the controller"),
        VC_CHOICE (ControllerIde, model, "@model", models, .doc = "model"),
        { 0 } };

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  if (peers->q35)
    return vc_device_fail (dev, error, "the machine '%s' has no IDE controller: use sata", peers->machine);
  if (vc_u32_or (((const VcController *) dev)->index, 0) != 0)
    return vc_device_fail (dev, error, "the machine has only one IDE controller, with index 0");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  return TRUE; /* is part of the machine */
}

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  return g_strdup ("ide");
}

const VcKind vc_kind_controller_ide = {
  .name = "controller-ide",
  .element = "controller",
  .select = "@type",
  .value = "ide",
  .summary = "The IDE controller of the pc machine: two buses with two disks each.",
  .fixed = "the IDE controller is part of the machine",
  .size = sizeof (ControllerIde),
  .rows = rows,
  .plugs_into = &vc_bus_pci,
  .pci = VC_PCI_ROOT,
  .check = check,
  .plan = plan,
  .name_it = name_it,
};
