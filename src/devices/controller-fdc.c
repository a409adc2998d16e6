/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The floppy disk controller: part of the pc machine, added to q35.
 *
 *   <controller type='fdc' index='0'/>
 */
#include "devices/disk-facts.h"

static const VcField rows[]
    = { VC_U32 (VcController, index, "@index", .max = 255, .doc = "number of the controller"), { 0 } };

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  if (vc_u32_or (((const VcController *) dev)->index, 0) != 0)
    return vc_device_fail (dev, error, "a guest has only one floppy disk controller, with index 0");
  return TRUE;
}

/* Booting from a floppy disk is said to its controller. */
static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  VcProps *own = NULL;
  const VcDevice *drive;

  for (guint i = 0; (drive = vc_peers_find (ctx->peers, "disk", NULL, i)) != NULL; i++)
    {
      guint boot = vc_disk_boot_index (drive, ctx->peers);
      const char *letter = drive->seat.unit.value == 0 ? "A" : "B";

      if (g_strcmp0 (vc_disk_controller (drive), "fdc") != 0)
        continue;
      if (ctx->peers->q35 && own == NULL)
        own = vc_plan_add (out, VC_Q_DEVICE, "isa-fdc", NULL);
      if (boot > 0 && ctx->peers->q35)
        {
          g_autofree char *name = g_strconcat ("bootindex", letter, NULL);

          vc_props_u64 (own, name, boot);
        }
      else if (boot > 0)
        {
          g_autofree char *name = g_strconcat ("isa-fdc.bootindex", letter, NULL);

          vc_props_u64 (vc_plan_option (out, "-global", NULL), name, boot);
        }
    }
  return TRUE;
}

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  return g_strdup ("fdc0");
}

const VcKind vc_kind_controller_fdc = {
  .name = "controller-fdc",
  .element = "controller",
  .select = "@type",
  .value = "fdc",
  .summary = "The floppy disk controller: part of the pc machine, added to q35.",
  .size = sizeof (VcController),
  .rows = rows,
  .fixed = "the floppy disk controller is there from start to end",
  .check = check,
  .plan = plan,
  .name_it = name_it,
};
