/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A disk or CD-ROM kept in a file.
 *
 *   <disk type='file' device='disk'>
 *     <driver name='qemu' type='qcow2'/>
 *     <source file='/var/lib/images/guest.qcow2'/>
 *     <target dev='vda' bus='virtio'/>
 *   </disk>
 */
#include "devices/disk.h"

#include <string.h>

enum
{
  FILE_TYPE = 1
};
enum
{
  DISK = 1,
  CDROM
};
enum
{
  RAW = 1,
  QCOW2
};
enum
{
  IDE = 1,
  SATA,
  VIRTIO
};

static const char *const types[] = { "", "file", NULL };
static const char *const uses[] = { "", "disk", "cdrom", NULL };
static const char *const names[] = { "", "qemu", NULL };
static const char *const formats[] = { "", "raw", "qcow2", NULL };
static const char *const caches[] = { "", "none", "writethrough", "writeback", "directsync", "unsafe", NULL };
static const char *const discards[] = { "", "unmap", "ignore", NULL };

/* Buses in the order in which a machine's disks are kept. */
static const struct
{
  const char *name;
  const char *prefix; /* of the target's name                */
  const char *alias;
  guint per_bus, per_controller; /* disks                               */
} facts[] = {
  [IDE] = { "ide", "hd", "ide", 2, 4 },
  [SATA] = { "sata", "sd", "sata", 6, 6 },
  [VIRTIO] = { "virtio", "vd", "virtio-disk", 0, 0 },
};
static const char *const buses[] = { "", "ide", "sata", "virtio", NULL };

typedef struct
{
  VcDevice base;
  int type;
  int use;
  int name;
  int format;
  int cache;
  int discard;
  char *file;
  char *dev;
  int bus;
  gboolean readonly;
  char *serial;
  VcU32 node; /* number of its block nodes; 0: by its place among the disks */
} Disk;

static const VcField rows[]
    = { VC_CHOICE (Disk, type, "@type", types, .flags = VC_REQUIRED, .doc = "way the disk is kept"),
        VC_CHOICE (Disk, use, "@device", uses, .doc = "what the guest sees"),
        VC_CHOICE (Disk, name, "driver/@name", names, .doc = "who reads the image"),
        VC_CHOICE (Disk, format, "driver/@type", formats, .doc = "format of the image"),
        VC_CHOICE (Disk, cache, "driver/@cache", caches, .doc = "how writes are cached"),
        VC_CHOICE (Disk, discard, "driver/@discard", discards, .doc = "what becomes of discarded blocks"),
        VC_PATH (Disk, file, "source/@file", .doc = "image file"),
        VC_U32 (Disk, node, "source/@index", .flags = VC_LIVE, .min = 1, .doc = "number in a running guest"),
        VC_IGNORED ("backingStore", .doc = "images below, as a running guest prints them"),
        VC_STR (Disk, dev, "target/@dev", .flags = VC_REQUIRED, .doc = "name, which orders the disks"),
        VC_CHOICE (Disk, bus, "target/@bus", buses, .doc = "bus"),
        VC_FLAG (Disk, readonly, "readonly", .doc = "that the guest cannot write"),
        VC_STR (Disk, serial, "serial", .doc = "serial number the guest sees"),
        VC_U32 (VcDevice, boot, "boot/@order", .min = 1, .doc = "when it is booted: 1 is first"),
        { 0 } };

static const Disk *
disk (const VcDevice *dev)
{
  return (const Disk *) dev;
}

/* "vdb" is 1; -1 when it is no disk's name. */
static int
target_index (const char *dev)
{
  int index = 0;

  if (dev == NULL || strlen (dev) < 3 || strlen (dev) > 6)
    return -1;
  for (const char *c = dev + 2; *c != '\0'; c++)
    {
      if (*c < 'a' || *c > 'z')
        return -1;
      index = (index + (c > dev + 2 ? 1 : 0)) * 26 + (*c - 'a');
    }
  return index;
}

