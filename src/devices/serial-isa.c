/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A serial port of the ISA bus: COM1 to COM4.
 *
 *   <serial type='pty'>
 *     <target type='isa-serial' port='0'/>
 *   </serial>
 */
#include "devices/serial.h"

static const char *const models[] = { "", "isa-serial", NULL };

static const VcField rows[] = { VC_SERIAL_ROWS, VC_SERIAL_MODEL_ROW (models), { 0 } };

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const VcSerial *self = (const VcSerial *) dev;
  guint before = 0;

  if (vc_u32_or (self->port, 0) >= VC_ISA_SERIAL_MAX)
    return vc_device_fail (dev, error, "target/@port: a machine has the ISA serial ports 0 to 3, not %u",
                           self->port.value);
  for (guint i = 0; i < peers->devices->len && peers->devices->pdata[i] != dev; i++)
    {
      const VcSerial *other = peers->devices->pdata[i];

      if (other->base.kind != dev->kind)
        continue;
      if (++before >= VC_ISA_SERIAL_MAX)
        return vc_device_fail (dev, error, "a machine has at most 4 ISA serial ports");
      if (other->port.set && self->port.set && other->port.value == self->port.value)
        return vc_device_fail (dev, error, "target/@port: port %u is taken by the serial port in line %u",
                               self->port.value, other->base.line);
    }
  return vc_chardev_check (self->chr, dev, peers, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const VcSerial *self = (const VcSerial *) dev;
  const char *id = vc_chardev_plan (self->chr, dev, ctx, out, error);
  VcProps *props;

  if (id == NULL)
    return FALSE;
  props = vc_plan_device (out, dev, NULL, ctx);
  vc_props_str (props, "chardev", id);
  vc_props_u64 (props, "index", self->port.value);
  return TRUE;
}

const VcKind vc_kind_serial_isa = {
  .name = "serial-isa",
  .element = "serial",
  .select = "target/@type",
  .value = "isa-serial",
  .is_default = TRUE,
  .summary = "A serial port of the ISA bus: COM1 to COM4.",
  .fixed = "the ISA bus takes devices only when QEMU starts: ports of <target type='usb-serial'/> and "
           "'pci-serial' can",
  .size = sizeof (VcSerialPort),
  .rows = rows,
  .alias = "serial",
  .driver = "isa-serial",
  .plugs_into = &vc_bus_isa,
  .fill = vc_serial_port_fill,
  .check = check,
  .plan = plan,
};
