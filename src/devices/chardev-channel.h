/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/chardev.h"

/* A back end that is a named channel of a display and nothing else: its first row. */
typedef struct
{
  VcChardev base;
  char *channel;
} VcChardevChannel;

/* vc_chardev_channel_check - refuse one without a name, or with an odd one */
gboolean vc_chardev_channel_check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers,
                                   GError **error);