const char *
vc_disk_controller (const VcDevice *dev)
{
  return disk (dev)->bus == VIRTIO ? NULL : facts[disk (dev)->bus].name;
}

gboolean
vc_disk_same_bus (const VcDevice *a, const VcDevice *b)
{
  return disk (a)->bus == disk (b)->bus;
}

int
vc_disk_compare (const VcDevice *a, const VcDevice *b)
{
  return target_index (disk (a)->dev) - target_index (disk (b)->dev);
}

void
vc_disk_seat (VcDevice *dev)
{
  guint index = (guint) target_index (disk (dev)->dev), bus = (guint) disk (dev)->bus;
  guint place = index % facts[bus].per_controller;

  dev->seat.type = VC_SEAT_DRIVE;
  dev->seat.controller = vc_u32 (index / facts[bus].per_controller);
  dev->seat.bus = vc_u32 (place / facts[bus].per_bus);
  dev->seat.target = vc_u32 (0);
  dev->seat.unit = vc_u32 (place % facts[bus].per_bus);
}

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  Disk *self = (Disk *) dev;

  if (self->use == 0)
    self->use = DISK;
  for (int i = IDE; self->bus == 0 && i <= VIRTIO; i++)
    if (i != SATA && g_str_has_prefix (self->dev, facts[i].prefix))
      self->bus = i;
  if (self->bus == 0)
    self->bus = peers->q35 ? SATA : IDE;
  if (self->use == CDROM)
    self->readonly = TRUE;
  self->name = 1;
  if (self->format == 0)
    self->format = RAW;
  if (self->bus == VIRTIO)
    dev->pci = VC_PCI_EXPRESS;
  else
    dev->bus = &vc_bus_ide;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const Disk *self = disk (dev), *other;

  if (target_index (self->dev) < 0)
    return vc_device_fail (
        dev, error,
        "target/@dev: '%s' is not a whole disk's name such as 'vda': two letters for the bus, then letters",
        self->dev);
  if (self->bus == IDE && peers->q35)
    return vc_device_fail (dev, error, "target/@bus: the machine '%s' has no IDE controller: use 'sata'",
                           peers->machine);
  if (self->bus == IDE && target_index (self->dev) >= 4 && !vc_seat_placed (&dev->seat))
    return vc_device_fail (
        dev, error, "target/@dev: the IDE controller has four places, hda to hdd, not '%s'", self->dev);
  if (self->bus == VIRTIO && self->use == CDROM)
    return vc_device_fail (dev, error, "a CD-ROM cannot be on the virtio bus");
  if (self->file == NULL && self->use != CDROM)
    return vc_device_fail (dev, error, "needs source/@file, the image file");
  if (self->use == DISK && self->readonly && (self->bus == IDE || self->bus == SATA))
    return vc_device_fail (dev, error, "QEMU has no read-only %s disk: use virtio, or a cdrom",
                           buses[self->bus]);
  for (guint i = 0; peers->devices->pdata[i] != dev; i++)
    {
      other = peers->devices->pdata[i];
      if (other->base.kind != dev->kind)
        continue;
      if (strcmp (other->dev, self->dev) == 0)
        return vc_device_fail (dev, error, "target/@dev: '%s' is taken by the disk in line %u", self->dev,
                               other->base.line);
    }
  return TRUE;
}

/* libvirt numbers its block nodes from the last disk to the first. */
static guint
node_number (const VcDevice *dev, const VcPeers *peers)
{
  guint n = 0;

  if (disk (dev)->node.set)
    return disk (dev)->node.value;
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
    last = MAX (last, vc_u32_or (disk (dev)->node, 0));
  for (guint i = 0; (dev = vc_peers_find (peers, "disk", NULL, i)) != NULL; i++)
    if (!disk (dev)->node.set && disk (dev)->file != NULL)
      ((Disk *) dev)->node = vc_u32 (last > 0 ? ++last : node_number (dev, peers));
}

