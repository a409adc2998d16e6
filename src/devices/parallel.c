/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A parallel port.
 *
 *   <parallel type='file'>
 *     <source path='/tmp/printed'/>
 *   </parallel>
 */
#include "devices/serial.h"

#define MAX_PORTS 3u /* QEMU's limit */

static const VcField rows[]
    = { VC_ROW (VcSerial, chr, VcChardev *, vc_type_chardev, "@type", .more = "pty",
                .doc = "host side of the port"),
        VC_U32 (VcSerial, port, "target/@port", .max = 255, .doc = "number of the port"),
        { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  vc_chardev_fill (((VcSerial *) dev)->chr, dev);
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  if (vc_peers_find (peers, "parallel", NULL, MAX_PORTS) == dev)
    return vc_device_fail (dev, error, "a machine has at most %u parallel ports", MAX_PORTS);
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

const VcKind vc_kind_parallel = {
  .name = "parallel",
  .element = "parallel",
  .summary = "A parallel port.",
  .size = sizeof (VcSerial),
  .rows = rows,
  .alias = "parallel",
  .driver = "isa-parallel",
  .fill = fill,
  .check = check,
  .plan = plan,
};
