/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/chardev-channel.h"

#include <string.h>

gboolean
vc_chardev_channel_check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  const char *channel = ((const VcChardevChannel *) chr)->channel;

  if (channel == NULL || *channel == '\0')
    return vc_device_fail (holder, error, "needs source/@channel, the %s", chr->kind->rows[0].doc);
  if (strspn (channel, letters) != strlen (channel))
    return vc_device_fail (holder, error,
                           "source/@channel: '%s' may hold only letters, digits, '-', '_' and '.'", channel);
  return TRUE;
}
