/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "resources/pool.h"
#include "resources/volume.h"

/* A pool's folder and the files in it.
 *
 * All of this asks the file system and may take as long as that likes: call it in a thread.  It looks at
 * nothing but its arguments.  A volume is a plain file of the folder; no symbolic link is followed to one.
 */

#define VC_FOLDER_MAX_VOLUMES 16384u /* what a client can be told of */

/* vc_folder_check - is it a folder?  FALSE with error */
gboolean vc_folder_check (const char *path, GError **error);

/* vc_folder_clean - remove what was being made when those before us were killed
 *
 * began: when we began (as g_get_real_time says); what is being made since then stays.
 */
void vc_folder_clean (const char *path, gint64 began);

/* vc_folder_look_at - what def says of its folder only when it is asked: sizes, and whose it is */
gboolean vc_folder_look_at (VcPoolDef *def, GError **error);

/* vc_folder_build - make it, with its parents; one that is there gets the permissions that are said */
gboolean vc_folder_build (const VcPoolDef *def, GError **error);

/* vc_folder_delete - remove it; it must be empty */
gboolean vc_folder_delete (const char *path, GError **error);

/* vc_folder_list - names of its volumes
 *
 * Returns: new array of strings in their order, or NULL with error: VC_ERROR_LIMIT when there are too many.
 */
GPtrArray *vc_folder_list (const char *path, GError **error);

/* vc_folder_look - one volume, by its first bytes and what the file system says
 *
 * Returns: new (vc_volume_free), or NULL with VC_ERROR_NOT_FOUND, VC_ERROR_INVALID for what is no plain
 * file, and others.
 */
VcVolume *vc_folder_look (const char *path, const char *name, GError **error);

/* vc_folder_make - make a volume as vc_volume_read gave it
 *
 * It is there whole or not at all.  has_metadata: qcow2's tables are written in advance.
 *
 * Returns: FALSE with VC_ERROR_EXISTS and others.
 */
gboolean vc_folder_make (const char *path, const VcVolume *wanted, gboolean has_metadata, GError **error);

/* vc_folder_remove - remove a volume for good */
gboolean vc_folder_remove (const char *path, const char *name, GError **error);

typedef struct
{
  guint64 size;      /* bytes */
  gboolean is_delta; /* more than now; with may_shrink less */
  gboolean may_shrink;
  gboolean is_allocated; /* the new bytes are taken from the host at once */
} VcResize;

/* vc_folder_resize - change the size of a disk that nobody uses
 *
 * Returns: FALSE with VC_ERROR_LIMIT for one that would shrink, VC_ERROR_UNSUPPORTED for images that lead to
 * other files, and others.
 */
gboolean vc_folder_resize (const char *path, const char *name, const VcResize *how, GError **error);
