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
} facts[] = {
  [VGA] = { "VGA", 0, 16384, 0, TRUE },
  [CIRRUS] = { "cirrus-vga", 0, 16384, 0, TRUE },
  [QXL] = { "qxl-vga", 65536, 65536, 16384, TRUE },
  [VIRTIO] = { "virtio-vga", 0, 0, 0, TRUE },
  [BOCHS] = { "bochs-display", 0, 16384, 0, TRUE },
  [NONE] = { NULL, 0, 0, 0, FALSE },
};

static_assert (G_N_ELEMENTS (types) == G_N_ELEMENTS (facts) + 1, "a row for each type");

typedef struct
{
  VcDevice base;
  int type;
  VcU32 ram, vram, vram64, vgamem;
  VcU32 heads;
  VcTri primary;
} Video;

static const VcField rows[]
    = { VC_CHOICE (Video, type, "model/@type", types, .doc = "model"),
        VC_U32 (Video, ram, "model/@ram", .max = 1 << 22, .doc = "KiB of primary memory (qxl)"),
        VC_U32 (Video, vram, "model/@vram", .max = 1 << 22, .doc = "KiB of video memory"),
        VC_U32 (Video, vram64, "model/@vram64", .max = 1 << 22, .doc = "KiB of 64 bit video memory (qxl)"),
        VC_U32 (Video, vgamem, "model/@vgamem", .max = 1 << 22, .doc = "KiB of VGA memory (qxl)"),
        VC_U32 (Video, heads, "model/@heads", .min = 1, .max = 16, .doc = "number of outputs"),
        VC_TRI (Video, primary, "model/@primary", .doc = "whether it is the first adapter"),
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
  if (self->primary == VC_TRI_UNSET && self->type != NONE)
    self->primary = VC_TRI_YES;
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

  if (vc_peers_find (peers, "video", NULL, 0) != dev)
    return vc_device_fail_unsupported (dev, error,
                                       "a second video adapter is known to libvirt but not supported here");
  if (self->type != QXL && (self->ram.set || self->vram64.set || self->vgamem.set))
    return vc_device_fail (dev, error, "<model>: ram, vram64 and vgamem are for type='qxl'");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const Video *self = (const Video *) dev;
  VcProps *props;

  if (self->type == NONE)
    return TRUE;
  if (!vc_caps_has (ctx->caps, facts[self->type].driver))
    return vc_device_fail_unsupported (dev, error, "%s has no device '%s'", ctx->caps->binary,
                                       facts[self->type].driver);
  props = vc_plan_device (out, dev, facts[self->type].driver, ctx);
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
