/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/chardev.h"

/* Serial ports, parallel ports and consoles: a host side and a number. */

#define VC_ISA_SERIAL_MAX 4u

extern const VcKind vc_kind_serial_isa, vc_kind_console_serial;

typedef struct
{
  VcDevice base;
  VcChardev *chr;
  VcU32 port;
} VcSerial;

/* One whose model is written into its description, though it has only one. */
typedef struct
{
  VcSerial base;
  int model;
} VcSerialPort;

/* Rows of a struct that starts with VcSerial. */
#define VC_SERIAL_ROWS                                                                                       \
  VC_ROW (VcSerial, chr, VcChardev *, vc_type_chardev, "@type", .more = "pty", .doc = "host side"),          \
      VC_U32 (VcSerial, port, "target/@port", .max = 255, .doc = "number")

#define VC_SERIAL_MODEL_ROW(list)                                                                            \
  VC_CHOICE (VcSerialPort, model, "target/model/@name", list, .doc = "QEMU device")

/* Hooks that do for most of them. */
void vc_serial_fill (VcDevice *dev, const VcPeers *peers);
void vc_serial_port_fill (VcDevice *dev, const VcPeers *peers);
gboolean vc_serial_check (const VcDevice *dev, const VcPeers *peers, GError **error);
gboolean vc_serial_plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *plan, GError **error);
