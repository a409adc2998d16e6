/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "daemon/list.h"
#include "daemon/storage.h"

/* Which pools there are. */

#define TYPE_DIR (1u << 6) /* a flag of CONNECT_LIST_ALL_STORAGE_POOLS, … */
#define TYPES    0x1fffc0u /* … of those that choose by type            */

static VcPools *
pools_of (const VcRpcRequest *request)
{
  return vc_daemon_of (request)->pools;
}

static guint
count_all (VcDaemon *daemon)
{
  return vc_pools_n (daemon->pools);
}

static VcListed
get_nth (VcDaemon *daemon, guint n)
{
  const VcPool *pool = vc_pools_nth (daemon->pools, n);

  return (VcListed){ .name = pool->def->name,
                     .uuid = pool->def->uuid,
                     .is_active = pool->is_active,
                     .is_persistent = pool->is_persistent,
                     .starts = pool->starts,
                     .type = TYPE_DIR };
}

static const VcList list = { count_all, get_nth, TYPES };

static gboolean
count_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_list_count (request, &list, ret, VC_LIST_ACTIVE);
}

static gboolean
list_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_list_names (request, &list, args, ret, VC_LIST_ACTIVE);
}

static gboolean
count_defined (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_list_count (request, &list, ret, VC_LIST_INACTIVE);
}

static gboolean
list_defined (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_list_names (request, &list, args, ret, VC_LIST_INACTIVE);
}

static gboolean
list_all (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_list_all (request, &list, args, ret, error);
}

static gboolean
by_name (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *name = vc_xdr_read_text (args);
  const VcPool *pool = vc_pools_find_name (pools_of (request), name);

  if (pool == NULL)
    return vc_wire_fail (error, VC_WIRE_NO_POOL, "no storage pool with matching name '%s'", name);
  vc_storage_put_pool (ret, pool->def);
  return TRUE;
}

static gboolean
by_uuid (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  char uuid[37];
  const VcPool *pool = vc_pools_find_uuid (pools_of (request), vc_wire_uuid (vc_xdr_read_uuid (args), uuid));

  if (pool == NULL)
    return vc_wire_fail (error, VC_WIRE_NO_POOL, "no storage pool with matching uuid '%s'", uuid);
  vc_storage_put_pool (ret, pool->def);
  return TRUE;
}

/* The name of its pool is all that a volume is asked for. */
static gboolean
by_volume (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return by_name (request, args, ret, error);
}

static gboolean
by_path (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *path = vc_xdr_read_text (args);
  const VcPool *pool = vc_pools_find_path (pools_of (request), path);

  if (pool == NULL || !pool->is_active)
    return vc_wire_fail (error, VC_WIRE_NO_POOL, "no storage pool with matching target path '%s'", path);
  vc_storage_put_pool (ret, pool->def);
  return TRUE;
}

const VcHandlerRow vc_handlers_pool_list[] = {
  { VC_CALL_CONNECT_NUM_OF_STORAGE_POOLS, count_active },
  { VC_CALL_CONNECT_LIST_STORAGE_POOLS, list_active },
  { VC_CALL_CONNECT_NUM_OF_DEFINED_STORAGE_POOLS, count_defined },
  { VC_CALL_CONNECT_LIST_DEFINED_STORAGE_POOLS, list_defined },
  { VC_CALL_CONNECT_LIST_ALL_STORAGE_POOLS, list_all },
  { VC_CALL_STORAGE_POOL_LOOKUP_BY_NAME, by_name },
  { VC_CALL_STORAGE_POOL_LOOKUP_BY_UUID, by_uuid },
  { VC_CALL_STORAGE_POOL_LOOKUP_BY_VOLUME, by_volume },
  { VC_CALL_STORAGE_POOL_LOOKUP_BY_TARGET_PATH, by_path },
  VC_HANDLERS_END,
};
