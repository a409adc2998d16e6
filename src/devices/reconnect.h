/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/chardev.h"

/* <reconnect> of a socket that connects: try again after so many seconds.  One member and one
 * row in the struct of a back end that has it. */
typedef struct
{
  VcTri enabled;
  VcU32 timeout; /* seconds                                                        */
} VcReconnect;

/* Rows of a back end S whose member m is a VcReconnect. */
#define VC_RECONNECT(S, m)                                                                                   \
  VC_TRI (S, m.enabled, "source/reconnect/@enabled",                                                         \
          .doc = "whether to connect again when the peer is gone"),                                          \
      VC_U32 (S, m.timeout, "source/reconnect/@timeout", .doc = "seconds between tries")

/* vc_reconnect_fill - one that does not connect again has no timeout */
void vc_reconnect_fill (VcReconnect *self);

/* vc_reconnect_check - connecting says whether it is a socket that connects */
gboolean vc_reconnect_check (const VcReconnect *self, gboolean connecting, const VcDevice *holder,
                             GError **error);
void vc_reconnect_put (const VcReconnect *self, VcProps *props);
