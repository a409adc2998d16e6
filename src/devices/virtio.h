/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* <driver> of a virtio device. */
typedef struct
{
  VcTri iommu, ats, packed, page_per_vq;
} VcVirtio;

/* Rows of a struct S whose member m is a VcVirtio. */
#define VC_VIRTIO_ROWS(S, m)                                                                                 \
  VC_ONOFF (S, m.iommu, "driver/@iommu", .prop = "iommu_platform",                                           \
            .doc = "whether it goes through the IOMMU"),                                                     \
      VC_ONOFF (S, m.ats, "driver/@ats", .prop = "ats",                                                      \
                .doc = "whether it has address translation services"),                                       \
      VC_ONOFF (S, m.packed, "driver/@packed", .prop = "packed", .doc = "whether rings are packed"),         \
      VC_ONOFF (S, m.page_per_vq, "driver/@page_per_vq", .prop = "page-per-vq",                              \
                .doc = "whether each queue has a page of its own")

enum
{
  VC_VIRTIO_PLAIN = 1,
  VC_VIRTIO_TRANSITIONAL,
  VC_VIRTIO_NON_TRANSITIONAL,
};

/* "virtio", "virtio-transitional", "virtio-non-transitional": models[] of a row */
extern const char *const vc_virtio_models[];

/* vc_virtio_any - is any of it given? */
gboolean vc_virtio_any (const VcVirtio *self);

/* vc_virtio_driver - QEMU's device of a model: stem and suffix; new string */
char *vc_virtio_driver (const char *stem, int model);

/* vc_virtio_pci - how a model is connected: old I/O ports need an old slot */
VcPciClass vc_virtio_pci (int model);
