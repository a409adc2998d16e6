/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A device of the host: its serial or parallel port.
 *
 *   <serial type='dev'>
 *     <source path='/dev/ttyS0'/>
 *   </serial>
 */
#include "devices/chardev-path.h"

static const VcField rows[]
    = { VC_PATH (VcChardevPath, path, "source/@path", .prop = "path", .doc = "device of the host"), { 0 } };

const VcChardevKind vc_chardev_dev = {
  .type = "dev",
  .summary = "A device of the host: its serial or parallel port.",
  .size = sizeof (VcChardevPath),
  .rows = rows,
  .backend = "serial",
  .parallel = "parallel",
  .check = vc_chardev_path_check,
};
