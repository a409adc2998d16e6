/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "daemon/storage.h"

/* Which pools there are. */

/* Flags of CONNECT_LIST_ALL_STORAGE_POOLS; what is above them chooses by type. */
enum
{
  INACTIVE = 1 << 0,
  ACTIVE = 1 << 1,
  PERSISTENT = 1 << 2,
  TRANSIENT = 1 << 3,
  STARTS = 1 << 4,
  STARTS_NOT = 1 << 5,
  TYPE_DIR = 1 << 6,
  TYPES = 0x1fffc0,
};

static VcPools *
pools_of (const VcRpcRequest *request)
{
  return vc_daemon_of (request)->pools;
}

static gboolean
chooses (const VcPool *pool, guint flags)
{
  const guint pairs[] = { INACTIVE | ACTIVE, PERSISTENT | TRANSIENT, STARTS | STARTS_NOT, TYPES };
  guint is = (pool->is_active ? ACTIVE : INACTIVE) | (pool->is_persistent ? PERSISTENT : TRANSIENT)
             | (pool->starts ? STARTS : STARTS_NOT) | TYPE_DIR;

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    if ((flags & pairs[i]) != 0 && (flags & is & pairs[i]) == 0)
      return FALSE;
  return TRUE;
}

static gboolean
count (VcRpcRequest *request, VcXdrWriter *ret, guint flags)
{
  int n = 0;

  for (guint i = 0; i < vc_pools_n (pools_of (request)); i++)
    n += chooses (vc_pools_nth (pools_of (request), i), flags);
  vc_xdr_put_int (ret, n);
  return TRUE;
}

static gboolean
list_names (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, guint flags)
{
  int room = vc_xdr_read_int (args);

  vc_xdr_put_list (ret);
  for (guint i = 0; i < vc_pools_n (pools_of (request)) && room > 0; i++)
    {
      const VcPool *pool = vc_pools_nth (pools_of (request), i);

      if (!chooses (pool, flags))
        continue;
      vc_xdr_put_text (ret, pool->def->name);
      room--;
    }
  vc_xdr_end_list (ret);
  return TRUE;
}

static gboolean
count_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return count (request, ret, ACTIVE);
}

static gboolean
list_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return list_names (request, args, ret, ACTIVE);
}

static gboolean
count_defined (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return count (request, ret, INACTIVE);
}

static gboolean
list_defined (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return list_names (request, args, ret, INACTIVE);
}

static gboolean
list_all (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  gboolean wants_them = vc_xdr_read_int (args) != 0;
  guint flags = vc_xdr_read_uint (args), n = 0;

  if (!vc_wire_flags (request, flags,
                      INACTIVE | ACTIVE | PERSISTENT | TRANSIENT | STARTS | STARTS_NOT | TYPES, error))
    return FALSE;
  vc_xdr_put_list (ret);
  for (guint i = 0; i < vc_pools_n (pools_of (request)); i++)
    {
      const VcPool *pool = vc_pools_nth (pools_of (request), i);

      if (!chooses (pool, flags))
        continue;
      n++;
      if (wants_them)
        vc_storage_put_pool (ret, pool->def);
    }
  vc_xdr_end_list (ret);
  vc_xdr_put_uint (ret, n);
  return TRUE;
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
