/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/controller-scsi.h"
#include "devices/disk-facts.h"

/* How this works
 *
 * A disk is a node that reaches the bytes (storage), one above it that knows the format, perhaps one that
 * keeps what was read, and the device the guest sees. */

/* A drive with nothing in it has no block nodes. */
static gboolean
is_empty (const VcDisk *self)
{
  return self->type != VC_DISK_NETWORK && self->file == NULL && self->dev == NULL && self->dir == NULL;
}

gboolean
vc_disk_is_empty (const VcDevice *dev)
{
  return is_empty ((const VcDisk *) dev);
}

/* libvirt numbers its block nodes from the last disk to the first. */
static guint
node_number (const VcDevice *dev, const VcPeers *peers)
{
  guint n = 0;

  if (((const VcDisk *) dev)->node.set)
    return ((const VcDisk *) dev)->node.value;
  for (guint i = peers->devices->len; i > 0; i--)
    {
      n += vc_is (peers->devices->pdata[i - 1], "disk", NULL);
      if (peers->devices->pdata[i - 1] == dev)
        break;
    }
  return n;
}

void
vc_disk_number_all (const VcPeers *peers)
{
  VcDevice *dev;
  guint last = 0;

  for (guint i = 0; (dev = vc_peers_find (peers, "disk", NULL, i)) != NULL; i++)
    last = MAX (last, vc_u32_or (((const VcDisk *) dev)->node, 0));
  for (guint i = 0; (dev = vc_peers_find (peers, "disk", NULL, i)) != NULL; i++)
    if (!((const VcDisk *) dev)->node.set && !is_empty ((const VcDisk *) dev))
      ((VcDisk *) dev)->node = vc_u32 (last > 0 ? ++last : node_number (dev, peers));
}

void
vc_disk_renumber (VcDevice *dev, const VcDevice *before, const VcPeers *peers)
{
  guint last = vc_u32_or (((const VcDisk *) before)->node, 0), n = 0;

  for (const VcDevice *other; (other = vc_peers_find (peers, "disk", NULL, n)) != NULL; n++)
    last = MAX (last, vc_u32_or (((const VcDisk *) other)->node, 0));
  if (!vc_disk_is_empty (dev))
    ((VcDisk *) dev)->node = vc_u32 (MAX (last, n) + 1);
}

/* What other guests write must not be cached here. */
static const char *
get_cache (const VcDisk *self)
{
  return self->cache == 0 && self->shareable ? "none" : vc_choice (vc_disk_caches, self->cache);
}

static void
put_cache (const VcDisk *self, VcProps *props)
{
  const char *cache = get_cache (self);
  VcProps *group;

  if (cache == NULL)
    return;
  group = vc_props_group (props, "cache");
  vc_props_bool (group, "direct", strcmp (cache, "none") == 0 || strcmp (cache, "directsync") == 0);
  vc_props_bool (group, "no-flush", strcmp (cache, "unsafe") == 0);
}

static void
plan_storage (const VcDisk *self, const char *node, VcPlan *out)
{
  static const char *const drivers[] = { "", "file", "host_device", "vvfat" };
  gboolean network = self->type == VC_DISK_NETWORK;
  VcProps *props
      = vc_plan_add (out, VC_Q_BLOCK, network ? vc_disk_network_driver (self) : drivers[self->type], node);

  vc_props_str (props, "filename", self->type == VC_DISK_FILE ? self->file : self->dev);
  if (self->type == VC_DISK_DIR)
    {
      vc_props_str (props, "dir", self->dir);
      vc_props_bool (props, "floppy", self->use == VC_DISK_FLOPPY);
      vc_props_bool (props, "rw", FALSE);
    }
  else if (network)
    vc_disk_plan_network (self, props);
  if (!network && self->type != VC_DISK_DIR)
    vc_props_str (props, "aio", vc_choice (vc_disk_ios, self->io));
  put_cache (self, props);
  vc_props_bool (props, "auto-read-only", TRUE);
  vc_props_str (props, "discard", "unmap");
}

