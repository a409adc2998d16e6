/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A channel of the SPICE connection: the viewer at its other end provides it.
 *
 *   <smartcard mode='passthrough' type='spicevmc'/>
 */
#include "devices/chardev.h"

static const VcField rows[] = { { 0 } };

static gboolean
check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  if (!vc_is (holder, "smartcard", NULL) && !vc_is (holder, "redirdev", NULL) && !vc_is (holder, "rng", NULL)
      && !vc_is (holder, "channel", "virtio"))
    return vc_device_fail (holder, error,
                           "type='spicevmc' is for smartcards and channels of target type virtio");
  if (vc_peers_find (peers, "graphics", "spice", 0) == NULL && !peers->incomplete)
    return vc_device_fail (holder, error, "type='spicevmc' needs <graphics type='spice'> in the guest");
  return TRUE;
}

static gboolean
plan (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx, VcPlan *out, VcProps *props,
      GError **error)
{
  const char *name = "vdagent";

  if (vc_is (holder, "smartcard", NULL))
    name = "smartcard";
  else if (vc_is (holder, "redirdev", NULL))
    name = "usbredir";
  vc_props_str (props, "name", name);
  return TRUE;
}

const VcChardevKind vc_chardev_spicevmc = {
  .type = "spicevmc",
  .summary = "A channel of the SPICE connection: the viewer at its other end provides it.",
  .size = sizeof (VcChardev),
  .rows = rows,
  .backend = "spicevmc",
  .check = check,
  .plan = plan,
};
