/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A named port of the SPICE connection, for a viewer that knows the name.
 *
 *   <serial type='spiceport'>
 *     <source channel='org.qemu.console.serial.0'/>
 *   </serial>
 */
#include "devices/chardev-channel.h"

static const VcField rows[]
    = { VC_STR (VcChardevChannel, channel, "source/@channel", .prop = "name", .doc = "name of the port"),
        { 0 } };

static gboolean
check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  if (!vc_chardev_channel_check (chr, holder, peers, error))
    return FALSE;
  if (vc_peers_find (peers, "graphics", "spice", 0) == NULL && !peers->incomplete)
    return vc_device_fail (holder, error, "type='spiceport' needs <graphics type='spice'> in the guest");
  return TRUE;
}

const VcChardevKind vc_chardev_spiceport = {
  .type = "spiceport",
  .summary = "A named port of the SPICE connection, for a viewer that knows the name.",
  .size = sizeof (VcChardevChannel),
  .rows = rows,
  .backend = "spiceport",
  .check = check,
};
