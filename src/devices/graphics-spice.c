/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A SPICE display server, whose viewer can also provide a smartcard.
 *
 *   <graphics type='spice' autoport='yes'/>
 */
#include "devices/graphics.h"

static const char *const compressions[] = { "", "auto_glz", "auto_lz", "quic", "glz", "lz", "off", NULL };

typedef struct
{
  VcGraphics base;
  int image;
} GraphicsSpice;

static const VcField rows[]
    = { VC_ROW (VcGraphics, port, int, vc_type_port, "@port", .doc = "port, -1 for any"),
        VC_ROW (VcGraphics, tls_port, int, vc_type_port, "@tlsPort", .doc = "encrypted port, -1 for any"),
        VC_TRI (VcGraphics, autoport, "@autoport", .doc = "whether free ports are looked for at start"),
        VC_GRAPHICS_LISTEN_ROWS,
        VC_CHOICE (GraphicsSpice, image, "image/@compression", compressions, .doc = "compression of images"),
        { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  VcGraphics *self = (VcGraphics *) dev;

  if (self->port == -1 && self->tls_port == -1)
    self->autoport = VC_TRI_YES;
  if (self->autoport == VC_TRI_YES)
    {
      if (!dev->found)
        self->port = self->tls_port = 0;
    }
  else
    self->autoport = self->port == 0 && self->tls_port == 0 ? VC_TRI_UNSET : VC_TRI_NO;
  if (self->autoport == VC_TRI_UNSET && self->address == NULL && self->listen == NULL)
    self->listen_type = VC_LISTEN_NONE;
  vc_graphics_fill_listen (self);
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  if (vc_peers_find (peers, "graphics", "spice", 0) != dev)
    return vc_device_fail (dev, error, "a guest has at most one SPICE server");
  return vc_graphics_check ((const VcGraphics *) dev, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const GraphicsSpice *self = (const GraphicsSpice *) dev;
  const VcGraphics *where = &self->base;
  int port = where->port, tls_port = where->tls_port;
  VcProps *props = vc_plan_option (out, "-spice", NULL);

  if (where->autoport == VC_TRI_YES && port == 0)
    {
      port = 5901; /* nobody looked for free ones: this is only shown */
      tls_port = ctx->spice_pki != NULL ? 5902 : 0;
    }
  if (where->listen_type == VC_LISTEN_NONE)
    vc_props_u64 (props, "port", 0);
  else
    {
      if (port > 0)
        vc_props_i64 (props, "port", port);
      if (tls_port > 0 && ctx->spice_pki == NULL)
        return vc_device_fail_unsupported (
            dev, error,
            "@tlsPort: this host has no certificates for SPICE, or spice_tls = 0 in its qemu.conf");
      if (tls_port > 0)
        vc_props_i64 (props, "tls-port", tls_port);
      vc_props_str (props, "addr", where->address != NULL ? where->address : VC_GRAPHICS_ADDRESS);
      if (tls_port > 0)
        vc_props_str (props, "x509-dir", ctx->spice_pki);
    }
  if (ctx->spice_open)
    vc_props_bool (props, "disable-ticketing", TRUE);
  vc_props_str (props, "image-compression", vc_choice (compressions, self->image));
  vc_props_bool (props, "seamless-migration", TRUE);
  return TRUE;
}

const VcKind vc_kind_graphics_spice = {
  .name = "graphics-spice",
  .element = "graphics",
  .select = "@type",
  .value = "spice",
  .summary = "A SPICE display server, whose viewer can also provide a smartcard.",
  .fixed = "QEMU opens displays only when it starts",
  .size = sizeof (GraphicsSpice),
  .rows = rows,
  .fill = fill,
  .check = check,
  .plan = plan,
};
