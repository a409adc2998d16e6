/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/daemon.h"
#include "resources/folder.h"

/* What handlers of pools and of volumes share. */

/* Work on a pool's folder: all of it copies. */
typedef struct
{
  VcPoolDef *def;
  char *name;       /* of a volume                            */
  VcVolume *volume; /* one that is wanted, or that was found  */
  GPtrArray *names; /* of volumes                             */
  VcResize resize;
  guint flags;
  gint64 began;      /* when the daemon did                    */
  int room;          /* how many names a client has room for   */
  gboolean is_named; /* a client gave a path: errors name that */
} VcStorageWork;

/* vc_storage_work_new - of a pool; Returns: new */
VcStorageWork *vc_storage_work_new (const VcPoolDef *def);
void vc_storage_work_free (gpointer work);

/* vc_storage_begin - vc_daemon_work for a handler.  Returns: TRUE */
gboolean vc_storage_begin (VcRpcRequest *request, const VcJob *job, VcStorageWork *work_taken);

/* vc_storage_pool_of - the pool of a work, which may have gone meanwhile.  Returns: borrowed, or NULL with
 * error */
VcPool *vc_storage_pool_of (VcDaemon *daemon, const VcStorageWork *work, GError **error);

/* vc_storage_read_pool - read a POOL, and find it.  Returns: borrowed, or NULL with libvirt's words */
VcPool *vc_storage_read_pool (VcRpcRequest *request, VcXdrReader *args, GError **error);

/* vc_storage_find_active - a pool by its name, which must be active.  Returns: borrowed, or NULL with error
 */
VcPool *vc_storage_find_active (VcRpcRequest *request, const char *name, GError **error);

/* vc_storage_put_pool - POOL */
void vc_storage_put_pool (VcXdrWriter *ret, const VcPoolDef *def);

/* vc_storage_put_volume - VOLUME, of a file in its folder */
void vc_storage_put_volume (VcXdrWriter *ret, const VcPoolDef *def, const char *name);
