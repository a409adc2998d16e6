/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A disk, CD-ROM or floppy disk.
 *
 *   <disk type='file' device='disk'>
 *     <driver name='qemu' type='qcow2'/>
 *     <source file='/var/lib/images/guest.qcow2'/>
 *     <target dev='vda' bus='virtio'/>
 *   </disk>
 */
#include <string.h>

#include "devices/controller-scsi.h"
#include "devices/disk-facts.h"
#include "fields/list.h"

static const char *const types[] = { "", "file", "block", "dir", "network", NULL };
static const char *const uses[] = { "", "disk", "cdrom", "floppy", "lun", NULL };
static const char *const names[] = { "", "qemu", NULL };
static const char *const trays[] = { "", "closed", "open", NULL };
const char *const vc_disk_formats[] = { "",    "raw", "qcow2", "fat",  "bochs", "cloop", "dmg",
                                        "vpc", "vdi", "vmdk",  "qcow", "qed",   "iso",   NULL };
const char *const vc_disk_caches[]
    = { "", "none", "writethrough", "writeback", "directsync", "unsafe", NULL };
const char *const vc_disk_discards[] = { "", "unmap", "ignore", NULL };
const char *const vc_disk_zeroes[] = { "", "off", "on", "unmap", NULL };
const char *const vc_disk_ios[] = { "", "native", "threads", "io_uring", NULL };
const char *const vc_disk_policies[] = { "", "stop", "report", "ignore", "enospace", NULL };
const char *const vc_disk_trans[] = { "", "auto", "lba", "none", NULL };
static const char *const read_policies[] = { "", "stop", "report", "ignore", NULL };

/* Buses, and how disks are placed on their controllers. */
static const struct
{
  const char *name;
  const char *prefix; /* of the target's name                */
  const char *alias;
  guint per_bus, per_controller; /* disks; 0: they need no controller  */
  const VcBus *bus;
} facts[] = {
  [VC_DISK_IDE] = { "ide", "hd", "ide", 2, 4, &vc_bus_ide },
  [VC_DISK_FDC] = { "fdc", "fd", "fdc", 2, 2, &vc_bus_fdc },
  [VC_DISK_SCSI] = { "scsi", "sd", "scsi", 7, 7, &vc_bus_scsi },
  [VC_DISK_VIRTIO] = { "virtio", "vd", "virtio-disk", 0, 0, &vc_bus_pci },
  [VC_DISK_USB] = { "usb", "", "usb-disk", 0, 0, &vc_bus_usb },
  [VC_DISK_SATA] = { "sata", "", "sata", 6, 6, &vc_bus_ide },
};
static const char *const buses[] = { "", "ide", "fdc", "scsi", "virtio", "usb", "sata", NULL };

static const VcList hosts = { .size = sizeof (VcDiskHost), .rows = vc_disk_host_rows };

