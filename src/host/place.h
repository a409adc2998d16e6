/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* vc_place_print - where a device stands, as messages begin: "web.xml:14: <disk>"
 *
 * dev may be NULL, for what belongs to no device.
 *
 * Returns: new string, or NULL for NULL.
 */
char *vc_place_print (const VcDevice *dev);

/* vc_place_prefix - put a device's place before an error's message on its way up
 *
 * dev may be NULL: then nothing is put.
 *
 * Returns: FALSE, always.
 */
gboolean vc_place_prefix (const VcDevice *dev, GError **error);
