/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/serial.h"

/* What serial ports of any bus share. */
typedef struct
{
  VcSerial base;
  int model;
} VcSerialPort;

void vc_serial_fill (VcDevice *dev, const VcPeers *peers);
gboolean vc_serial_check (const VcDevice *dev, const VcPeers *peers, GError **error);
gboolean vc_serial_plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *plan, GError **error);

/* Rows of a serial port whose one model is in list. */
#define VC_SERIAL_ROWS(list)                                                                                 \
  VC_ROW (VcSerial, chr, VcChardev *, vc_type_chardev, "@type", .more = "pty",                               \
          .doc = "host side of the port"),                                                                   \
      VC_U32 (VcSerial, port, "target/@port", .max = 255, .doc = "number of the port"),                      \
      VC_CHOICE (VcSerialPort, model, "target/model/@name", list, .doc = "QEMU device")
