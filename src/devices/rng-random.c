/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A source of randomness that reads a file of the host.
 *
 *   <rng model='virtio'>
 *     <rate bytes='1024' period='1000'/>
 *     <backend model='random'>/dev/urandom</backend>
 *   </rng>
 */
#include "devices/rng.h"

typedef struct
{
  VcRng base;
  char *path;
} RngRandom;

static const VcField rows[]
    = { VC_RNG_ROWS,
        VC_ROW (RngRandom, path, char *, vc_type_path_or_none, "backend", .doc = "file of the host to read"),
        { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  RngRandom *self = (RngRandom *) dev;

  vc_rng_fill (dev, peers);
  if (self->path == NULL || *self->path == '\0')
    {
      g_free (self->path);
      self->path = g_strdup ("/dev/random");
    }
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  return vc_rng_check (dev, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  vc_props_str (vc_rng_plan (dev, "rng-random", ctx, out), "filename", ((const RngRandom *) dev)->path);
  return TRUE;
}

const VcKind vc_kind_rng_random = {
  .name = "rng-random",
  .element = "rng",
  .select = "backend/@model",
  .value = "random",
  .summary = "A source of randomness that reads a file of the host.",
  .size = sizeof (RngRandom),
  .rows = rows,
  .alias = "rng",
  .driver = "virtio-rng-pci",
  .plugs_into = &vc_bus_pci,
  .fill = fill,
  .check = check,
  .plan = plan,
};
