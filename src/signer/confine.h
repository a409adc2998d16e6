/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* confine_memory - nobody reads this process' memory, not even after its end; not swapped where that can be
 */
void confine_memory (void);

/* confine_files - from here on no file can be opened, made or removed but below folder, where the kernel can
 * do that (Landlock, 5.13); and no right can be gained
 *
 * Returns: FALSE with error when the kernel can, and did not. */
gboolean confine_files (const char *folder, GError **error);
