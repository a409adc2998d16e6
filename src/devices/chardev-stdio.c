/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU's standard streams, which a start keeps from the terminal: QEMU would change how it works for others.
 *
 *   <serial type='stdio'/>
 */
#include "devices/chardev.h"

static const VcField rows[] = { { 0 } };

static gboolean
claim (const VcChardev *chr, VcClaim *ret_claim)
{
  *ret_claim = (VcClaim){ "stdio", "", NULL };
  return TRUE;
}

const VcChardevKind vc_chardev_stdio = {
  .type = "stdio",
  .summary = "QEMU's standard streams: there is nothing to read, and what is written goes to its log.",
  .size = sizeof (VcChardev),
  .rows = rows,
  .backend = "stdio",
  .claim = claim,
};
