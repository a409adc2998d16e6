/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/storage.h"

#include "base/error.h"
#include "daemon/list.h"

VcStorageWork *
vc_storage_work_new (const VcPoolDef *def)
{
  VcStorageWork *work = g_new0 (VcStorageWork, 1);

  work->def = vc_pool_def_copy (def);
  return work;
}

void
vc_storage_work_free (gpointer data)
{
  VcStorageWork *work = data;

  vc_pool_def_free (work->def);
  g_free (work->name);
  vc_volume_free (work->volume);
  if (work->names != NULL)
    g_ptr_array_unref (work->names);
  g_free (work);
}

gboolean
vc_storage_begin (VcRpcRequest *request, const VcJob *job, VcStorageWork *work_taken)
{
  vc_daemon_work (vc_daemon_of (request), request, job, work_taken);
  return TRUE;
}

VcPool *
vc_storage_pool_of (VcDaemon *daemon, const VcStorageWork *work, GError **error)
{
  VcPool *pool = vc_pools_find_uuid (daemon->pools, work->def->uuid);

  if (pool == NULL)
    vc_wire_fail (error, VC_WIRE_NO_POOL, "no storage pool with matching uuid '%s' (%s)", work->def->uuid,
                  work->def->name);
  return pool;
}

VcPool *
vc_storage_read_pool (VcRpcRequest *request, VcXdrReader *args, GError **error)
{
  const char *name = vc_xdr_read_text (args);
  char uuid[37];
  VcPool *pool
      = vc_pools_find_uuid (vc_daemon_of (request)->pools, vc_wire_uuid (vc_xdr_read_uuid (args), uuid));

  if (pool == NULL)
    vc_wire_fail (error, VC_WIRE_NO_POOL, "no storage pool with matching uuid '%s' (%s)", uuid, name);
  return pool;
}

VcPool *
vc_storage_find_active (VcRpcRequest *request, const char *name, GError **error)
{
  VcPool *pool = vc_pools_find_name (vc_daemon_of (request)->pools, name);

  if (pool == NULL)
    vc_wire_fail (error, VC_WIRE_NO_POOL, "no storage pool with matching name '%s'", name);
  return pool != NULL && vc_pool_check_active (pool, error) ? pool : NULL;
}

void
vc_storage_put_pool (VcXdrWriter *ret, const VcPoolDef *def)
{
  vc_list_put (ret, def->name, def->uuid);
}

void
vc_storage_put_volume (VcXdrWriter *ret, const VcPoolDef *def, const char *name)
{
  g_autofree char *key = g_build_filename (def->path, name, NULL);

  vc_xdr_put_text (ret, def->name);
  vc_xdr_put_text (ret, name);
  vc_xdr_put_text (ret, key);
}
