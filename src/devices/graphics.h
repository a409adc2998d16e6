/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* What SPICE and VNC share: where they listen. */
typedef struct
{
  VcDevice base;
  int port;     /* 0: none; given, or found by whoever starts the guest           */
  int tls_port; /* spice                                                          */
  VcTri autoport;
  int listen_type;
  char *address;
  char *listen; /* @listen: the address once more                                 */
} VcGraphics;

enum
{
  VC_LISTEN_NONE = 1,
  VC_LISTEN_ADDRESS
};

extern const char *const vc_listen_types[];

/* A port of <graphics>: -1 stands for "find one". */
extern const VcType vc_type_port;

#define VC_GRAPHICS_ADDRESS "127.0.0.1"

/* Rows of where it listens. */
#define VC_GRAPHICS_LISTEN_ROWS                                                                              \
  VC_STR (VcGraphics, listen, "@listen", .doc = "address to listen on"),                                     \
      VC_CHOICE (VcGraphics, listen_type, "listen/@type", vc_listen_types, .doc = "how to listen"),          \
      VC_STR (VcGraphics, address, "listen/@address", .doc = "address to listen on"),                        \
      VC_JUDGED ("listen/@fromConfig", vc_type_u32, .max = 1,                                                \
                 .doc = "1: a running guest's address came from qemu.conf")

/* vc_graphics_fill_listen - make @listen and <listen> agree, and forget a running guest's ports */
void vc_graphics_fill_listen (VcGraphics *self);

/* vc_graphics_check - rules both share */
gboolean vc_graphics_check (const VcGraphics *self, GError **error);
