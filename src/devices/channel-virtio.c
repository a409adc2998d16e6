/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A named channel between host and guest on a virtio-serial port.
 *
 *   <channel type='unix'>
 *     <target type='virtio' name='org.qemu.guest_agent.0'/>
 *   </channel>
 */
#include <string.h>

#include "devices/channel.h"
#include "devices/chardev.h"

#define SPICE_AGENT "com.redhat.spice.0"
#define GUEST_AGENT "org.qemu.guest_agent.0"

enum
{
  CONNECTED = 1,
  DISCONNECTED
};

static const char *const states[] = { "", "connected", "disconnected", NULL };

typedef struct
{
  VcDevice base;
  VcChardev *chr;
  char *name;
  int state; /* of a running guest */
} ChannelVirtio;

static const VcField rows[]
    = { VC_ROW (ChannelVirtio, chr, VcChardev *, vc_type_chardev, "@type", .more = "pty",
                .doc = "host side of the channel"),
        VC_STR (ChannelVirtio, name, "target/@name", .doc = "name the guest finds it by"),
        VC_CHOICE (ChannelVirtio, state, "target/@state", states, .flags = VC_LIVE,
                   .doc = "whether a running guest has opened it"),
        { 0 } };

/* SPICE's channel is found by its name, given or not. */
static const char *
name_of (const ChannelVirtio *self)
{
  if (self->name == NULL && strcmp (self->chr->kind->type, "spicevmc") == 0)
    return SPICE_AGENT;
  return self->name;
}

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  ChannelVirtio *self = (ChannelVirtio *) dev;

  self->chr->channel = self->name;
  vc_chardev_fill (self->chr, dev);
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const ChannelVirtio *self = (const ChannelVirtio *) dev;
  const char *name = name_of (self);

  if (strcmp (self->chr->kind->type, "spicevmc") == 0
      && g_strcmp0 (self->name != NULL ? self->name : SPICE_AGENT, SPICE_AGENT) != 0)
    return vc_device_fail (
        dev, error, "target/@name: a spicevmc channel is called '" SPICE_AGENT "', not '%s'", self->name);
  if (strcmp (self->chr->kind->type, "unix") == 0 && self->name != NULL
      && (strchr (self->name, '/') != NULL || strcmp (self->name, ".") == 0
          || strcmp (self->name, "..") == 0))
    return vc_device_fail (
        dev, error, "target/@name: '%s' cannot be the name of a file, and its socket is named after it",
        self->name);
  for (guint i = 0; name != NULL && peers->devices->pdata[i] != dev; i++)
    {
      const VcDevice *other = peers->devices->pdata[i];

      if (other->kind == dev->kind && g_strcmp0 (name_of ((const ChannelVirtio *) other), name) == 0)
        return vc_device_fail (dev, error, "target/@name: '%s' is taken by the <channel> in line %u", name,
                               other->line);
    }
  return vc_chardev_check (self->chr, dev, peers, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const ChannelVirtio *self = (const ChannelVirtio *) dev;
  const char *id = vc_chardev_plan (self->chr, dev, ctx, out, error);
  VcProps *props;

  if (id == NULL)
    return FALSE;
  props = vc_plan_device (out, dev, NULL, ctx);
  vc_props_str (props, "chardev", id);
  vc_props_str (props, "name", name_of (self));
  return TRUE;
}

const VcKind vc_kind_channel_virtio = {
  .name = "channel-virtio",
  .element = "channel",
  .select = "target/@type",
  .value = "virtio",
  .summary = "A named channel between host and guest on a virtio-serial port.",
  .size = sizeof (ChannelVirtio),
  .rows = rows,
  .alias = "channel",
  .driver = "virtserialport",
  .plugs_into = &vc_bus_virtio_serial,
  .fill = fill,
  .check = check,
  .plan = plan,
};

gboolean
vc_channel_set_open (VcDevice *dev, gboolean is_open)
{
  ChannelVirtio *self = (ChannelVirtio *) dev;
  int state = is_open ? CONNECTED : DISCONNECTED;

  if (dev->kind != &vc_kind_channel_virtio || self->state == state)
    return FALSE;
  self->state = state;
  return TRUE;
}

gboolean
vc_channel_is_known (const VcDevice *dev)
{
  return dev->kind != &vc_kind_channel_virtio || ((const ChannelVirtio *) dev)->state != 0;
}

gboolean
vc_channel_is_agent (const VcDevice *dev)
{
  return dev->kind == &vc_kind_channel_virtio
         && g_strcmp0 (((const ChannelVirtio *) dev)->name, GUEST_AGENT) == 0;
}
