/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/chardev.h"

/* A back end that is a path and nothing else: its first row. */
typedef struct
{
  VcChardev base;
  char *path;
} VcChardevPath;

/* vc_chardev_path_check - refuse one without a path */
gboolean vc_chardev_path_check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers,
                                GError **error);
