/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A debug port that firmware writes to.
 *
 *   <serial type='pty'>
 *     <target type='isa-debug'/>
 *   </serial>
 */
#include "devices/serial.h"

static const char *const models[] = { "", "isa-debugcon", NULL };

static const VcField rows[] = { VC_SERIAL_ROWS, VC_SERIAL_MODEL_ROW (models), { 0 } };

const VcKind vc_kind_serial_debug = {
  .name = "serial-debug",
  .element = "serial",
  .select = "target/@type",
  .value = "isa-debug",
  .summary = "A debug port that firmware writes to.",
  .fixed = "the ISA bus takes devices only when QEMU starts",
  .size = sizeof (VcSerialPort),
  .rows = rows,
  .alias = "serial",
  .driver = "isa-debugcon",
  .plugs_into = &vc_bus_isa,
  .fill = vc_serial_port_fill,
  .check = vc_serial_check,
  .plan = vc_serial_plan,
};
