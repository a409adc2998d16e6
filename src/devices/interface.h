/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/virtio.h"

/* What all network interfaces share: the card the guest sees. */
typedef struct
{
  VcDevice base;
  char *mac;
  int model;
  char *target; /* name on the host                                               */
  int link;
  int driver; /* who moves packets                                              */
  int tx;
  VcTri ioeventfd, event_idx, rss, rss_report;
  VcU32 queues, rx_size, tx_size;
  VcVirtio virtio;
  VcU32 mtu;
  VcU32 frames; /* packets an interrupt may stand for                             */
  VcTri rom_bar, rom;
  char *rom_file;
} VcInterface;

enum
{
  VC_DRIVER_QEMU = 1,
  VC_DRIVER_VHOST
};

/* What names on the host begin with that are made up at a start. */
#define VC_INTERFACE_PREFIX "vnet"

enum
{
  VC_LINK_UP = 1,
  VC_LINK_DOWN
};

extern const char *const vc_interface_models[], *const vc_interface_links[], *const vc_interface_drivers[],
                                                                                 *const vc_interface_txs[];

/* A card's address, kept as "52:54:00:12:34:56". */
extern const VcType vc_type_mac;

#define VC_INTERFACE_ROWS                                                                                    \
  VC_ROW (VcInterface, mac, char *, vc_type_mac, "mac/@address",                                             \
          .doc = "address; made up when it is not given"),                                                   \
      VC_CHOICE (VcInterface, model, "model/@type", vc_interface_models, .doc = "card the guest sees"),      \
      VC_STR (VcInterface, target, "target/@dev", .doc = "name on the host"),                                \
      VC_CHOICE (VcInterface, driver, "driver/@name", vc_interface_drivers,                                  \
                 .doc = "who moves packets (virtio)"),                                                       \
      VC_CHOICE (VcInterface, tx, "driver/@txmode", vc_interface_txs,                                        \
                 .doc = "when packets are sent (virtio)"),                                                   \
      VC_ONOFF (VcInterface, ioeventfd, "driver/@ioeventfd",                                                 \
                .doc = "whether requests go around QEMU's loop (virtio)"),                                   \
      VC_ONOFF (VcInterface, event_idx, "driver/@event_idx",                                                 \
                .doc = "whether interrupts are put together (virtio)"),                                      \
      VC_U32 (VcInterface, queues, "driver/@queues", .min = 1, .max = 256,                                   \
              .doc = "pairs of queues (virtio)"),                                                            \
      VC_U32 (VcInterface, rx_size, "driver/@rx_queue_size", .min = 256, .max = 1024,                        \
              .doc = "packets a queue holds in receiving (virtio)"),                                         \
      VC_U32 (VcInterface, tx_size, "driver/@tx_queue_size", .min = 256, .max = 1024,                        \
              .doc = "packets a queue holds in sending (virtio)"),                                           \
      VC_ONOFF (VcInterface, rss, "driver/@rss", .doc = "whether packets are spread over queues (virtio)"),  \
      VC_ONOFF (VcInterface, rss_report, "driver/@rss_hash_report",                                          \
                .doc = "whether the guest is told by what (virtio)"),                                        \
      VC_ONOFF (VcInterface, virtio.iommu, "driver/@iommu", .doc = "whether it goes through the IOMMU"),     \
      VC_ONOFF (VcInterface, virtio.ats, "driver/@ats",                                                      \
                .doc = "whether it has address translation services"),                                       \
      VC_ONOFF (VcInterface, virtio.packed, "driver/@packed", .doc = "whether rings are packed"),            \
      VC_ONOFF (VcInterface, virtio.page_per_vq, "driver/@page_per_vq",                                      \
                .doc = "whether each queue has a page of its own"),                                          \
      VC_CHOICE (VcInterface, link, "link/@state", vc_interface_links, .doc = "whether the cable is in"),    \
      VC_U32 (VcInterface, mtu, "mtu/@size", .min = 1, .max = 65535, .doc = "bytes of a packet, at most"),   \
      VC_U32 (VcInterface, frames, "coalesce/rx/frames/@max", .doc = "packets an interrupt may stand for"),  \
      VC_U32 (VcDevice, boot, "boot/@order", .min = 1, .doc = "when it is booted: 1 is first"),              \
      VC_ONOFF (VcInterface, rom_bar, "rom/@bar", .doc = "whether the guest sees its ROM"),                  \
      VC_TRI (VcInterface, rom, "rom/@enabled", .doc = "whether it has one"),                                \
      VC_PATH (VcInterface, rom_file, "rom/@file", .doc = "file with the ROM")

/* vc_interface_fill - a made up address, the card every guest knows */
void vc_interface_fill (VcDevice *dev, const VcPeers *peers);

/* vc_interface_check - rules all share */
gboolean vc_interface_check (const VcDevice *dev, const VcPeers *peers, GError **error);

/* vc_interface_netdev - add the host's side; type is QEMU's
 *
 * Returns: its property list, owned by plan.
 */
VcProps *vc_interface_netdev (const VcDevice *dev, const char *type, VcPlan *out);

/* vc_interface_plan - add the card, behind the host's side */
gboolean vc_interface_plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error);

/* vc_interface_tap - add a tap device as the host's side, and the card; name, value: as vc_props_tap */
gboolean vc_interface_tap (const VcDevice *dev, const char *name, const char *value, const VcPlanContext *ctx,
                           VcPlan *out, GError **error);

/* vc_interface_show - forget what libvirt's domxml-to-native does not show of a card
 *
 * It leaves the card, its address and its place.  A start does not do this.
 */
void vc_interface_show (VcDevice *dev);

/* vc_interface_is_tap - is the host's side a tap device, which somebody must make? */
gboolean vc_interface_is_tap (const VcDevice *dev);

/* vc_interface_is_virtio - does the guest see a virtio card, of whichever age? */
gboolean vc_interface_is_virtio (const VcInterface *self);

/* vc_interface_set_target - its name on the host, copied */
void vc_interface_set_target (VcDevice *dev, const char *name);

/* vc_interface_network - name of the network a card is in; NULL: it is of another type */
const char *vc_interface_network (const VcDevice *dev);

/* vc_interface_network_bridge, vc_interface_set_network_bridge - the bridge of such a card's network, copied;
 * NULL: nobody knows it
 */
const char *vc_interface_network_bridge (const VcDevice *dev);
void vc_interface_set_network_bridge (VcDevice *dev, const char *bridge);

/* vc_interface_script - program that an ethernet card's tap device is to be set up by; NULL: none */
const char *vc_interface_script (const VcDevice *dev);

/* vc_interface_mac - its address, borrowed; NULL: none is said */
const char *vc_interface_mac (const VcDevice *dev);
