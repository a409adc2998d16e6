/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A SPICE display server, whose viewer can also provide a smartcard.
 *
 *   <graphics type='spice' autoport='yes'/>
 */
#include "devices/graphics.h"
#include "fields/list.h"

static const char *const compressions[] = { "", "auto_glz", "auto_lz", "quic", "glz", "lz", "off", NULL };

static const char *const wan[] = { "", "auto", "never", "always", NULL };
static const char *const streams[] = { "", "filter", "all", "off", NULL };
static const char *const mice[] = { "", "server", "client", NULL };
static const char *const modes[] = { "", "any", "secure", "insecure", NULL };
static const char *const channel_names[]
    = { "", "main", "display", "inputs", "cursor", "playback", "record", "smartcard", "usbredir", NULL };

enum
{
  ANY = 1,
  SECURE,
  INSECURE
};

typedef struct
{
  int name, mode;
} Channel;

typedef struct
{
  VcGraphics base;
  int mode;            /* of channels that are not named */
  GPtrArray *channels; /* Channel                        */
  int image, jpeg, zlib, stream, mouse;
  VcTri playback, copy, transfer, gl;
  char *render_node;
} GraphicsSpice;

static const VcField channel[]
    = { VC_CHOICE (Channel, name, "@name", channel_names, .flags = VC_REQUIRED, .doc = "channel"),
        VC_CHOICE (Channel, mode, "@mode", modes, .flags = VC_REQUIRED, .doc = "which port it uses"),
        { 0 } };

static const VcList channels = { .size = sizeof (Channel), .rows = channel };

static const VcField rows[]
    = { VC_ROW (VcGraphics, port, int, vc_type_port, "@port", .doc = "port, -1 for any"),
        VC_ROW (VcGraphics, tls_port, int, vc_type_port, "@tlsPort", .doc = "encrypted port, -1 for any"),
        VC_TRI (VcGraphics, autoport, "@autoport", .doc = "whether free ports are looked for at start"),
        VC_GRAPHICS_LISTEN_ROWS,
        VC_CHOICE (GraphicsSpice, mode, "@defaultMode", modes, .doc = "which port channels use"),
        VC_LIST (GraphicsSpice, channels, "channel[]", channels, .doc = "channels with a rule of their own"),
        VC_CHOICE (GraphicsSpice, image, "image/@compression", compressions, .doc = "compression of images"),
        VC_CHOICE (GraphicsSpice, jpeg, "jpeg/@compression", wan, .doc = "JPEG on slow lines"),
        VC_CHOICE (GraphicsSpice, zlib, "zlib/@compression", wan, .doc = "zlib on slow lines"),
        VC_ONOFF (GraphicsSpice, playback, "playback/@compression", .doc = "compression of sound"),
        VC_CHOICE (GraphicsSpice, stream, "streaming/@mode", streams, .doc = "what becomes a video stream"),
        VC_CHOICE (GraphicsSpice, mouse, "mouse/@mode", mice, .doc = "who moves the pointer"),
        VC_TRI (GraphicsSpice, copy, "clipboard/@copypaste", .doc = "whether there is a common clipboard"),
        VC_TRI (GraphicsSpice, transfer, "filetransfer/@enable", .doc = "whether files can be dropped"),
        VC_TRI (GraphicsSpice, gl, "gl/@enable", .doc = "whether the host's OpenGL draws"),
        VC_PATH (GraphicsSpice, render_node, "gl/@rendernode", .doc = "device of the host that draws"),
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
  const GraphicsSpice *self = (const GraphicsSpice *) dev;

  if (vc_peers_find (peers, "graphics", "spice", 0) != dev)
    return vc_device_fail (dev, error, "a guest has at most one SPICE server");
  for (guint i = 0; i < vc_list_n (self->channels); i++)
    for (guint j = 0; j < i; j++)
      if (((const Channel *) vc_list_nth (self->channels, i))->name
          == ((const Channel *) vc_list_nth (self->channels, j))->name)
        return vc_device_fail (dev, error, "channel/@name: '%s' is given twice",
                               channel_names[((const Channel *) vc_list_nth (self->channels, i))->name]);
  if (self->render_node != NULL && self->gl != VC_TRI_YES)
    return vc_device_fail (dev, error, "gl/@rendernode needs enable='yes'");
  return vc_graphics_check ((const VcGraphics *) dev, error);
}

static void
put_channel (VcProps *props, const char *name, int mode)
{
  if (mode == SECURE)
    vc_props_more (props, "tls-channel", name);
  else if (mode == INSECURE)
    vc_props_more (props, "plaintext-channel", name);
}

static gboolean
wants_secure (const GraphicsSpice *self)
{
  gboolean wants = self->mode == SECURE;

  for (guint i = 0; i < vc_list_n (self->channels); i++)
    wants |= ((const Channel *) vc_list_nth (self->channels, i))->mode == SECURE;
  return wants;
}

static void
put_options (const GraphicsSpice *self, VcProps *props)
{
  if (self->copy == VC_TRI_NO)
    vc_props_bool (props, "disable-copy-paste", TRUE);
  if (self->transfer == VC_TRI_NO)
    vc_props_bool (props, "disable-agent-file-xfer", TRUE);
  vc_props_str (props, "image-compression", vc_choice (compressions, self->image));
  vc_props_str (props, "jpeg-wan-compression", vc_choice (wan, self->jpeg));
  vc_props_str (props, "zlib-glz-wan-compression", vc_choice (wan, self->zlib));
  if (self->playback != VC_TRI_UNSET)
    vc_props_bool (props, "playback-compression", self->playback == VC_TRI_YES);
  vc_props_str (props, "streaming-video", vc_choice (streams, self->stream));
  if (self->mouse != 0)
    vc_props_bool (props, "agent-mouse", self->mouse == 2);
  if (self->gl == VC_TRI_YES)
    {
      vc_props_bool (props, "gl", TRUE);
      vc_props_str (props, "rendernode", self->render_node);
    }
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
  if (wants_secure (self) && tls_port <= 0)
    return vc_device_fail_unsupported (dev, error, "a channel with mode='secure' needs an encrypted port");
  put_channel (props, "default", self->mode);
  for (guint i = 0; i < vc_list_n (self->channels); i++)
    put_channel (props, channel_names[((const Channel *) vc_list_nth (self->channels, i))->name],
                 ((const Channel *) vc_list_nth (self->channels, i))->mode);
  put_options (self, props);
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
