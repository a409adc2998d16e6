/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/paths.h"
#include "resources/pool.h"

/* All storage pools of one root.
 *
 *   etc/storage/NAME.xml             definitions, and only the acknowledged ones
 *   etc/storage/autostart/NAME.xml   link to those that start with the host
 *   run/storage/NAME.xml             those that are active: a manager that comes back finds them so
 *
 * Of volumes nothing is kept: the folder is asked each time (folder.h), in a thread.  This here is for the
 * main context, and quick.
 */
typedef struct VcPools VcPools;

typedef struct
{
  VcPools *pools;
  VcPoolDef *def;
  VcPoolDef *next; /* what it will be when it is started again; NULL: the same */
  gboolean is_active, is_persistent;
  gboolean starts; /* with the host */
} VcPool;

/* vc_pools_new - read what is there; call it with the root's lock held
 *
 * Definitions that cannot be read are left alone and said in warnings (char *).  Those that are to start with
 * the host and are not active yet are for the caller to start.
 *
 * Returns: new (free with vc_pools_free), or NULL with error.
 */
VcPools *vc_pools_new (const VcPaths *paths, GPtrArray *warnings, GError **error);

guint vc_pools_n (const VcPools *pools);
VcPool *vc_pools_nth (const VcPools *pools, guint n);

/* Each returns: borrowed, or NULL. */
VcPool *vc_pools_find_name (const VcPools *pools, const char *name);
VcPool *vc_pools_find_uuid (const VcPools *pools, const char *uuid);
VcPool *vc_pools_find_path (const VcPools *pools, const char *path);

/* vc_pools_check - may a pool of this description be added?  FALSE with VC_ERROR_EXISTS */
gboolean vc_pools_check (const VcPools *pools, const VcPoolDef *def, GError **error);

/* vc_pools_define - add or replace a definition; takes def, also when it fails
 *
 * Of an active pool it is what comes next.  Returns: borrowed, or NULL with error and nothing changed.
 */
VcPool *vc_pools_define (VcPools *pools, VcPoolDef *def_taken, GError **error);

/* vc_pools_create - add one that is active and gone when it is stopped; takes def, also when it fails */
VcPool *vc_pools_create (VcPools *pools, VcPoolDef *def_taken, GError **error);

/* vc_pool_start, vc_pool_stop - say that it is active, or not; one without a definition is freed when it
 * stops */
gboolean vc_pool_start (VcPool *pool, GError **error);
gboolean vc_pool_stop (VcPool *pool, GError **error);

/* vc_pool_undefine - forget it; it must not be active.  On success it is freed */
gboolean vc_pool_undefine (VcPool *pool, GError **error);

gboolean vc_pool_set_start (VcPool *pool, gboolean starts, GError **error);

/* vc_pool_check_active, …_inactive - FALSE with VC_ERROR_STATE and libvirt's words */
gboolean vc_pool_check_active (const VcPool *pool, GError **error);
gboolean vc_pool_check_inactive (const VcPool *pool, GError **error);

/* vc_pools_free - NULL is fine; what is active is left so */
void vc_pools_free (VcPools *pools);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcPools, vc_pools_free)
