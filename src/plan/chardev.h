/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/props.h"
#include "json/json.h"

/* Character devices over QMP: what -chardev says flat, chardev-add wants nested. */

/* vc_chardev_spell - arguments of chardev-add for what -chardev would be told
 *
 * A LISTEN property with a descriptor becomes the descriptor that was sent with getfd under the
 * character device's own id; a FILE property with one becomes /dev/fdset/N (sent with add-fd).
 *
 * Returns: new object, or NULL with VC_ERROR_UNSUPPORTED for what only the command line can say
 * and VC_ERROR_INVALID for text JSON cannot hold.
 */
VcJson *vc_chardev_spell (const VcProps *props, GError **error);
