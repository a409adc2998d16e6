/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card held by another process and reached over the VSC protocol.
 *
 *   <smartcard mode='passthrough' type='unix'>
 *     <source path='/run/cards/alice.sock' mode='bind'/>
 *   </smartcard>
 */
#include "devices/chardev.h"

typedef struct
{
  VcDevice base;
  VcChardev *wire;
} SmartcardPassthrough;

static const VcField rows[]
    = { VC_CHARDEV (SmartcardPassthrough, wire, .flags = VC_REQUIRED, .doc = "way to the card provider"),
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
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const char *id = vc_chardev_plan (((const SmartcardPassthrough *) dev)->wire, dev, ctx, out, error);

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
