/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first serial port under its other name: QEMU makes nothing for it.
 *
 *   <console type='pty'/>
 */
#include "devices/serial.h"

static const VcField rows[] = { VC_SERIAL_ROWS, { 0 } };

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  if (vc_peers_find (peers, "console", NULL, 0) != dev)
    return vc_device_fail (dev, error, "only the first console can be a serial port");
  return vc_chardev_check (((const VcSerial *) dev)->chr, dev, peers, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  return TRUE;
}

const VcKind vc_kind_console_serial = {
  .name = "console-serial",
  .element = "console",
  .select = "target/@type",
  .value = "serial",
  .is_default = TRUE,
  .summary = "The first serial port under its other name.",
  .fixed = "it is the first serial port under its other name: a console of <target type='virtio'/> can",
  .size = sizeof (VcSerial),
  .rows = rows,
  .alias = "console",
  .fill = vc_serial_fill,
  .check = check,
  .plan = plan,
};
