/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A video adapter, or the word that there is none.
 *
 *   <video>
 *     <model type='qxl' heads='1'/>
 *   </video>
 */
#include "devices/video.h"

#include <assert.h>

enum
{
  VGA = 1,
  CIRRUS,
  QXL,
  VIRTIO,
  BOCHS,
  NONE
};

static const char *const types[] = { "", "vga", "cirrus", "qxl", "virtio", "bochs", "none", NULL };

/* Memory in KiB where the description does not say. */
static const struct
{
  const char *driver;
  guint ram, vram, vgamem;
  gboolean heads;
  const char *second; /* driver of one that is not the first */
} facts[] = {
  [VGA] = { "VGA", 0, 16384, 0, TRUE, NULL },
  [CIRRUS] = { "cirrus-vga", 0, 16384, 0, TRUE, NULL },
  [QXL] = { "qxl-vga", 65536, 65536, 16384, TRUE, "qxl" },
  [VIRTIO] = { "virtio-vga", 0, 0, 0, TRUE, "virtio-gpu-pci" },
  [BOCHS] = { "bochs-display", 0, 16384, 0, TRUE, NULL },
  [NONE] = { NULL, 0, 0, 0, FALSE, NULL },
};

static_assert (G_N_ELEMENTS (types) == G_N_ELEMENTS (facts) + 1, "a row for each type");

typedef struct
{
  VcDevice base;
  int type;
  VcU32 ram, vram, vram64, vgamem;
  VcU32 heads;
  VcTri primary;
  VcTri accel3d;
  VcU32 width, height;
} Video;

static const VcField rows[]
    = { VC_CHOICE (Video, type, "model/@type", types, .doc = "model"),
        VC_U32 (Video, ram, "model/@ram", .max = 1 << 22, .doc = "KiB of primary memory (qxl)"),
        VC_U32 (Video, vram, "model/@vram", .max = 1 << 22, .doc = "KiB of video memory"),
        VC_U32 (Video, vram64, "model/@vram64", .max = 1 << 22, .doc = "KiB of 64 bit video memory (qxl)"),
        VC_U32 (Video, vgamem, "model/@vgamem", .max = 1 << 22, .doc = "KiB of VGA memory (qxl)"),
        VC_U32 (Video, heads, "model/@heads", .min = 1, .max = 16, .doc = "number of outputs"),
        VC_TRI (Video, primary, "model/@primary", .doc = "whether it is the first adapter"),
        VC_TRI (Video, accel3d, "model/acceleration/@accel3d",
                .doc = "whether the host's OpenGL draws (virtio)"),
        VC_U32 (Video, width, "model/resolution/@x", .min = 1, .max = 65535, .doc = "width at the start"),
        VC_U32 (Video, height, "model/resolution/@y", .min = 1, .max = 65535, .doc = "height at the start"),
        { 0 } };

gboolean
vc_video_is_none (const VcDevice *dev)
{
  return ((const Video *) dev)->type == NONE;
}

/* qxl takes powers of two only. */
static VcU32
power_of_two (VcU32 number)
{
  guint32 value = 1;

  while (number.set && value < number.value)
    value <<= 1;
  return number.set && number.value > 0 ? vc_u32 (value) : number;
}

static VcU32
number_or (VcU32 number, guint other)
{
  return number.set || other == 0 ? number : vc_u32 (other);
}

guint
vc_video_heads (const VcDevice *video)
{
  return MAX (vc_u32_or (((const Video *) video)->heads, 1), 1);
}

gboolean
vc_video_is_primary (const VcDevice *dev)
{
  return ((const Video *) dev)->primary == VC_TRI_YES;
}

