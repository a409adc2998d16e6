/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nowhere: what the guest sends is thrown away.
 *
 *   <serial type='null'/>
 */
#include "devices/chardev.h"

static const VcField rows[] = { { 0 } };

const VcChardevKind vc_chardev_null = {
  .type = "null",
  .summary = "Nowhere: what the guest sends is thrown away.",
  .size = sizeof (VcChardev),
  .rows = rows,
  .backend = "null",
};
