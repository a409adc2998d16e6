/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A console on a virtio-serial port.
 *
 *   <console type='pty'>
 *     <target type='virtio'/>
 *   </console>
 */
#include "devices/serial.h"

static const VcField rows[]
    = { VC_ROW (VcSerial, chr, VcChardev *, vc_type_chardev, "@type", .more = "pty",
                .doc = "host side of the console"),
        VC_U32 (VcSerial, port, "target/@port", .max = 255, .doc = "number of the console"),
        { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  vc_chardev_fill (((VcSerial *) dev)->chr, dev);
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  return vc_chardev_check (((const VcSerial *) dev)->chr, dev, peers, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const char *id = vc_chardev_plan (((const VcSerial *) dev)->chr, dev, ctx, out, error);

  if (id == NULL)
    return FALSE;
  vc_props_str (vc_plan_device (out, dev, NULL, ctx), "chardev", id);
  return TRUE;
}

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
  .fill = fill,
  .check = check,
  .plan = plan,
};
