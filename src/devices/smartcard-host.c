/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The card in the host's own reader, as far as NSS sees it.
 *
 *   <smartcard mode='host'/>
 */
#include "devices/smartcard.h"

static const VcField rows[] = {
  VC_IGNORED ("@type", .doc = "nothing: what virt-install writes in every mode"),
  VC_SMARTCARD_ROWS,
  { 0 },
};

/* QEMU has one set of card options a process: whoever comes first decides for all. */
static gboolean
check_alone (const VcDevice *dev, const VcPlanContext *ctx, GError **error)
{
  if (vc_peers_find (ctx->peers, "smartcard", "host-certificates", 0) != NULL)
    return vc_device_fail_unsupported (
        dev, error,
        "QEMU cannot hold mode='host' and mode='host-certificates' side by side: "
        "give one of them by mode='passthrough'");
  if (vc_peers_find (ctx->peers, "smartcard", "host", 0) != dev)
    return vc_device_fail_unsupported (
        dev, error, "QEMU can hold mode='host' only once: give the other card by mode='passthrough'");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  if (!check_alone (dev, ctx, error))
    return FALSE;
  vc_props_str (vc_plan_device (out, dev, NULL, ctx), "backend", "nss-emulated");
  return TRUE;
}

const VcKind vc_kind_smartcard_host = {
  .name = "smartcard-host",
  .element = "smartcard",
  .select = "@mode",
  .value = "host",
  .summary = "The card in the host's own reader, as far as NSS sees it.",
  .size = sizeof (VcDevice),
  .rows = rows,
  .alias = "smartcard",
  .driver = "ccid-card-emulated",
  .plugs_into = &vc_bus_ccid,
  .plan = plan,
};
