/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A serial port on the PCI bus.
 *
 *   <serial type='pty'>
 *     <target type='pci-serial'/>
 *   </serial>
 */
#include "devices/serial.h"

static const char *const models[] = { "", "pci-serial", NULL };

static const VcField rows[] = { VC_SERIAL_ROWS, VC_SERIAL_MODEL_ROW (models), { 0 } };

const VcKind vc_kind_serial_pci = {
  .name = "serial-pci",
  .element = "serial",
  .select = "target/@type",
  .value = "pci-serial",
  .summary = "A serial port on the PCI bus.",
  .size = sizeof (VcSerialPort),
  .rows = rows,
  .alias = "serial",
  .driver = "pci-serial",
  .plugs_into = &vc_bus_pci,
  .fill = vc_serial_port_fill,
  .check = vc_serial_check,
  .plan = vc_serial_plan,
};