/* One that is made for the guest is not among its devices yet. */
static gboolean
is_first (const VcDevice *dev, const VcPeers *peers)
{
  const VcDevice *first = vc_peers_find (peers, "video", NULL, 0);

  return first == NULL || first == dev;
}

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  Video *self = (Video *) dev;

  if (self->type == 0)
    self->type = CIRRUS;
  self->ram = number_or (self->ram, facts[self->type].ram);
  self->vram = number_or (self->vram, facts[self->type].vram);
  self->vgamem = number_or (self->vgamem, facts[self->type].vgamem);
  self->heads = number_or (self->heads, facts[self->type].heads ? 1 : 0);
  if (self->type != NONE)
    self->primary = is_first (dev, peers) ? VC_TRI_YES : VC_TRI_UNSET;
  if (self->type == QXL)
    {
      self->ram = power_of_two (self->ram);
      self->vram = power_of_two (self->vram);
      self->vram64 = power_of_two (self->vram64);
      self->vgamem = power_of_two (self->vgamem);
    }
  if (self->type == NONE)
    dev->bus = NULL;
  dev->pci = self->type == VIRTIO || self->type == BOCHS ? VC_PCI_EXPRESS : VC_PCI_CONVENTIONAL;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const Video *self = (const Video *) dev;

  const Video *other;

  for (guint i = 0; (other = (const Video *) vc_peers_find (peers, "video", NULL, i)) != self; i++)
    {
      if (other->type == NONE || self->type == NONE)
        return vc_device_fail (dev, error,
                               "type='none' says that there is no video adapter, and there are two");
      if (other->primary == VC_TRI_YES && self->primary == VC_TRI_YES)
        return vc_device_fail (dev, error, "model/@primary: the adapter in line %u is the first one",
                               other->base.line);
    }
  if (!is_first (dev, peers) && self->primary != VC_TRI_YES && self->type != 0
      && facts[self->type].second == NULL)
    return vc_device_fail (dev, error, "an adapter of type='%s' can only be the first one",
                           types[self->type]);
  if (self->accel3d == VC_TRI_YES && self->type != VIRTIO)
    return vc_device_fail (dev, error, "model/acceleration is for type='virtio'");
  if (self->width.set != self->height.set)
    return vc_device_fail (dev, error, "model/resolution needs x and y");
  if (self->width.set && (self->type == CIRRUS || self->type == NONE))
    return vc_device_fail (dev, error, "model/resolution is for the types vga, qxl, virtio and bochs");
  if (self->type != QXL && (self->ram.set || self->vram64.set || self->vgamem.set))
    return vc_device_fail (dev, error, "<model>: ram, vram64 and vgamem are for type='qxl'");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const Video *self = (const Video *) dev;
  gboolean first = is_first (dev, ctx->peers);
  const char *driver = first ? facts[self->type].driver : facts[self->type].second;
  VcProps *props;

  if (self->type == NONE)
    return TRUE;
  if (self->accel3d == VC_TRI_YES)
    driver = first ? "virtio-vga-gl" : "virtio-gpu-gl-pci";
  if (!vc_caps_has (ctx->caps, driver))
    return vc_device_fail_unsupported (dev, error, "%s has no device '%s'", ctx->caps->binary, driver);
  props = vc_plan_device (out, dev, driver, ctx);
  if (self->type == QXL || self->type == VIRTIO)
    vc_props_u32 (props, "max_outputs", self->heads);
  if (self->type == QXL)
    {
      vc_props_u64 (props, "ram_size", (guint64) self->ram.value * 1024);
      vc_props_u64 (props, "vram_size", (guint64) self->vram.value * 1024);
      vc_props_u64 (props, "vram64_size_mb", vc_u32_or (self->vram64, 0) / 1024);
      vc_props_u64 (props, "vgamem_mb", self->vgamem.value / 1024);
    }
  if (self->type == VGA)
    vc_props_u64 (props, "vgamem_mb", self->vram.value / 1024);
  if (self->type == BOCHS)
    vc_props_u64 (props, "vgamem", (guint64) self->vram.value * 1024);
  vc_props_u32 (props, "xres", self->width);
  vc_props_u32 (props, "yres", self->height);
  return TRUE;
}

const VcKind vc_kind_video = {
  .name = "video",
  .element = "video",
  .summary = "A video adapter, or the word that there is none.",
  .fixed = "QEMU takes display adapters only when it starts",
  .size = sizeof (Video),
  .rows = rows,
  .alias = "video",
  .plugs_into = &vc_bus_pci,
  .fill = fill,
  .check = check,
  .plan = plan,
};
