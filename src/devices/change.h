/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* What can change of a device while its guest runs. */
typedef enum
{
  VC_CHANGE_NONE,
  VC_CHANGE_SAME,   /* there is nothing to change                   */
  VC_CHANGE_LINK,   /* of a network interface: its cable, in or out */
  VC_CHANGE_MEDIUM, /* of a drive: what is in it                    */
} VcChange;

/* vc_device_change - can a device become another one, and by what?
 *
 * Then both have exchanged what is to change: a second call takes it back.  wanted leaves out what it likes
 * of the rest.
 *
 * Returns: VC_CHANGE_NONE when something else differs, or VC_CHANGE_SAME; then both are as they were.
 */
VcChange vc_device_change (VcDevice *dev, VcDevice *wanted);

/* vc_link_is_down - is it a network interface without its cable? */
gboolean vc_link_is_down (const VcDevice *dev);
