/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A parallel port.
 *
 *   <parallel type='file'>
 *     <source path='/tmp/printed'/>
 *   </parallel>
 */
#include "devices/serial.h"

#define MAX_PORTS 3u /* QEMU's limit */

static const VcField rows[] = { VC_SERIAL_ROWS, { 0 } };

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  if (vc_peers_find (peers, "parallel", NULL, MAX_PORTS) == dev)
    return vc_device_fail (dev, error, "a machine has at most %u parallel ports", MAX_PORTS);
  return vc_chardev_check (((const VcSerial *) dev)->chr, dev, peers, error);
}

const VcKind vc_kind_parallel = {
  .name = "parallel",
  .element = "parallel",
  .summary = "A parallel port.",
  .fixed = "the ISA bus takes devices only when QEMU starts",
  .size = sizeof (VcSerial),
  .rows = rows,
  .alias = "parallel",
  .driver = "isa-parallel",
  .fill = vc_serial_fill,
  .check = check,
  .plan = vc_serial_plan,
};
