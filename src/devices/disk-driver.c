/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/disk-facts.h"

static gboolean
check_virtio (const VcDisk *self, const VcPeers *peers, GError **error)
{
  if (self->bus != 0 && self->bus != VC_DISK_VIRTIO
      && (self->ioeventfd != VC_TRI_UNSET || self->event_idx != VC_TRI_UNSET || self->queues.set
          || self->queue_size.set || self->iothread.set || vc_virtio_any (&self->virtio)))
    return vc_device_fail (&self->base, error,
                           "<driver>: ioeventfd, event_idx, iothread, queues, queue_size, iommu, ats, packed "
                           "and page_per_vq are "
                           "for the virtio bus");
  if (self->queue_size.set && (self->queue_size.value & (self->queue_size.value - 1)) != 0)
    return vc_device_fail (&self->base, error, "driver/@queue_size: %u is not a power of two",
                           self->queue_size.value);
  return vc_iothread_check (&self->base, self->iothread, peers, error);
}

static gboolean
check_io (const VcDisk *self, GError **error)
{
  const char *cache = vc_choice (vc_disk_caches, self->cache), *io = vc_choice (vc_disk_ios, self->io);

  if (g_strcmp0 (io, "native") == 0 && g_strcmp0 (cache, "none") != 0 && g_strcmp0 (cache, "directsync") != 0)
    return vc_device_fail (&self->base, error, "driver/@io: 'native' needs cache='none' or 'directsync'");
  if (self->io != 0 && (self->type == VC_DISK_NETWORK || self->type == VC_DISK_DIR))
    return vc_device_fail (&self->base, error, "driver/@io is for files and block devices");
  if (self->copy_on_read == VC_TRI_YES && (self->readonly || self->use == VC_DISK_LUN))
    return vc_device_fail (&self->base, error,
                           "driver/@copy_on_read: what is read cannot be kept on a disk that is not written");
  if (self->shareable && self->format > VC_DISK_RAW)
    return vc_device_fail (&self->base, error, "<shareable> needs an image of the format raw, not '%s'",
                           vc_disk_formats[self->format]);
  return TRUE;
}

static gboolean
is_printable (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isprint (*text))
      return FALSE;
  return TRUE;
}

static gboolean
check_names (const VcDisk *self, GError **error)
{
  if (self->wwn != NULL && (strlen (self->wwn) != 16 || strspn (self->wwn, "0123456789abcdefABCDEF") != 16))
    return vc_device_fail (&self->base, error, "<wwn> '%s' is not 16 hexadecimal digits", self->wwn);
  if (self->wwn != NULL
      && (self->bus == VC_DISK_VIRTIO || self->bus == VC_DISK_USB || self->bus == VC_DISK_FDC))
    return vc_device_fail (&self->base, error, "<wwn> is for the buses ide, sata and scsi");
  if ((self->vendor != NULL || self->product != NULL) && self->bus != 0 && self->bus != VC_DISK_SCSI)
    return vc_device_fail (&self->base, error, "<vendor> and <product> are for the scsi bus");
  if (self->vendor != NULL && (strlen (self->vendor) > 8 || !is_printable (self->vendor)))
    return vc_device_fail (&self->base, error, "<vendor> '%s' is not up to 8 printable characters",
                           self->vendor);
  if (self->product != NULL && (strlen (self->product) > 16 || !is_printable (self->product)))
    return vc_device_fail (&self->base, error, "<product> '%s' is not up to 16 printable characters",
                           self->product);
  if (self->bus == VC_DISK_FDC && self->serial != NULL)
    return vc_device_fail (&self->base, error, "a floppy disk has no <serial>");
  if (self->use == VC_DISK_LUN
      && (self->serial != NULL || self->wwn != NULL || self->vendor != NULL || self->product != NULL))
    return vc_device_fail (&self->base, error,
                           "a unit passed through as a whole has names of its own: no <serial>, <wwn>, "
                           "<vendor> or <product>");
  return TRUE;
}

static gboolean
check_shape (const VcDisk *self, GError **error)
{
  gboolean geometry = self->cyls.set || self->heads.set || self->secs.set;

  if ((geometry || self->trans != 0) && (!self->cyls.set || !self->heads.set || !self->secs.set))
    return vc_device_fail (&self->base, error, "<geometry> needs cyls, heads and secs");
  if ((geometry || self->logical_block.set || self->physical_block.set)
      && (self->bus == VC_DISK_FDC || self->use == VC_DISK_LUN || self->use == VC_DISK_CDROM))
    return vc_device_fail (&self->base, error, "<geometry> and <blockio> are for disks");
  if (self->trans != 0 && self->bus != 0 && self->bus != VC_DISK_IDE)
    return vc_device_fail (&self->base, error, "geometry/@trans is for the ide bus");
  if (self->removable != VC_TRI_UNSET && self->bus != 0 && self->bus != VC_DISK_USB)
    return vc_device_fail (&self->base, error, "target/@removable is for the usb bus");
  if (self->tray != 0 && self->use != VC_DISK_CDROM && self->use != VC_DISK_FLOPPY)
    return vc_device_fail (&self->base, error, "target/@tray is for device='cdrom' and 'floppy'");
  if (self->rotation.set && self->bus != 0 && self->bus != VC_DISK_IDE && self->bus != VC_DISK_SATA
      && self->bus != VC_DISK_SCSI)
    return vc_device_fail (&self->base, error, "target/@rotation_rate is for the buses ide, sata and scsi");
  return TRUE;
}

gboolean
vc_disk_check_driver (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const VcDisk *self = (const VcDisk *) dev;

  return check_virtio (self, peers, error) && check_io (self, error) && check_names (self, error)
         && check_shape (self, error);
}
