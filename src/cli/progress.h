/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A line on the terminal that says what takes longer than a second.  Where the standard error is no terminal
 * nothing is ever shown. */
typedef struct VcProgress VcProgress;

/* vc_progress_new - nothing is shown yet.  Returns: new (free with vc_progress_free) */
VcProgress *vc_progress_new (void);

/* vc_progress_set - what is being done; NULL: nothing, and the line is wiped
 *
 * Once this returns the line is no more in the way of other output.
 */
void vc_progress_set (VcProgress *progress, const char *words);

/* vc_progress_free - wipe the line; NULL is fine */
void vc_progress_free (VcProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcProgress, vc_progress_free)
