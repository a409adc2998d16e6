/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/chardev-path.h"

gboolean
vc_chardev_path_check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  if (((const VcChardevPath *) chr)->path == NULL)
    return vc_device_fail (holder, error, "needs source/@path, the %s", chr->kind->rows[0].doc);
  return TRUE;
}
