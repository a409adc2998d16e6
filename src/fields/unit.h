/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* vc_unit_find - how many bytes a unit such as "KiB", "MB" or "G" is, as libvirt reads them
 *
 * Returns: FALSE when it is none.
 */
gboolean vc_unit_find (const char *unit, guint64 *ret_bytes);