static char *
plan_nodes (const VcDisk *self, const VcPeers *peers, VcPlan *out)
{
  const char *format = vc_disk_formats[self->format];
  guint number = node_number (&self->base, peers);
  g_autofree char *storage = g_strdup_printf ("libvirt-%u-storage", number);
  g_autofree char *node = g_strdup_printf ("libvirt-%u-format", number);
  gboolean discards = self->discard != 0 && strcmp (vc_disk_discards[self->discard], "unmap") == 0;
  VcProps *props;
  char *above;

  plan_storage (self, storage, out);
  if (strcmp (format, "iso") == 0 || self->format == VC_DISK_FAT)
    format = "raw";
  props = vc_plan_add (out, VC_Q_BLOCK, format, node);
  vc_props_bool (props, "read-only", self->readonly);
  vc_props_str (props, "discard", vc_choice (vc_disk_discards, self->discard));
  if (self->zeroes != 0)
    vc_props_str (props, "detect-zeroes",
                  strcmp (vc_disk_zeroes[self->zeroes], "unmap") == 0 && !discards
                      ? "on"
                      : vc_disk_zeroes[self->zeroes]);
  put_cache (self, props);
  vc_props_str (props, "file", storage);
  if (self->copy_on_read != VC_TRI_YES)
    return g_steal_pointer (&node);
  above = g_strconcat ("libvirt-CoR-", self->target, NULL);
  props = vc_plan_add (out, VC_Q_BLOCK, "copy-on-read", above);
  vc_props_str (props, "file", node);
  vc_props_str (props, "discard", "unmap");
  return above;
}

/* <os>'s words call a whole unit a disk, too. */
static int
kind_of (const VcDisk *self)
{
  return self->use == VC_DISK_LUN ? VC_DISK_DISK : self->use;
}

guint
vc_disk_boot_index (const VcDevice *dev, const VcPeers *peers)
{
  static const char *const words[] = { "", "hd", "cdrom", "fd" };
  const VcDisk *self = (const VcDisk *) dev, *other;

  if (dev->boot.set)
    return dev->boot.value;
  for (guint i = 0; (other = (const VcDisk *) vc_peers_find (peers, "disk", NULL, i)) != self; i++)
    if (kind_of (other) == kind_of (self))
      return 0;
  return vc_peers_boot (peers, words[kind_of (self)]);
}

/* scsi-id and lun, or only the first, by the controller's model. */
static void
put_scsi (const VcDisk *self, const VcDevice *controller, VcProps *props)
{
  const VcSeat *seat = &self->base.seat;

  if (vc_scsi_has_luns (controller))
    {
      vc_props_u64 (props, "channel", seat->bus.value);
      vc_props_u64 (props, "scsi-id", seat->target.value);
      vc_props_u64 (props, "lun", seat->unit.value);
    }
  else
    vc_props_u64 (props, "scsi-id", seat->unit.value);
  if (self->use == VC_DISK_LUN)
    return;
  if (self->serial != NULL)
    vc_props_str (props, "device_id", self->serial);
  else
    vc_props_strf (props, "device_id", "drive-%s", self->base.alias);
}

static void
put_place (const VcDisk *self, const VcPeers *peers, VcProps *props)
{
  const char *type = vc_disk_controller (&self->base);
  const VcSeat *seat = &self->base.seat;
  const VcDevice *controller;

  if (type == NULL)
    return;
  controller = vc_peers_controller (peers, type, seat->controller.value);
  if (self->bus == VC_DISK_SCSI)
    {
      vc_props_strf (props, "bus", "%s.0", controller->alias);
      put_scsi (self, controller, props);
      return;
    }
  if (self->bus != VC_DISK_FDC)
    vc_props_strf (props, "bus", "%s.%u", controller->alias,
                   self->bus == VC_DISK_IDE ? seat->bus.value : seat->unit.value);
  if (self->bus != VC_DISK_SATA)
    vc_props_u64 (props, "unit", seat->unit.value);
}