static void
put_cache (const Disk *self, VcProps *props)
{
  const char *cache = vc_choice (caches, self->cache);
  VcProps *group;

  if (cache == NULL)
    return;
  group = vc_props_group (props, "cache");
  vc_props_bool (group, "direct", strcmp (cache, "none") == 0 || strcmp (cache, "directsync") == 0);
  vc_props_bool (group, "no-flush", strcmp (cache, "unsafe") == 0);
}

static char *
plan_nodes (const Disk *self, const VcPeers *peers, VcPlan *out)
{
  guint number = node_number (&self->base, peers);
  g_autofree char *storage = g_strdup_printf ("libvirt-%u-storage", number);
  char *format = g_strdup_printf ("libvirt-%u-format", number);
  VcProps *props = vc_plan_add (out, VC_Q_BLOCK, "file", storage);

  vc_props_str (props, "filename", self->file);
  put_cache (self, props);
  vc_props_bool (props, "auto-read-only", TRUE);
  vc_props_str (props, "discard", "unmap");
  props = vc_plan_add (out, VC_Q_BLOCK, formats[self->format], format);
  vc_props_bool (props, "read-only", self->readonly);
  if (self->discard != 0)
    vc_props_str (props, "discard", discards[self->discard]);
  put_cache (self, props);
  vc_props_str (props, "file", storage);
  return format;
}

/* Boot order: the disk's own, or the place of "hd" or "cdrom" in <os> for the first such disk. */
static guint
boot_index (const Disk *self, const VcPeers *peers)
{
  const char *word = self->use == CDROM ? "cdrom" : "hd";
  const Disk *other;

  if (self->base.boot.set)
    return self->base.boot.value;
  for (guint i = 0; (other = (const Disk *) vc_peers_find (peers, "disk", NULL, i)) != self; i++)
    if (other->use == self->use)
      return 0;
  for (guint i = 0; peers->boot != NULL && peers->boot[i] != NULL; i++)
    if (strcmp (peers->boot[i], word) == 0)
      return i + 1;
  return 0;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const Disk *self = disk (dev);
  g_autofree char *node = self->file != NULL ? plan_nodes (self, ctx->peers, out) : NULL;
  const char *driver = self->bus == VIRTIO ? "virtio-blk-pci" : self->use == CDROM ? "ide-cd" : "ide-hd";
  const char *cache = vc_choice (caches, self->cache);
  guint boot = boot_index (self, ctx->peers);
  VcProps *props = vc_plan_device (out, dev, driver, ctx);

  if (self->bus != VIRTIO)
    {
      const VcDevice *controller
          = vc_peers_controller (ctx->peers, buses[self->bus], dev->seat.controller.value);

      vc_props_strf (props, "bus", "%s.%u", controller->alias,
                     self->bus == IDE ? dev->seat.bus.value : dev->seat.unit.value);
      if (self->bus == IDE)
        vc_props_u64 (props, "unit", dev->seat.unit.value);
    }
  vc_props_str (props, "drive", node);
  if (boot > 0)
    vc_props_u64 (props, "bootindex", boot);
  if (cache != NULL)
    vc_props_str (props, "write-cache",
                  strcmp (cache, "writethrough") == 0 || strcmp (cache, "directsync") == 0 ? "off" : "on");
  vc_props_str (props, "serial", self->serial);
  return TRUE;
}

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  const Disk *self = disk (dev);

  if (self->bus == VIRTIO)
    return g_strdup_printf ("virtio-disk%d", target_index (self->dev));
  return g_strdup_printf ("%s%u-%u-%u", facts[self->bus].alias, dev->seat.controller.value,
                          dev->seat.bus.value, dev->seat.unit.value);
}

const VcKind vc_kind_disk = {
  .name = "disk",
  .element = "disk",
  .summary = "A disk or CD-ROM kept in a file.",
  .size = sizeof (Disk),
  .rows = rows,
  .plugs_into = &vc_bus_pci,
  .fill = fill,
  .check = check,
  .plan = plan,
  .name_it = name_it,
};

const char *
vc_disk_target (const VcDevice *disk_device)
{
  return disk (disk_device)->dev;
}
