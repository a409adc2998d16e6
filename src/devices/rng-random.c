/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A source of randomness that reads a file of the host.
 *
 *   <rng model='virtio'>
 *     <rate bytes='1024' period='1000'/>
 *     <backend model='random'>/dev/urandom</backend>
 *   </rng>
 */
#include "devices/kind.h"

static const char *const models[] = { "", "virtio", NULL };

typedef struct
{
  VcDevice base;
  int model;
  VcU32 bytes;
  VcU32 period;
  char *path;
} RngRandom;

static const VcField rows[]
    = { VC_CHOICE (RngRandom, model, "@model", models, .flags = VC_REQUIRED, .doc = "model the guest sees"),
        VC_U32 (RngRandom, bytes, "rate/@bytes", .min = 1, .prop = "max-bytes",
                .doc = "bytes the guest may take in a period"),
        VC_U32 (RngRandom, period, "rate/@period", .min = 1, .doc = "milliseconds of a period"),
        VC_STR (RngRandom, path, "backend", .doc = "file of the host to read"),
        { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  RngRandom *self = (RngRandom *) dev;

  if (self->path == NULL || *self->path == '\0')
    {
      g_free (self->path);
      self->path = g_strdup ("/dev/random");
    }
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const RngRandom *self = (const RngRandom *) dev;

  if (self->period.set && !self->bytes.set)
    return vc_device_fail (dev, error, "needs rate/@bytes, the %s", rows[1].doc);
  if (self->path != NULL && *self->path != '\0' && *self->path != '/')
    return vc_device_fail (dev, error, "<backend> '%s' is not an absolute path", self->path);
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const RngRandom *self = (const RngRandom *) dev;
  g_autofree char *id = g_strconcat ("obj", dev->alias, NULL);
  VcProps *props = vc_plan_add (out, VC_Q_OBJECT, "rng-random", id);

  vc_props_str (props, "filename", self->path);
  props = vc_plan_device (out, dev, NULL, ctx);
  vc_props_str (props, "rng", id);
  if (self->bytes.set)
    vc_props_u64 (props, "period", vc_u32_or (self->period, 1000));
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
  .pci = VC_PCI_EXPRESS,
  .fill = fill,
  .check = check,
  .plan = plan,
};
