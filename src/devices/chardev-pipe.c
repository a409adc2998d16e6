/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A named pipe, or a pair of them: PATH, or PATH.in and PATH.out.
 *
 *   <serial type='pipe'>
 *     <source path='/tmp/pipe'/>
 *   </serial>
 */
#include "devices/chardev-path.h"

static const VcField rows[]
    = { VC_PATH (VcChardevPath, path, "source/@path", .prop = "path", .doc = "named pipe"), { 0 } };

const VcChardevKind vc_chardev_pipe = {
  .type = "pipe",
  .summary = "A named pipe, or a pair of them: PATH, or PATH.in and PATH.out.",
  .size = sizeof (VcChardevPath),
  .rows = rows,
  .backend = "pipe",
  .check = vc_chardev_path_check,
};
