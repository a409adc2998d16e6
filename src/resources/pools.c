/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resources/pools.h"

#include <string.h>

#include "base/error.h"
#include "resources/shelf.h"

#define MAX_POOLS 16384u /* what a client can be told of */

struct VcPools
{
  VcShelf *definitions, *active;
  GPtrArray *all; /* VcPool, in order of names */
};

static void
pool_free (gpointer data)
{
  VcPool *pool = data;

  vc_pool_def_free (pool->def);
  vc_pool_def_free (pool->next);
  g_free (pool);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(VcPool *const *) a)->def->name, (*(VcPool *const *) b)->def->name);
}

static VcPool *
add (VcPools *pools, VcPoolDef *def_taken)
{
  VcPool *pool = g_new0 (VcPool, 1);

  pool->pools = pools;
  pool->def = def_taken;
  g_ptr_array_add (pools->all, pool);
  g_ptr_array_sort (pools->all, by_name);
  return pool;
}

static VcPoolDef *
read_file (const char *name, const char *text, gsize len, const char *path, GError **error)
{
  g_autoptr (VcPoolDef) def = vc_pool_def_read (text, len, path, error);

  if (def != NULL && strcmp (def->name, name) != 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: '%s' is not the name of this file", path, def->name);
  return g_steal_pointer (&def);
}

static gboolean
take_definition (const char *name, const char *text, gsize len, const char *path, gboolean starts,
                 gpointer data, GError **error)
{
  g_autoptr (VcPoolDef) def = read_file (name, text, len, path, error);
  VcPool *pool;

  if (def == NULL)
    return FALSE;
  if (!vc_pools_check (data, def, error))
    return vc_prefix (error, "%s: ", path);
  pool = add (data, g_steal_pointer (&def));
  pool->is_persistent = TRUE;
  pool->starts = starts;
  return TRUE;
}

/* One whose definition is another by now has been redefined since it was started. */
static gboolean
take_active (const char *name, const char *text, gsize len, const char *path, gboolean starts, gpointer data,
             GError **error)
{
  g_autoptr (VcPoolDef) def = read_file (name, text, len, path, error);
  VcPool *pool = def != NULL ? vc_pools_find_name (data, name) : NULL;

  if (def == NULL)
    return FALSE;
  if (pool != NULL && strcmp (pool->def->uuid, def->uuid) != 0)
    return vc_fail (error, VC_ERROR_EXISTS, "%s: is about another pool than its definition", path);
  if (pool == NULL)
    pool = add (data, g_steal_pointer (&def));
  else if (strcmp (pool->def->path, def->path) != 0)
    {
      pool->next = pool->def;
      pool->def = g_steal_pointer (&def);
    }
  pool->is_active = TRUE;
  return TRUE;
}

VcPools *
vc_pools_new (const VcPaths *paths, GPtrArray *warnings, GError **error)
{
  g_autoptr (VcPools) pools = g_new0 (VcPools, 1);
  g_autofree char *etc = g_build_filename (paths->etc, "storage", NULL);
  g_autofree char *run = g_build_filename (paths->run, "storage", NULL);

  pools->all = g_ptr_array_new_with_free_func (pool_free);
  pools->definitions = vc_shelf_open (
      etc, "The definition of a storage pool, kept by virtcard. To change it, use virsh pool-edit.", error);
  if (pools->definitions == NULL)
    return NULL;
  pools->active = vc_shelf_open (run, "A storage pool that is active, kept by virtcard.", error);
  if (pools->active == NULL)
    return NULL;
  vc_shelf_read (pools->definitions, VC_POOL_MAX_XML, take_definition, pools, warnings);
  vc_shelf_read (pools->active, VC_POOL_MAX_XML, take_active, pools, warnings);
  return g_steal_pointer (&pools);
}

guint
vc_pools_n (const VcPools *pools)
{
  return pools->all->len;
}

VcPool *
vc_pools_nth (const VcPools *pools, guint n)
{
  return pools->all->pdata[n];
}

VcPool *
vc_pools_find_name (const VcPools *pools, const char *name)
{
  for (guint i = 0; i < pools->all->len; i++)
    if (strcmp (vc_pools_nth (pools, i)->def->name, name) == 0)
      return vc_pools_nth (pools, i);
  return NULL;
}

VcPool *
vc_pools_find_uuid (const VcPools *pools, const char *uuid)
{
  for (guint i = 0; i < pools->all->len; i++)
    if (strcmp (vc_pools_nth (pools, i)->def->uuid, uuid) == 0)
      return vc_pools_nth (pools, i);
  return NULL;
}

VcPool *
vc_pools_find_path (const VcPools *pools, const char *path)
{
  g_autofree char *tidy = *path == '/' ? g_canonicalize_filename (path, "/") : NULL;

  for (guint i = 0; tidy != NULL && i < pools->all->len; i++)
    if (strcmp (vc_pools_nth (pools, i)->def->path, tidy) == 0)
      return vc_pools_nth (pools, i);
  return NULL;
}

/* All names, UUIDs and folders are different, those of what comes next too. */
static gboolean
check_against (const VcPoolDef *def, const VcPoolDef *other, gboolean is_itself, GError **error)
{
  if (other == NULL || is_itself)
    return TRUE;
  if (strcmp (def->name, other->name) == 0)
    return vc_fail (error, VC_ERROR_EXISTS, "pool '%s' already exists with uuid %s", other->name,
                    other->uuid);
  if (strcmp (def->uuid, other->uuid) == 0)
    return vc_fail (error, VC_ERROR_EXISTS, "pool '%s' is already defined with uuid %s", other->name,
                    other->uuid);
  if (strcmp (def->path, other->path) == 0)
    return vc_fail (error, VC_ERROR_EXISTS, "Storage source conflict with pool: '%s'", other->name);
  return TRUE;
}

static gboolean
is_same (const VcPoolDef *a, const VcPoolDef *b)
{
  return strcmp (a->name, b->name) == 0 && strcmp (a->uuid, b->uuid) == 0;
}

static gboolean
check (const VcPools *pools, const VcPoolDef *def, gboolean may_replace, GError **error)
{
  for (guint i = 0; i < pools->all->len; i++)
    {
      const VcPool *other = vc_pools_nth (pools, i);
      gboolean is_itself = may_replace && is_same (def, other->def);

      if (!check_against (def, other->def, is_itself, error)
          || !check_against (def, other->next, is_itself, error))
        return FALSE;
    }
  return pools->all->len < MAX_POOLS
         || vc_fail (error, VC_ERROR_LIMIT, "there are %u pools already", MAX_POOLS);
}

gboolean
vc_pools_check (const VcPools *pools, const VcPoolDef *def, GError **error)
{
  return check (pools, def, FALSE, error);
}

static void
replace (VcPoolDef **at, VcPoolDef *def_taken)
{
  vc_pool_def_free (*at);
  *at = def_taken;
}

VcPool *
vc_pools_define (VcPools *pools, VcPoolDef *def_taken, GError **error)
{
  g_autoptr (VcPoolDef) def = def_taken;
  VcPool *pool = vc_pools_find_uuid (pools, def->uuid);
  g_autofree char *text = vc_pool_def_print (def);

  gboolean is_new = pool == NULL || !pool->is_persistent;

  if (!check (pools, def, TRUE, error)
      || !(is_new ? vc_shelf_add : vc_shelf_put) (pools->definitions, def->name, text, error))
    return NULL;
  if (pool == NULL)
    pool = add (pools, g_steal_pointer (&def));
  else
    replace (pool->is_active ? &pool->next : &pool->def, g_steal_pointer (&def));
  pool->is_persistent = TRUE;
  return pool;
}

VcPool *
vc_pools_create (VcPools *pools, VcPoolDef *def_taken, GError **error)
{
  g_autoptr (VcPoolDef) def = def_taken;
  g_autofree char *text = vc_pool_def_print (def);
  VcPool *pool;

  if (!vc_pools_check (pools, def, error) || !vc_shelf_put (pools->active, def->name, text, error))
    return NULL;
  pool = add (pools, g_steal_pointer (&def));
  pool->is_active = TRUE;
  return pool;
}

gboolean
vc_pool_start (VcPool *pool, GError **error)
{
  g_autofree char *text = vc_pool_def_print (pool->def);

  if (!vc_pool_check_inactive (pool, error)
      || !vc_shelf_put (pool->pools->active, pool->def->name, text, error))
    return FALSE;
  pool->is_active = TRUE;
  return TRUE;
}

gboolean
vc_pool_stop (VcPool *pool, GError **error)
{
  if (!vc_pool_check_active (pool, error) || !vc_shelf_remove (pool->pools->active, pool->def->name, error))
    return FALSE;
  pool->is_active = FALSE;
  if (pool->next != NULL)
    replace (&pool->def, g_steal_pointer (&pool->next));
  if (!pool->is_persistent)
    g_ptr_array_remove (pool->pools->all, pool);
  return TRUE;
}

gboolean
vc_pool_undefine (VcPool *pool, GError **error)
{
  if (pool->is_active)
    return vc_fail (error, VC_ERROR_STATE, "storage pool '%s' is still active", pool->def->name);
  if (!vc_shelf_remove (pool->pools->definitions, pool->def->name, error))
    return FALSE;
  g_ptr_array_remove (pool->pools->all, pool);
  return TRUE;
}

gboolean
vc_pool_set_start (VcPool *pool, gboolean starts, GError **error)
{
  if (!pool->is_persistent)
    return vc_fail (error, VC_ERROR_STATE, "pool has no config file");
  if (!vc_shelf_set_start (pool->pools->definitions, pool->def->name, starts, error))
    return FALSE;
  pool->starts = starts;
  return TRUE;
}

gboolean
vc_pool_check_active (const VcPool *pool, GError **error)
{
  return pool->is_active
         || vc_fail (error, VC_ERROR_STATE, "storage pool '%s' is not active", pool->def->name);
}

gboolean
vc_pool_check_inactive (const VcPool *pool, GError **error)
{
  return !pool->is_active
         || vc_fail (error, VC_ERROR_STATE, "storage pool '%s' is already active", pool->def->name);
}

void
vc_pools_free (VcPools *pools)
{
  if (pools == NULL)
    return;
  vc_shelf_free (pools->definitions);
  vc_shelf_free (pools->active);
  if (pools->all != NULL)
    g_ptr_array_unref (pools->all);
  g_free (pools);
}
