/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/serial.h"

void
vc_serial_fill (VcDevice *dev, const VcPeers *peers)
{
  vc_chardev_fill (((VcSerial *) dev)->chr, dev);
}

void
vc_serial_port_fill (VcDevice *dev, const VcPeers *peers)
{
  ((VcSerialPort *) dev)->model = 1;
  vc_serial_fill (dev, peers);
}

gboolean
vc_serial_check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  return vc_chardev_check (((const VcSerial *) dev)->chr, dev, peers, error);
}

gboolean
vc_serial_plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const char *id = vc_chardev_plan (((const VcSerial *) dev)->chr, dev, ctx, out, error);

  if (id == NULL)
    return FALSE;
  vc_props_str (vc_plan_device (out, dev, NULL, ctx), "chardev", id);
  return TRUE;
}
