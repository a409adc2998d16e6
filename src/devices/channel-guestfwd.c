/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An address and port in the guest's network that lead to the host side.
 *
 *   <channel type='unix'>
 *     <source mode='connect' path='/run/service'/>
 *     <target type='guestfwd' address='10.0.2.1' port='4600'/>
 *   </channel>
 */
#include <arpa/inet.h>

#include "devices/chardev.h"

typedef struct
{
  VcDevice base;
  VcChardev *chr;
  char *address;
  VcU32 port;
} ChannelGuestfwd;

static const VcField rows[] = { VC_ROW (ChannelGuestfwd, chr, VcChardev *, vc_type_chardev, "@type",
                                        .more = "pty", .doc = "host side"),
                                VC_STR (ChannelGuestfwd, address, "target/@address", .flags = VC_REQUIRED,
                                        .doc = "IPv4 address the guest connects to"),
                                VC_U32 (ChannelGuestfwd, port, "target/@port", .min = 1, .max = 65535,
                                        .flags = VC_REQUIRED, .doc = "port the guest connects to"),
                                { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  vc_chardev_fill (((ChannelGuestfwd *) dev)->chr, dev);
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const ChannelGuestfwd *self = (const ChannelGuestfwd *) dev;
  struct in_addr address;

  if (inet_pton (AF_INET, self->address, &address) != 1)
    return vc_device_fail (dev, error, "target/@address: '%s' is not an IPv4 address", self->address);
  return vc_chardev_check (self->chr, dev, peers, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const ChannelGuestfwd *self = (const ChannelGuestfwd *) dev;
  const char *id = vc_chardev_plan (self->chr, dev, ctx, out, error);
  VcProps *forwards;

  if (id == NULL)
    return FALSE;
  forwards = vc_props_group (vc_plan_add (out, VC_Q_NETDEV, "user", dev->alias), "guestfwd");
  vc_props_strf (vc_props_group (forwards, "0"), "str", "tcp:%s:%u-chardev:%s", self->address,
                 self->port.value, id);
  return TRUE;
}

const VcKind vc_kind_channel_guestfwd = {
  .name = "channel-guestfwd",
  .element = "channel",
  .select = "target/@type",
  .value = "guestfwd",
  .summary = "An address and port in the guest's network that lead to the host side.",
  .size = sizeof (ChannelGuestfwd),
  .rows = rows,
  .alias = "channel",
  .fill = fill,
  .check = check,
  .plan = plan,
};
