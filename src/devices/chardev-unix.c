/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A unix socket, connected to or waited on.
 *
 *   <smartcard mode='passthrough' type='unix'>
 *     <source mode='bind' path='/run/cards/alice.sock'/>
 *   </smartcard>
 */
#include <string.h>

#include "devices/reconnect.h"

enum
{
  CONNECT = 1,
  BIND
};

static const char *const modes[] = { "", "connect", "bind", NULL };
static const char *const raw_only[] = { "", "raw", NULL };

typedef struct
{
  VcChardev base;
  int mode;
  char *path;
  VcReconnect reconnect;
  int protocol; /* raw, the only one: said or not, it is not printed              */
} ChardevUnix;

static const VcField rows[]
    = { VC_CHOICE (ChardevUnix, mode, "source/@mode", modes, .doc = "whether QEMU connects or waits"),
        VC_PATH (ChardevUnix, path, "source/@path", .doc = "path of the socket"),
        VC_RECONNECT (ChardevUnix, reconnect),
        VC_CHOICE (ChardevUnix, protocol, "protocol/@type", raw_only, .flags = VC_DROPPED, .doc = "raw"),
        { 0 } };

/* A channel without a path gets one from whoever starts the guest. */
static gboolean
may_lack_path (const VcDevice *holder)
{
  return vc_is (holder, "channel", "virtio");
}

/* What a libvirt once made up for this channel: ".../domain-GUEST/CHANNEL", or a file in its own folder. */
static gboolean
was_made_up (const ChardevUnix *self)
{
  static const char *const folder = "/var/lib/libvirt/qemu/channel/target/";
  g_autofree char *end = g_strconcat ("/", self->base.channel, NULL);
  const char *guest;

  if (self->path == NULL || self->base.channel == NULL)
    return FALSE;
  if (g_str_has_prefix (self->path, folder) && strchr (self->path + strlen (folder), '.') != NULL)
    return TRUE;
  guest = strstr (self->path, "domain-");
  return guest != NULL && guest[7] != '/' && strchr (guest, '/') != NULL
         && strcmp (strchr (guest, '/'), end) == 0;
}

static void
fill (VcChardev *chr, const VcDevice *holder)
{
  ChardevUnix *self = (ChardevUnix *) chr;

  vc_reconnect_fill (&self->reconnect);
  if (was_made_up (self))
    g_clear_pointer (&self->path, g_free);
  if (may_lack_path (holder) && self->path == NULL)
    {
      self->mode = 0;
      return;
    }
  if (self->mode == 0)
    self->mode = CONNECT;
}

static gboolean
check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  const ChardevUnix *self = (const ChardevUnix *) chr;

  if (self->path == NULL && !may_lack_path (holder))
    return vc_device_fail (holder, error, "needs source/@path, the %s", rows[1].doc);
  if (self->path != NULL && (*self->path == '\0' || strlen (self->path) > 107))
    return vc_device_fail (holder, error,
                           "source/@path: a unix socket's path has 1 to 107 bytes, this one %zu",
                           strlen (self->path));
  return vc_reconnect_check (&self->reconnect, self->mode != BIND && self->path != NULL, holder, error);
}

static gboolean
claim (const VcChardev *chr, VcClaim *ret_claim)
{
  const ChardevUnix *self = (const ChardevUnix *) chr;

  if (self->mode != BIND || self->path == NULL)
    return FALSE;
  *ret_claim = (VcClaim){ "the socket", self->path, NULL };
  return TRUE;
}

static gboolean
plan (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx, VcPlan *out, VcProps *props,
      GError **error)
{
  const ChardevUnix *self = (const ChardevUnix *) chr;
  const VcSeat *seat = &holder->seat;
  g_autofree char *made_up = NULL;

  if (self->path == NULL && chr->channel != NULL)
    made_up = g_build_filename (ctx->channels, chr->channel, NULL);
  else if (self->path == NULL)
    made_up = g_strdup_printf ("%s/vioser-%02u-%02u-%02u.sock", ctx->channels, seat->controller.value,
                               vc_u32_or (seat->bus, 0), seat->nr.value);
  if (made_up != NULL && strlen (made_up) > 107)
    return vc_device_fail (
        holder, error, "the automatic socket path '%s' is longer than 107 bytes: give source/@path", made_up);
  if (self->mode == CONNECT)
    vc_props_str (props, "path", self->path);
  else
    {
      vc_props_listen (props, "path", self->path != NULL ? self->path : made_up);
      vc_props_bool (props, "server", TRUE);
      vc_props_bool (props, "wait", FALSE);
    }
  vc_reconnect_put (&self->reconnect, props);
  return TRUE;
}

const VcChardevKind vc_chardev_unix = {
  .type = "unix",
  .summary = "A unix socket, connected to or waited on.",
  .size = sizeof (ChardevUnix),
  .rows = rows,
  .backend = "socket",
  .fill = fill,
  .check = check,
  .claim = claim,
  .plan = plan,
};
