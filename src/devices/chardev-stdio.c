/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Standard input and output of QEMU.
 *
 *   <serial type='stdio'/>
 */
#include "devices/chardev.h"

static const VcField rows[] = { { 0 } };

const VcChardevKind vc_chardev_stdio = {
  .type = "stdio",
  .summary = "Standard input and output of QEMU.",
  .size = sizeof (VcChardev),
  .rows = rows,
  .backend = "stdio",
};
