/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A virtio controller whose ports are channels and consoles.
 *
 *   <controller type='virtio-serial' index='0' ports='16'/>
 */
#include "devices/controller-virtio-serial.h"
#include "devices/virtio.h"

enum
{
  VIRTIO = 1,
  TRANSITIONAL,
  NON_TRANSITIONAL
};

static const char *const models[] = { "", "virtio", "virtio-transitional", "virtio-non-transitional", NULL };
static const char *const drivers[]
    = { "virtio-serial-pci", "virtio-serial-pci", "virtio-serial-pci-transitional",
        "virtio-serial-pci-non-transitional" };

typedef struct
{
  VcController base;
  int model;
  VcU32 ports;
  VcU32 vectors;
  VcVirtio virtio;
} ControllerVirtioSerial;

static const VcField rows[]
    = { VC_U32 (VcController, index, "@index", .max = 255, .doc = "number of the controller"),
        VC_CHOICE (ControllerVirtioSerial, model, "@model", models, .doc = "virtio model"),
        VC_U32 (ControllerVirtioSerial, ports, "@ports", .prop = "max_ports", .min = 1,
                .max = VC_VIRTIO_SERIAL_PORTS, .doc = "number of ports, port 0 counted"),
        VC_U32 (ControllerVirtioSerial, vectors, "@vectors", .prop = "vectors",
                .doc = "number of interrupt vectors"),
        VC_VIRTIO_ROWS (ControllerVirtioSerial, virtio),
        { 0 } };

guint
vc_virtio_serial_ports (const VcDevice *controller)
{
  return vc_u32_or (((const ControllerVirtioSerial *) controller)->ports, VC_VIRTIO_SERIAL_PORTS);
}

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  if (((ControllerVirtioSerial *) dev)->model == TRANSITIONAL)
    dev->pci = VC_PCI_CONVENTIONAL; /* has old I/O ports, which PCI Express ports do not give */
}

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  return g_strdup_printf ("virtio-serial%u", ((const VcController *) dev)->index.value);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  vc_plan_device (out, dev, drivers[((const ControllerVirtioSerial *) dev)->model], ctx);
  return TRUE;
}

const VcKind vc_kind_controller_virtio_serial = {
  .name = "controller-virtio-serial",
  .element = "controller",
  .select = "@type",
  .value = "virtio-serial",
  .summary = "A virtio controller whose ports are channels and consoles.",
  .size = sizeof (ControllerVirtioSerial),
  .rows = rows,
  .driver = "virtio-serial-pci",
  .plugs_into = &vc_bus_pci,
  .pci = VC_PCI_EXPRESS,
  .fill = fill,
  .plan = plan,
  .name_it = name_it,
};
