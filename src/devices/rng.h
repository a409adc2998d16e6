/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/virtio.h"

/* What sources of randomness share: the guest's side. */
typedef struct
{
  VcDevice base;
  int model;
  VcVirtio virtio;
  VcU32 bytes;
  VcU32 period;
} VcRng;

/* Rows of a struct that starts with VcRng. */
#define VC_RNG_ROWS                                                                                          \
  VC_CHOICE (VcRng, model, "@model", vc_virtio_models, .flags = VC_REQUIRED, .doc = "model the guest sees"), \
      VC_VIRTIO_ROWS (VcRng, virtio),                                                                        \
      VC_U32 (VcRng, bytes, "rate/@bytes", .min = 1, .prop = "max-bytes",                                    \
              .doc = "bytes the guest may take in a period"),                                                \
      VC_U32 (VcRng, period, "rate/@period", .min = 1, .doc = "milliseconds of a period")

void vc_rng_fill (VcDevice *dev, const VcPeers *peers);
gboolean vc_rng_check (const VcDevice *dev, GError **error);

/* vc_rng_plan - the back end's object ("rng-random"), then the device; returns the object's list */
VcProps *vc_rng_plan (const VcDevice *dev, const char *backend, const VcPlanContext *ctx, VcPlan *plan);
