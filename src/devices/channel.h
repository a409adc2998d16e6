/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* Whether a running guest has opened its end of a channel.  Any device may be asked. */

/* vc_channel_set_open - note it; FALSE when that is known already, or dev is no such channel */
gboolean vc_channel_set_open (VcDevice *dev, gboolean is_open);

/* vc_channel_is_known - is it known, or is there nothing to be known of dev? */
gboolean vc_channel_is_known (const VcDevice *dev);

/* vc_channel_is_agent - is it the channel of QEMU's guest agent? */
gboolean vc_channel_is_agent (const VcDevice *dev);
