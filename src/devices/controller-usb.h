/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* vc_usb_ports - how many root ports a usb controller has; 0 for model 'none' and companions */
guint vc_usb_ports (const VcDevice *controller);

/* vc_usb_is_none - does this controller say that the guest has no USB? */
gboolean vc_usb_is_none (const VcDevice *controller);

/* vc_usb_function - the PCI function an ich9 controller takes in the slot it shares with its
 * companions, or -1 for other models */
int vc_usb_function (const VcDevice *controller);

/* vc_usb_is_piix3 - the controller that is part of the pc machine's chipset */
gboolean vc_usb_is_piix3 (const VcDevice *controller);
