/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan/caps.h"

/* vc_caps_find - what a binary can do, from memory, from the cache or by asking it
 *
 * binary must be an absolute path.  cache_folder may be NULL, and need not exist or be writable.  An
 * answer holds until the binary or QEMU's folder of modules changes.  Any thread may ask.
 *
 * Returns: not to be changed (let go with vc_caps_free), or NULL with the errors of vc_probe.
 */
VcCaps *vc_caps_find (const char *binary, const char *cache_folder, GError **error);

/* vc_caps_forget - nothing is in memory any more: the next one looks at the cache */
void vc_caps_forget (void);
