/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A folder of definitions: NAME.xml, and autostart/NAME.xml, a link, for those that start with the host.
 *
 * Each is there in full or not at all, and on the disk when it was acknowledged.  Only its owner writes
 * there. */
typedef struct VcShelf VcShelf;

/* vc_shelf_open - folder is made if need be; comment stands at the head of each file
 *
 * Returns: new (free with vc_shelf_free), or NULL with error.
 */
VcShelf *vc_shelf_open (const char *folder, const char *comment, GError **error);

/* vc_shelf_is_new - was the folder made just now? */
gboolean vc_shelf_is_new (const VcShelf *shelf);

/* Takes a definition in.  Returns: FALSE with error for one that is no good. */
typedef gboolean (*VcShelfFn) (const char *name, const char *text, gsize len, const char *path,
                               gboolean starts, gpointer data, GError **error);

/* vc_shelf_read - call fn with every definition, in order of names
 *
 * What cannot be read, or is no file, is left alone and said in warnings (char *, each with its place).
 */
void vc_shelf_read (const VcShelf *shelf, gsize max, VcShelfFn fn, gpointer data, GPtrArray *warnings);

/* vc_shelf_add - vc_shelf_put of one that is new: a link that somebody left behind is not its own */
gboolean vc_shelf_add (const VcShelf *shelf, const char *name, const char *text, GError **error);
gboolean vc_shelf_put (const VcShelf *shelf, const char *name, const char *text, GError **error);
gboolean vc_shelf_remove (const VcShelf *shelf, const char *name, GError **error); /* and its link */
gboolean vc_shelf_set_start (const VcShelf *shelf, const char *name, gboolean starts, GError **error);

/* vc_shelf_check_name - can it be the name of a file?  FALSE with VC_ERROR_INVALID */
gboolean vc_shelf_check_name (const char *name, GError **error);

/* vc_shelf_free - NULL is fine */
void vc_shelf_free (VcShelf *shelf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcShelf, vc_shelf_free)
