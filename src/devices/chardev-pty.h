/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/chardev.h"

/* vc_device_set_terminal - say where the pseudo-terminal of a running guest's device is; others have none */
void vc_device_set_terminal (VcDevice *dev, const char *path);

/* vc_device_terminal - what was said, borrowed, or NULL */
const char *vc_device_terminal (const VcDevice *dev);
