/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

#define VC_VIRTIO_SERIAL_PORTS 31u /* QEMU's limit, and what a controller has unless told */

/* vc_virtio_serial_ports - how many ports a virtio-serial controller has, port 0 counted */
guint vc_virtio_serial_ports (const VcDevice *controller);
