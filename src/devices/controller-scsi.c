/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A SCSI controller.
 *
 *   <controller type='scsi' index='0' model='virtio-scsi'/>
 */
#include "devices/controller-scsi.h"

#include <assert.h>

#include "devices/virtio.h"

enum
{
  AUTO = 1,
  LSILOGIC,
  LSISAS1068,
  LSISAS1078,
  VMPVSCSI,
  AM53C974,
  DC390,
  VIRTIO,
  TRANSITIONAL,
  NON_TRANSITIONAL
};

static const char *const models[] = { "",
                                      "auto",
                                      "lsilogic",
                                      "lsisas1068",
                                      "lsisas1078",
                                      "vmpvscsi",
                                      "am53c974",
                                      "dc390",
                                      "virtio-scsi",
                                      "virtio-transitional",
                                      "virtio-non-transitional",
                                      NULL };

static const struct
{
  const char *driver;
  gboolean has_luns, is_virtio;
  VcPciClass pci;
} facts[] = {
  [AUTO] = { NULL, FALSE, FALSE, VC_PCI_CONVENTIONAL },
  [LSILOGIC] = { "lsi", FALSE, FALSE, VC_PCI_CONVENTIONAL },
  [LSISAS1068] = { "mptsas1068", TRUE, FALSE, VC_PCI_CONVENTIONAL },
  [LSISAS1078] = { "megasas", TRUE, FALSE, VC_PCI_CONVENTIONAL },
  [VMPVSCSI] = { "pvscsi", TRUE, FALSE, VC_PCI_CONVENTIONAL },
  [AM53C974] = { "am53c974", FALSE, FALSE, VC_PCI_CONVENTIONAL },
  [DC390] = { "dc390", FALSE, FALSE, VC_PCI_CONVENTIONAL },
  [VIRTIO] = { "virtio-scsi-pci", TRUE, TRUE, VC_PCI_EXPRESS },
  [TRANSITIONAL] = { "virtio-scsi-pci-transitional", TRUE, TRUE, VC_PCI_CONVENTIONAL },
  [NON_TRANSITIONAL] = { "virtio-scsi-pci-non-transitional", TRUE, TRUE, VC_PCI_EXPRESS },
};

static_assert (G_N_ELEMENTS (models) == G_N_ELEMENTS (facts) + 1, "a row for each model");

typedef struct
{
  VcController base;
  int model;
  VcU32 queues, per_lun, sectors;
  VcTri ioeventfd;
  VcU32 iothread;
  VcVirtio virtio;
} ControllerScsi;

static const VcField rows[]
    = { VC_U32 (VcController, index, "@index", .max = 255, .doc = "number of the controller"),
        VC_CHOICE (ControllerScsi, model, "@model", models, .doc = "model"),
        VC_U32 (ControllerScsi, queues, "driver/@queues", .prop = "num_queues", .min = 1,
                .doc = "number of queues (virtio)"),
        VC_U32 (ControllerScsi, per_lun, "driver/@cmd_per_lun", .prop = "cmd_per_lun", .min = 1,
                .doc = "commands a disk may have waiting (virtio)"),
        VC_U32 (ControllerScsi, sectors, "driver/@max_sectors", .prop = "max_sectors", .min = 1,
                .doc = "sectors a command may move (virtio)"),
        VC_ONOFF (ControllerScsi, ioeventfd, "driver/@ioeventfd", .prop = "ioeventfd",
                  .doc = "whether requests go around QEMU's loop (virtio)"),
        VC_U32 (ControllerScsi, iothread, "driver/@iothread", .min = 1,
                .doc = "thread that does its work (virtio)"),
        VC_VIRTIO_ROWS (ControllerScsi, virtio),
        { 0 } };

static const ControllerScsi *
scsi (const VcDevice *dev)
{
  return (const ControllerScsi *) dev;
}

gboolean
vc_scsi_has_luns (const VcDevice *dev)
{
  return dev != NULL && facts[scsi (dev)->model].has_luns;
}

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  ControllerScsi *self = (ControllerScsi *) dev;

  if (self->model == 0 || self->model == AUTO)
    self->model = LSILOGIC;
  dev->pci = facts[self->model].pci;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const ControllerScsi *self = scsi (dev);

  if (self->model != 0 && !facts[self->model].is_virtio
      && (self->queues.set || self->per_lun.set || self->sectors.set || self->ioeventfd != VC_TRI_UNSET
          || self->iothread.set || vc_virtio_any (&self->virtio)))
    return vc_device_fail (dev, error, "<driver> is for the model virtio-scsi, not '%s'",
                           models[self->model]);
  return vc_iothread_check (dev, self->iothread, peers, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const ControllerScsi *self = scsi (dev);
  const char *driver = facts[self->model].driver;
  VcProps *props;

  if (!vc_caps_has (ctx->caps, self->model == LSILOGIC ? "lsi53c895a" : driver))
    return vc_device_fail_unsupported (dev, error, "%s has no device '%s'", ctx->caps->binary, driver);
  props = vc_plan_device (out, dev, driver, ctx);
  if (self->iothread.set)
    vc_props_strf (props, "iothread", "iothread%u", self->iothread.value);
  return TRUE;
}

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  return g_strdup_printf ("scsi%u", ((const VcController *) dev)->index.value);
}

const VcKind vc_kind_controller_scsi = {
  .name = "controller-scsi",
  .element = "controller",
  .select = "@type",
  .value = "scsi",
  .summary = "A SCSI controller.",
  .size = sizeof (ControllerScsi),
  .rows = rows,
  .plugs_into = &vc_bus_pci,
  .fill = fill,
  .check = check,
  .plan = plan,
  .name_it = name_it,
};
