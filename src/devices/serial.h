/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/chardev.h"

/* What domain/console.c must know to pair the first serial port with the first console. */

#define VC_ISA_SERIAL_MAX 4u

extern const VcKind vc_kind_serial_isa, vc_kind_console_serial;

/* The start of every serial port's and console's struct. */
typedef struct
{
  VcDevice base;
  VcChardev *chr;
  VcU32 port;
} VcSerial;
