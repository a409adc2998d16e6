/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Datagrams to an address, and from one.
 *
 *   <serial type='udp'>
 *     <source mode='bind' host='127.0.0.1' service='9999'/>
 *     <source mode='connect' host='127.0.0.1' service='9998'/>
 *   </serial>
 */
#include "devices/chardev.h"

typedef struct
{
  VcChardev base;
  char *host, *service;           /* where to send to   */
  char *bind_host, *bind_service; /* where to listen on */
} ChardevUdp;

static const VcField rows[]
    = { VC_STR (ChardevUdp, bind_host, "source[mode=bind]/@host", .doc = "address to listen on"),
        VC_STR (ChardevUdp, bind_service, "source[mode=bind]/@service", .doc = "port to listen on"),
        VC_STR (ChardevUdp, host, "source[?mode=connect]/@host", .doc = "host name or address to send to"),
        VC_STR (ChardevUdp, service, "source[?mode=connect]/@service",
                .doc = "port or service name to send to"),
        { 0 } };

static gboolean
check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  const ChardevUdp *self = (const ChardevUdp *) chr;

  if (self->service == NULL || *self->service == '\0')
    return vc_device_fail (holder, error, "needs source[mode=connect]/@service, the %s", rows[3].doc);
  return vc_service_check (self->service, holder, error)
         && (self->bind_service == NULL || vc_service_check (self->bind_service, holder, error));
}

static const char *
text_or (const char *text, const char *other)
{
  return text != NULL ? text : other;
}

static gboolean
plan (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx, VcPlan *out, VcProps *props,
      GError **error)
{
  const ChardevUdp *self = (const ChardevUdp *) chr;

  vc_props_str (props, "host", text_or (self->host, ""));
  vc_props_str (props, "port", self->service);
  vc_props_str (props, "localaddr", text_or (self->bind_host, ""));
  vc_props_str (props, "localport", text_or (self->bind_service, "0"));
  return TRUE;
}

const VcChardevKind vc_chardev_udp = {
  .type = "udp",
  .summary = "Datagrams to an address, and from one.",
  .size = sizeof (ChardevUdp),
  .rows = rows,
  .backend = "udp",
  .check = check,
  .plan = plan,
};