static void
put_virtio (const VcDisk *self, VcProps *props)
{
  if (self->bus != VC_DISK_VIRTIO)
    return;
  vc_props_tri (props, "iommu_platform", self->virtio.iommu);
  vc_props_tri (props, "ats", self->virtio.ats);
  vc_props_tri (props, "packed", self->virtio.packed);
  vc_props_tri (props, "page-per-vq", self->virtio.page_per_vq);
  if (self->iothread.set)
    vc_props_strf (props, "iothread", "iothread%u", self->iothread.value);
  vc_props_tri (props, "ioeventfd", self->ioeventfd);
  vc_props_tri (props, "event_idx", self->event_idx);
  vc_props_u32 (props, "num-queues", self->queues);
  vc_props_u32 (props, "queue-size", self->queue_size);
}

static void
put_errors (const VcDisk *self, VcProps *props)
{
  const char *on_write = vc_choice (vc_disk_policies, self->on_error);
  const char *on_read = vc_choice (vc_disk_policies, self->on_read_error);

  if (g_strcmp0 (on_write, "enospace") == 0)
    on_write = "enospc"; /* QEMU's word, and nothing that can happen in reading */
  else if (on_read == NULL)
    on_read = on_write;
  vc_props_str (props, "werror", on_write);
  vc_props_str (props, "rerror", on_read);
}

static void
put_medium (const VcDisk *self, VcProps *props)
{
  const char *cache = get_cache (self);

  if (self->shareable)
    vc_props_bool (props, "share-rw", TRUE);
  if (self->bus == VC_DISK_USB)
    vc_props_bool (props, "removable", self->removable == VC_TRI_YES);
  if (self->wwn != NULL)
    vc_props_u64 (props, "wwn", g_ascii_strtoull (self->wwn, NULL, 16));
  vc_props_str (props, "vendor", self->vendor);
  vc_props_str (props, "product", self->product);
  vc_props_u32 (props, "rotation_rate", self->rotation);
  if (cache != NULL && self->bus != VC_DISK_FDC && self->use != VC_DISK_LUN)
    vc_props_str (props, "write-cache",
                  strcmp (cache, "writethrough") == 0 || strcmp (cache, "directsync") == 0 ? "off" : "on");
  vc_props_u32 (props, "logical_block_size", self->logical_block);
  vc_props_u32 (props, "physical_block_size", self->physical_block);
  vc_props_u32 (props, "cyls", self->cyls);
  vc_props_u32 (props, "heads", self->heads);
  vc_props_u32 (props, "secs", self->secs);
  if (self->bus == VC_DISK_IDE)
    vc_props_str (props, "bios-chs-trans", vc_choice (vc_disk_trans, self->trans));
  vc_props_str (props, "serial", self->serial);
}

static const char *
get_driver (const VcDisk *self)
{
  switch (self->bus)
    {
    case VC_DISK_VIRTIO:
      return "virtio-blk-pci";
    case VC_DISK_USB:
      return "usb-storage";
    case VC_DISK_FDC:
      return "floppy";
    case VC_DISK_SCSI:
      return self->use == VC_DISK_LUN ? "scsi-block" : self->use == VC_DISK_CDROM ? "scsi-cd" : "scsi-hd";
    default:
      return self->use == VC_DISK_CDROM ? "ide-cd" : "ide-hd";
    }
}

gboolean
vc_disk_plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const VcDisk *self = (const VcDisk *) dev;
  g_autofree char *node = is_empty (self) ? NULL : plan_nodes (self, ctx->peers, out);
  guint boot = vc_disk_boot_index (dev, ctx->peers);
  VcProps *props = vc_plan_device (out, dev, get_driver (self), ctx);

  put_virtio (self, props);
  put_place (self, ctx->peers, props);
  vc_props_str (props, "drive", node);
  if (boot > 0 && self->bus != VC_DISK_FDC) /* a floppy disk's is said to the controller */
    vc_props_u64 (props, "bootindex", boot);
  put_medium (self, props);
  put_errors (self, props);
  return TRUE;
}
