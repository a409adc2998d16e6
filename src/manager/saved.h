/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The file of a saved guest.
 *
 *   virtcard-save 1 LENGTH WORD\n     of the description, in bytes; whether it ran, or was held ("paused")
 *   <domain …>                        the description
 *   …                                 QEMU's state, as it migrates
 */

/* vc_saved_new - begin a file: what stands before the state
 *
 * A draft beside path, which must not be there: nobody takes half a file for one.
 *
 * Returns: a descriptor at its end, or -1 with error; ret_draft gets the draft's path (new string).
 */
int vc_saved_new (const char *path, const char *xml, gboolean is_paused, char **ret_draft, GError **error);

/* vc_saved_finish - all of the state is there: put the file in its place, on the disk */
gboolean vc_saved_finish (int fd, const char *draft, const char *path, GError **error);

/* vc_saved_open - the description that stands in a file
 *
 * Returns: a descriptor where the state begins, or -1 with error; ret_xml gets the text (new string).
 */
int vc_saved_open (const char *path, char **ret_xml, gsize *ret_len, gboolean *ret_is_paused, GError **error);
