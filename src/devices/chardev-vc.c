/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text console of QEMU's own display.
 *
 *   <serial type='vc'/>
 */
#include "devices/chardev.h"

static const VcField rows[] = { { 0 } };

const VcChardevKind vc_chardev_vc = {
  .type = "vc",
  .summary = "A text console of QEMU's own display.",
  .size = sizeof (VcChardev),
  .rows = rows,
  .backend = "vc",
};
