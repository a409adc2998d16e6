/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TCP connection, made or waited for.
 *
 *   <serial type='tcp'>
 *     <source mode='bind' host='127.0.0.1' service='2001'/>
 *     <protocol type='raw'/>
 *   </serial>
 */
#include <string.h>

#include "base/error.h"
#include "devices/reconnect.h"
#include "devices/tls.h"

enum
{
  CONNECT = 1,
  BIND
};
enum
{
  RAW = 1,
  TELNET,
  TELNETS,
  TLS
};

static const char *const modes[] = { "", "connect", "bind", NULL };
static const char *const protocols[] = { "", "raw", "telnet", "telnets", "tls", NULL };

typedef struct
{
  VcChardev base;
  int mode;
  char *host;
  char *service;
  VcTls tls;
  VcReconnect reconnect;
  int protocol;
} ChardevTcp;

static const VcField rows[]
    = { VC_CHOICE (ChardevTcp, mode, "source/@mode", modes, .doc = "whether QEMU connects or waits"),
        VC_STR (ChardevTcp, host, "source/@host", .doc = "host name or address"),
        VC_STR (ChardevTcp, service, "source/@service", .doc = "port or service name"),
        VC_TLS_ROWS (ChardevTcp, tls),
        VC_RECONNECT (ChardevTcp, reconnect),
        VC_CHOICE (ChardevTcp, protocol, "protocol/@type", protocols, .doc = "what runs over the connection"),
        { 0 } };

static void
fill (VcChardev *chr, const VcDevice *holder)
{
  ChardevTcp *self = (ChardevTcp *) chr;

  vc_reconnect_fill (&self->reconnect);
  if (self->mode == 0)
    self->mode = CONNECT;
  if (self->protocol == 0)
    self->protocol = RAW;
}

static gboolean
check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  const ChardevTcp *self = (const ChardevTcp *) chr;

  if (self->host == NULL || *self->host == '\0')
    return vc_device_fail (holder, error, "needs source/@host, the %s", rows[1].doc);
  if (self->service == NULL || *self->service == '\0')
    return vc_device_fail (holder, error, "needs source/@service, the %s", rows[2].doc);
  if (!vc_service_check (self->service, holder, error))
    return FALSE;
  if (self->protocol == TELNETS || self->protocol == TLS)
    return vc_device_fail_unsupported (
        holder, error,
        "<protocol type='%s'/> would run unencrypted, as it does under libvirt: write "
        "<protocol type='%s'/> and tls='yes' on <source>",
        protocols[self->protocol], self->protocol == TELNETS ? "telnet" : "raw");
  return vc_tls_check (&self->tls, self->mode == BIND, holder, error)
         && vc_reconnect_check (&self->reconnect, self->mode != BIND, holder, error);
}

/* Port 0 is any that is free. */
static gboolean
claim (const VcChardev *chr, VcClaim *ret_claim)
{
  const ChardevTcp *self = (const ChardevTcp *) chr;

  if (self->mode != BIND || self->host == NULL || self->service == NULL || strcmp (self->service, "0") == 0)
    return FALSE;
  *ret_claim = (VcClaim){ VC_TCP_PORT, self->service, self->host };
  return TRUE;
}

static void
resolve (VcChardev *chr, const VcTlsFacts *tls)
{
  vc_tls_resolve (&((ChardevTcp *) chr)->tls, tls);
}

static gboolean
before (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const ChardevTcp *self = (const ChardevTcp *) chr;

  vc_tls_before (&self->tls, self->mode == BIND, holder, ctx->tls, out);
  return TRUE;
}

static gboolean
plan (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx, VcPlan *out, VcProps *props,
      GError **error)
{
  const ChardevTcp *self = (const ChardevTcp *) chr;

  vc_props_str (props, "host", self->host);
  vc_props_str (props, "port", self->service);
  if (self->protocol == TELNET)
    vc_props_bool (props, "telnet", TRUE);
  if (self->mode == BIND)
    {
      vc_props_bool (props, "server", TRUE);
      vc_props_bool (props, "wait", FALSE);
    }
  vc_props_bool (props, "nodelay", TRUE); /* QEMU writes a card message in two pieces: 40 ms each without */
  vc_reconnect_put (&self->reconnect, props);
  vc_tls_put (&self->tls, holder, ctx->tls, props);
  return TRUE;
}

const VcChardevKind vc_chardev_tcp = {
  .type = "tcp",
  .summary = "A TCP connection, made or waited for.",
  .size = sizeof (ChardevTcp),
  .rows = rows,
  .backend = "socket",
  .fill = fill,
  .check = check,
  .claim = claim,
  .resolve = resolve,
  .before = before,
  .plan = plan,
};
