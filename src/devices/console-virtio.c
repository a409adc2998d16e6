/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A console on a virtio-serial port.
 *
 *   <console type='pty'>
 *     <target type='virtio'/>
 *   </console>
 */
#include "devices/serial.h"

static const VcField rows[] = { VC_SERIAL_ROWS, { 0 } };

const VcKind vc_kind_console_virtio = {
  .name = "console-virtio",
  .element = "console",
  .select = "target/@type",
  .value = "virtio",
  .summary = "A console on a virtio-serial port.",
  .size = sizeof (VcSerial),
  .rows = rows,
  .alias = "console",
  .driver = "virtconsole",
  .plugs_into = &vc_bus_virtio_serial,
  .fill = vc_serial_fill,
  .check = vc_serial_check,
  .plan = vc_serial_plan,
};