static const VcField rows[] = {
  VC_CHOICE (VcDisk, type, "@type", types, .flags = VC_REQUIRED, .doc = "way the disk is kept"),
  VC_CHOICE (VcDisk, use, "@device", uses, .doc = "what the guest sees"),
  VC_CHOICE (VcDisk, name, "driver/@name", names, .doc = "who reads the image"),
  VC_CHOICE (VcDisk, format, "driver/@type", vc_disk_formats, .doc = "format of the image"),
  VC_CHOICE (VcDisk, cache, "driver/@cache", vc_disk_caches, .doc = "how writes are cached"),
  VC_CHOICE (VcDisk, on_error, "driver/@error_policy", vc_disk_policies,
             .doc = "what follows an error in writing, and in reading unless that has its own"),
  VC_CHOICE (VcDisk, on_read_error, "driver/@rerror_policy", read_policies,
             .doc = "what follows an error in reading"),
  VC_CHOICE (VcDisk, io, "driver/@io", vc_disk_ios, .doc = "how the host is asked to read and write"),
  VC_ONOFF (VcDisk, ioeventfd, "driver/@ioeventfd", .doc = "whether requests go around QEMU's loop"),
  VC_ONOFF (VcDisk, event_idx, "driver/@event_idx", .doc = "whether interrupts are put together"),
  VC_ONOFF (VcDisk, copy_on_read, "driver/@copy_on_read",
            .doc = "whether what is read from a backing image is kept"),
  VC_CHOICE (VcDisk, discard, "driver/@discard", vc_disk_discards, .doc = "what becomes of discarded blocks"),
  VC_U32 (VcDisk, iothread, "driver/@iothread", .min = 1, .doc = "thread that does its work"),
  VC_CHOICE (VcDisk, zeroes, "driver/@detect_zeroes", vc_disk_zeroes,
             .doc = "what becomes of blocks of zeroes"),
  VC_U32 (VcDisk, queues, "driver/@queues", .min = 1, .max = 65535, .doc = "number of queues (virtio)"),
  VC_U32 (VcDisk, queue_size, "driver/@queue_size", .min = 1, .max = 1024,
          .doc = "requests a queue holds (virtio)"),
  VC_ONOFF (VcDisk, virtio.iommu, "driver/@iommu", .doc = "whether it goes through the IOMMU"),
  VC_ONOFF (VcDisk, virtio.ats, "driver/@ats", .doc = "whether it has address translation services"),
  VC_ONOFF (VcDisk, virtio.packed, "driver/@packed", .doc = "whether rings are packed"),
  VC_ONOFF (VcDisk, virtio.page_per_vq, "driver/@page_per_vq",
            .doc = "whether each queue has a page of its own"),
  VC_PATH (VcDisk, file, "source/@file", .doc = "image file (type file)"),
  VC_PATH (VcDisk, dev, "source/@dev", .doc = "block device of the host (type block)"),
  VC_PATH (VcDisk, dir, "source/@dir", .doc = "folder shown as a FAT disk (type dir)"),
  VC_CHOICE (VcDisk, protocol, "source/@protocol", vc_disk_protocols, .doc = "protocol (type network)"),
  VC_STR (VcDisk, export, "source/@name", .doc = "name of the disk there (type network)"),
  VC_STR (VcDisk, query, "source/@query", .doc = "what follows the '?' of an address (http, https)"),
  VC_LIST (VcDisk, hosts, "source/host[]", hosts, .doc = "machines that have it (type network)"),
  VC_U32 (VcDisk, node, "source/@index", .flags = VC_LIVE, .min = 1, .doc = "number in a running guest"),
  VC_IGNORED ("backingStore", .doc = "images below, as a running guest prints them"),
  VC_U32 (VcDisk, cyls, "geometry/@cyls", .doc = "cylinders the guest sees"),
  VC_U32 (VcDisk, heads, "geometry/@heads", .doc = "heads the guest sees"),
  VC_U32 (VcDisk, secs, "geometry/@secs", .doc = "sectors the guest sees"),
  VC_CHOICE (VcDisk, trans, "geometry/@trans", vc_disk_trans, .doc = "how a BIOS counts them (ide)"),
  VC_U32 (VcDisk, logical_block, "blockio/@logical_block_size", .max = 2097152,
          .doc = "bytes the guest reads and writes at least"),
  VC_U32 (VcDisk, physical_block, "blockio/@physical_block_size", .max = 2097152,
          .doc = "bytes a block of the medium has"),
  VC_STR (VcDisk, target, "target/@dev", .flags = VC_REQUIRED, .doc = "name, which orders the disks"),
  VC_CHOICE (VcDisk, bus, "target/@bus", buses, .doc = "bus"),
  VC_CHOICE (VcDisk, tray, "target/@tray", trays, .doc = "where the tray of a drive is"),
  VC_ONOFF (VcDisk, removable, "target/@removable", .doc = "whether a medium can be changed (usb)"),
  VC_U32 (VcDisk, rotation, "target/@rotation_rate", .max = 65534,
          .doc = "turns a minute; 1 for a medium that does not turn"),
  VC_FLAG (VcDisk, readonly, "readonly", .doc = "that the guest cannot write"),
  VC_FLAG (VcDisk, shareable, "shareable", .doc = "that other guests use it, too"),
  VC_STR (VcDisk, serial, "serial", .doc = "serial number the guest sees"),
  VC_STR (VcDisk, wwn, "wwn", .doc = "world wide name: 16 hexadecimal digits"),
  VC_STR (VcDisk, vendor, "vendor", .doc = "maker the guest sees (scsi)"),
  VC_STR (VcDisk, product, "product", .doc = "product the guest sees (scsi)"),
  VC_U32 (VcDevice, boot, "boot/@order", .min = 1, .doc = "when it is booted: 1 is first"),
  { 0 }
};

