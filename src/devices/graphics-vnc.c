/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A VNC display server.
 *
 *   <graphics type='vnc' port='-1' autoport='yes'/>
 */
#include <string.h>

#include "devices/audio.h"
#include "devices/graphics.h"

#define FIRST_PORT 5900

static const char *const policies[] = { "", "allow-exclusive", "force-shared", "ignore", NULL };

typedef struct
{
  VcGraphics base;
  int policy;
  VcTri power;
} GraphicsVnc;

static const VcField rows[]
    = { VC_ROW (VcGraphics, port, int, vc_type_port, "@port", .doc = "port, -1 for any"),
        VC_TRI (VcGraphics, autoport, "@autoport", .doc = "whether a free port is looked for at start"),
        VC_GRAPHICS_LISTEN_ROWS,
        VC_CHOICE (GraphicsVnc, policy, "@sharePolicy", policies, .doc = "whether several viewers may watch"),
        VC_TRI (GraphicsVnc, power, "@powerControl", .doc = "whether viewers may switch the guest off"),
        { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  VcGraphics *self = (VcGraphics *) dev;

  if (self->port <= 0 || self->autoport == VC_TRI_YES)
    {
      self->autoport = VC_TRI_YES;
      self->port = dev->found ? self->port : -1;
    }
  else
    self->autoport = VC_TRI_NO;
  vc_graphics_fill_listen (self);
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const VcGraphics *self = (const VcGraphics *) dev;

  if (vc_peers_find (peers, "graphics", "vnc", 0) != dev)
    return vc_device_fail (dev, error, "a guest has at most one VNC server");
  if (self->port > 0 && self->port < FIRST_PORT)
    return vc_device_fail (dev, error, "@port: VNC ports begin at %d, not %d", FIRST_PORT, self->port);
  if (g_strcmp0 (self->address, "unix") == 0 || g_strcmp0 (self->listen, "unix") == 0)
    return vc_device_fail (dev, error, "'unix' is no address: QEMU would make a socket file of it");
  return vc_graphics_check (self, error);
}

/* QEMU looks for an id in it as if doubled commas were two, and takes "a=b" for a property; brackets around
 * it are an IPv6 address's. */
static gboolean
can_say (const char *address)
{
  gboolean in_brackets = *address == '[' && address[strlen (address) - 1] == ']';

  return strpbrk (address, "=,") == NULL && (!in_brackets || strchr (address, ':') != NULL);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const GraphicsVnc *self = (const GraphicsVnc *) dev;
  const VcGraphics *where = &self->base;
  const char *address = where->address != NULL ? where->address : VC_GRAPHICS_ADDRESS;
  int display = where->port > 0 ? where->port - FIRST_PORT : 0;
  gboolean six = strchr (address, ':') != NULL;
  g_autofree char *first = NULL;
  VcProps *props;

  if (where->listen_type != VC_LISTEN_NONE && !can_say (address))
    return vc_device_fail_unsupported (dev, error, "QEMU cannot be told the address '%s'", address);
  if (where->listen_type == VC_LISTEN_NONE)
    first = g_strdup ("none");
  else
    first = g_strdup_printf ("%s%s%s:%d", six ? "[" : "", address, six ? "]" : "", display);
  props = vc_plan_option (out, "-vnc", first);
  vc_props_str (props, "share", vc_choice (policies, self->policy));
  if (self->power != VC_TRI_UNSET)
    vc_props_tri (props, "power-control", self->power);
  vc_props_str (props, "audiodev", vc_audio_first (ctx->peers));
  return TRUE;
}

const VcKind vc_kind_graphics_vnc = {
  .name = "graphics-vnc",
  .element = "graphics",
  .select = "@type",
  .value = "vnc",
  .summary = "A VNC display server.",
  .fixed = "QEMU opens displays only when it starts",
  .size = sizeof (GraphicsVnc),
  .rows = rows,
  .fill = fill,
  .check = check,
  .plan = plan,
};
