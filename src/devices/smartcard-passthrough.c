/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card held by another process and reached over the VSC protocol.
 *
 *   <smartcard mode='passthrough' type='unix'>
 *     <source path='/run/cards/alice.sock' mode='bind'/>
 *   </smartcard>
 */
#include "devices/chardev.h"
#include "devices/smartcard.h"

typedef struct
{
  VcDevice base;
  VcChardev *wire;
} SmartcardPassthrough;

static const VcField rows[]
    = { VC_CHARDEV (SmartcardPassthrough, wire, .flags = VC_REQUIRED, .doc = "way to the card provider"),
        VC_SMARTCARD_ROWS,
        { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  vc_chardev_fill (((SmartcardPassthrough *) dev)->wire, dev);
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  return vc_chardev_check (((const SmartcardPassthrough *) dev)->wire, dev, peers, error);
}

static gboolean
is_viewers (const VcDevice *dev)
{
  const VcChardev *wire = vc_chardev_of (dev);

  return vc_is (dev, "smartcard", NULL) && wire != NULL && g_str_equal (wire->kind->type, "spicevmc");
}

/* SPICE's server knows one such channel, and when another one is made it ends QEMU. */
static gboolean
check_alone (const VcDevice *dev, const VcPlanContext *ctx, GError **error)
{
  for (guint i = 0; is_viewers (dev) && ctx->peers->devices->pdata[i] != dev; i++)
    if (is_viewers (ctx->peers->devices->pdata[i]))
      return vc_device_fail_unsupported (
          dev, error, "QEMU can have only one card of the SPICE viewer: give the other one by a socket");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const char *id = check_alone (dev, ctx, error)
                       ? vc_chardev_plan (((const SmartcardPassthrough *) dev)->wire, dev, ctx, out, error)
                       : NULL;

  if (id == NULL)
    return FALSE;
  vc_props_str (vc_plan_device (out, dev, NULL, ctx), "chardev", id);
  return TRUE;
}

const VcKind vc_kind_smartcard_passthrough = {
  .name = "smartcard-passthrough",
  .element = "smartcard",
  .select = "@mode",
  .value = "passthrough",
  .summary = "A card held by another process.",
  .size = sizeof (SmartcardPassthrough),
  .rows = rows,
  .alias = "smartcard",
  .driver = "ccid-card-passthru",
  .plugs_into = &vc_bus_ccid,
  .fill = fill,
  .check = check,
  .plan = plan,
};