static const VcDisk *
disk (const VcDevice *dev)
{
  return (const VcDisk *) dev;
}

int
vc_disk_index (const char *dev)
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
  return facts[disk (dev)->bus].per_controller > 0 ? facts[disk (dev)->bus].name : NULL;
}

gboolean
vc_disk_same_bus (const VcDevice *a, const VcDevice *b)
{
  return disk (a)->bus == disk (b)->bus;
}

int
vc_disk_compare (const VcDevice *a, const VcDevice *b)
{
  return vc_disk_index (disk (a)->target) - vc_disk_index (disk (b)->target);
}

void
vc_disk_seat (VcDevice *dev)
{
  guint index = (guint) vc_disk_index (disk (dev)->target), bus = (guint) disk (dev)->bus;
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
  VcDisk *self = (VcDisk *) dev;

  if (self->use == 0)
    self->use = VC_DISK_DISK;
  if (self->bus == 0 && self->use == VC_DISK_FLOPPY)
    self->bus = VC_DISK_FDC;
  for (int i = VC_DISK_IDE; self->bus == 0 && i <= VC_DISK_VIRTIO; i++)
    if (g_str_has_prefix (self->target, facts[i].prefix))
      self->bus = i;
  if (self->bus == 0)
    self->bus = peers->q35 ? VC_DISK_SATA : VC_DISK_IDE;
  if (self->use == VC_DISK_CDROM)
    self->readonly = TRUE;
  self->name = 1;
  if (self->format == 0)
    self->format = self->type == VC_DISK_DIR ? VC_DISK_FAT : VC_DISK_RAW;
  if (self->type == VC_DISK_BLOCK && self->dev == NULL)
    self->type = VC_DISK_FILE; /* an empty drive is none of either */
  if (self->tray == 1)
    self->tray = 0; /* closed, as they are */
  vc_disk_fill_network (self);
  dev->bus = facts[self->bus].bus;
  dev->pci = VC_PCI_EXPRESS;
}

/* What @type says, and only that, says where it is. */
static gboolean
check_source (const VcDisk *self, GError **error)
{
  const struct
  {
    int type;
    const char *place;
    gboolean given;
  } ways[] = { { VC_DISK_FILE, "source/@file, the image file", self->file != NULL },
               { VC_DISK_BLOCK, "source/@dev, the block device", self->dev != NULL },
               { VC_DISK_DIR, "source/@dir, the folder", self->dir != NULL },
               { VC_DISK_NETWORK, "source/@protocol, the protocol",
                 self->protocol != 0 || self->export != NULL || self->hosts != NULL } };
  gboolean may_lack = self->use == VC_DISK_CDROM || self->use == VC_DISK_FLOPPY;

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    if (ways[i].type != self->type && ways[i].given)
      return vc_device_fail (&self->base, error, "type='%s' has no %s", types[self->type], ways[i].place);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    if (ways[i].type == self->type && !ways[i].given && !(may_lack && self->type <= VC_DISK_BLOCK))
      return vc_device_fail (&self->base, error, "needs %s", ways[i].place);
  if (self->type == VC_DISK_NETWORK)
    return vc_disk_check_network (&self->base, error);
  if (self->query != NULL)
    return vc_device_fail (&self->base, error, "source/@query is for the protocols http and https");
  if (self->type == VC_DISK_DIR && self->format != 0 && self->format != VC_DISK_FAT)
    return vc_device_fail (&self->base, error, "driver/@type: a folder is shown as 'fat', not as '%s'",
                           vc_disk_formats[self->format]);
  if (self->type == VC_DISK_DIR && !self->readonly)
    return vc_device_fail (&self->base, error,
                           "a folder needs <readonly/>: QEMU does not write to it safely");
  if (self->type != VC_DISK_DIR && self->format == VC_DISK_FAT)
    return vc_device_fail (&self->base, error, "driver/@type: 'fat' needs type='dir'");
  return TRUE;
}

