/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A serial port on the USB bus.
 *
 *   <serial type='pty'>
 *     <target type='usb-serial'/>
 *   </serial>
 */
#include "devices/serial.h"

static const char *const models[] = { "", "usb-serial", NULL };

static const VcField rows[] = { VC_SERIAL_ROWS, VC_SERIAL_MODEL_ROW (models), { 0 } };

const VcKind vc_kind_serial_usb = {
  .name = "serial-usb",
  .element = "serial",
  .select = "target/@type",
  .value = "usb-serial",
  .summary = "A serial port on the USB bus.",
  .size = sizeof (VcSerialPort),
  .rows = rows,
  .alias = "serial",
  .driver = "usb-serial",
  .plugs_into = &vc_bus_usb,
  .fill = vc_serial_port_fill,
  .check = vc_serial_check,
  .plan = vc_serial_plan,
};
