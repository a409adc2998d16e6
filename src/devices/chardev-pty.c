/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pseudo-terminal, whose path is known when the guest runs.
 *
 *   <serial type='pty'/>
 */
#include "devices/chardev.h"

static const VcField rows[]
    = { VC_JUDGED ("source/@path", vc_type_path, .doc = "pseudo-terminal of a running guest"),
        VC_JUDGED ("@tty", vc_type_path, .doc = "pseudo-terminal of a running guest"),
        { 0 } };

const VcChardevKind vc_chardev_pty = {
  .type = "pty",
  .summary = "A pseudo-terminal, whose path is known when the guest runs.",
  .size = sizeof (VcChardev),
  .rows = rows,
  .backend = "pty",
};