/* What may be on which bus. */
static gboolean
check_bus (const VcDisk *self, const VcPeers *peers, GError **error)
{
  const VcDevice *dev = &self->base;

  if (self->bus == VC_DISK_IDE && peers->q35)
    return vc_device_fail (dev, error, "target/@bus: the machine '%s' has no IDE controller: use 'sata'",
                           peers->machine);
  if (self->bus == VC_DISK_IDE && vc_disk_index (self->target) >= 4 && !vc_seat_placed (&dev->seat))
    return vc_device_fail (
        dev, error, "target/@dev: the IDE controller has four places, hda to hdd, not '%s'", self->target);
  if (self->bus == VC_DISK_FDC && vc_disk_index (self->target) >= 2 && !vc_seat_placed (&dev->seat))
    return vc_device_fail (dev, error,
                           "target/@dev: the floppy disk controller has two places, fda and fdb, not '%s'",
                           self->target);
  if (self->bus == VC_DISK_VIRTIO && self->use == VC_DISK_CDROM)
    return vc_device_fail (dev, error, "a CD-ROM cannot be on the virtio bus");
  if (self->bus == VC_DISK_VIRTIO && self->use == VC_DISK_FLOPPY)
    return vc_device_fail (dev, error, "a floppy disk cannot be on the virtio bus");
  if ((self->bus == VC_DISK_FDC) != (self->use == VC_DISK_FLOPPY) && self->bus != 0 && self->use != 0)
    return vc_device_fail (dev, error, "the fdc bus is for floppy disks, and these sit nowhere else");
  if (self->use == VC_DISK_LUN && self->bus != VC_DISK_SCSI && self->bus != 0)
    return vc_device_fail (dev, error, "device='lun' needs the scsi bus");
  if (self->use == VC_DISK_LUN && self->type != VC_DISK_BLOCK)
    return vc_device_fail (dev, error, "device='lun' needs type='block'");
  if (self->use == VC_DISK_DISK && self->readonly && (self->bus == VC_DISK_IDE || self->bus == VC_DISK_SATA))
    return vc_device_fail (dev, error, "QEMU has no read-only %s disk: use virtio, or a cdrom",
                           buses[self->bus]);
  return TRUE;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const VcDisk *self = disk (dev), *other;

  if (vc_disk_index (self->target) < 0)
    return vc_device_fail (
        dev, error,
        "target/@dev: '%s' is not a whole disk's name such as 'vda': two letters for the bus, then letters",
        self->target);
  if (!check_bus (self, peers, error) || !check_source (self, error)
      || !vc_disk_check_driver (dev, peers, error))
    return FALSE;
  for (guint i = 0; peers->devices->pdata[i] != dev; i++)
    {
      other = peers->devices->pdata[i];
      if (other->base.kind != dev->kind)
        continue;
      if (strcmp (other->target, self->target) == 0)
        return vc_device_fail (dev, error, "target/@dev: '%s' is taken by the disk in line %u", self->target,
                               other->base.line);
    }
  return TRUE;
}

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  const VcDisk *self = disk (dev);
  const VcSeat *seat = &dev->seat;

  if (facts[self->bus].per_controller == 0)
    return g_strdup_printf ("%s%d", facts[self->bus].alias, vc_disk_index (self->target));
  if (self->bus == VC_DISK_SCSI
      && vc_scsi_has_luns (vc_peers_controller (peers, "scsi", seat->controller.value)))
    return g_strdup_printf ("scsi%u-%u-%u-%u", seat->controller.value, seat->bus.value, seat->target.value,
                            seat->unit.value);
  return g_strdup_printf ("%s%u-%u-%u", facts[self->bus].alias, seat->controller.value, seat->bus.value,
                          seat->unit.value);
}

const VcKind vc_kind_disk = {
  .name = "disk",
  .element = "disk",
  .summary = "A disk, CD-ROM or floppy disk.",
  .size = sizeof (VcDisk),
  .rows = rows,
  .plugs_into = &vc_bus_pci,
  .fill = fill,
  .check = check,
  .plan = vc_disk_plan,
  .name_it = name_it,
};

const char *
vc_disk_target (const VcDevice *disk_device)
{
  return disk (disk_device)->target;
}

const char *
vc_disk_path (const VcDevice *disk_device)
{
  const VcDisk *self = disk (disk_device);

  return self->type == VC_DISK_FILE ? self->file : self->type == VC_DISK_BLOCK ? self->dev : NULL;
}

gboolean
vc_disk_is_qcow2 (const VcDevice *disk_device)
{
  return disk (disk_device)->format == VC_DISK_QCOW2;
}
