/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A USB device that is plugged in somewhere else.
 *
 *   <redirdev bus='usb' type='spicevmc'/>
 */
#include "devices/chardev.h"
#include "devices/redirfilter.h"

static const char *const buses[] = { "", "usb", NULL };

typedef struct
{
  VcDevice base;
  int bus;
  VcChardev *chr;
} Redirdev;

static const VcField rows[]
    = { VC_CHOICE (Redirdev, bus, "@bus", buses, .doc = "bus"),
        VC_ROW (Redirdev, chr, VcChardev *, vc_type_chardev, "@type", .flags = VC_REQUIRED,
                .doc = "way to the device"),
        VC_U32 (VcDevice, boot, "boot/@order", .min = 1, .doc = "when it is booted: 1 is first"),
        { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  ((Redirdev *) dev)->bus = 1;
  vc_chardev_fill (((Redirdev *) dev)->chr, dev);
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  return vc_chardev_check (((const Redirdev *) dev)->chr, dev, peers, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const char *id = vc_chardev_plan (((const Redirdev *) dev)->chr, dev, ctx, out, error);
  g_autofree char *filter = vc_redirfilter_find (ctx->peers);
  VcProps *props;

  if (id == NULL)
    return FALSE;
  props = vc_plan_device (out, dev, NULL, ctx);
  vc_props_str (props, "chardev", id);
  vc_props_str (props, "filter", filter);
  vc_props_u32 (props, "bootindex", dev->boot);
  return TRUE;
}

const VcKind vc_kind_redirdev = {
  .name = "redirdev",
  .element = "redirdev",
  .summary = "A USB device that is plugged in somewhere else.",
  .size = sizeof (Redirdev),
  .rows = rows,
  .alias = "redir",
  .driver = "usb-redir",
  .plugs_into = &vc_bus_usb,
  .fill = fill,
  .check = check,
  .plan = plan,
};
