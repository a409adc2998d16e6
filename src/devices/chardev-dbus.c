/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A named channel of a D-Bus display.
 *
 *   <serial type='dbus'>
 *     <source channel='org.qemu.console.serial.0'/>
 *   </serial>
 */
#include "devices/chardev-channel.h"

static const VcField rows[]
    = { VC_STR (VcChardevChannel, channel, "source/@channel", .prop = "name", .doc = "name of the channel"),
        { 0 } };

/* What QEMU's own D-Bus clients look for. */
static void
fill (VcChardev *chr, const VcDevice *holder)
{
  VcChardevChannel *self = (VcChardevChannel *) chr;

  if (self->channel == NULL && vc_is (holder, "redirdev", NULL))
    self->channel = g_strdup ("org.qemu.usbredir");
}

static gboolean
check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  if (((const VcChardevChannel *) chr)->channel == NULL && vc_is (holder, "redirdev", NULL))
    return TRUE;
  return vc_chardev_channel_check (chr, holder, peers, error);
}

const VcChardevKind vc_chardev_dbus = {
  .type = "dbus",
  .summary = "A named channel of a D-Bus display.",
  .size = sizeof (VcChardevChannel),
  .rows = rows,
  .backend = "dbus",
  .fill = fill,
  .check = check,
};
