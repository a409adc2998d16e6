/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/disk.h"
#include "devices/virtio.h"

/* Shared by the files that make up the disk's room. */

enum
{
  VC_DISK_FILE = 1,
  VC_DISK_BLOCK,
  VC_DISK_DIR,
  VC_DISK_NETWORK
};
enum
{
  VC_DISK_DISK = 1,
  VC_DISK_CDROM,
  VC_DISK_FLOPPY,
  VC_DISK_LUN
};
enum
{
  VC_DISK_IDE = 1,
  VC_DISK_FDC,
  VC_DISK_SCSI,
  VC_DISK_VIRTIO,
  VC_DISK_USB,
  VC_DISK_SATA
};
enum
{
  VC_DISK_RAW = 1,
  VC_DISK_QCOW2,
  VC_DISK_FAT
};

typedef struct
{
  VcDevice base;
  int type;
  int use;
  int name;
  int format;
  int cache;
  int on_error, on_read_error;
  int io;
  VcTri ioeventfd, event_idx, copy_on_read;
  int discard;
  int zeroes;
  VcU32 iothread;
  VcU32 queues, queue_size;
  VcVirtio virtio;
  char *file, *dev, *dir; /* source, by type                                            */
  int protocol;           /* network                                                    */
  char *export;           /* network: name there                                        */
  char *query;            /* http, https                                                */
  GPtrArray *hosts;       /* network: VcDiskHost                                        */
  char *target;           /* "vda"                                                      */
  int bus;
  int tray;
  VcTri removable;
  VcU32 rotation;
  VcU32 cyls, heads, secs;
  int trans;
  VcU32 logical_block, physical_block;
  gboolean readonly, shareable;
  char *serial, *wwn, *vendor, *product;
  VcU32 node; /* number of its block nodes; 0: by its place among the disks */
} VcDisk;

typedef struct
{
  char *name;
  VcU32 port;
  int transport;
  char *socket;
} VcDiskHost;

extern const char *const vc_disk_formats[],
    *const vc_disk_caches[], *const vc_disk_discards[], *const vc_disk_zeroes[],
                                                            *const vc_disk_ios[],
                                                                *const vc_disk_policies[],
                                                                    *const vc_disk_trans[],
                                                                        *const vc_disk_protocols[];

/* vc_disk_index - which one of its bus a disk is by its name: "vdb" is 1; -1 when it is no disk's name */
int vc_disk_index (const char *target);

/* vc_disk_check_driver - rules over <driver>, <geometry> and their like */
gboolean vc_disk_check_driver (const VcDevice *dev, const VcPeers *peers, GError **error);

/* vc_disk_fill_network - ports of hosts where the protocol has a usual one */
void vc_disk_fill_network (VcDisk *self);

/* vc_disk_check_network, vc_disk_plan_network - a disk kept elsewhere (disk-network.c) */
gboolean vc_disk_check_network (const VcDevice *dev, GError **error);
void vc_disk_plan_network (const VcDisk *self, VcProps *props);

/* vc_disk_network_driver - QEMU's block driver of its protocol */
const char *vc_disk_network_driver (const VcDisk *self);

/* vc_disk_plan - block nodes and the device (disk-plan.c) */
gboolean vc_disk_plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error);

/* The hosts of a network disk: rows of VcDiskHost. */
extern const VcField vc_disk_host_rows[];
