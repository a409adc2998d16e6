/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "daemon/storage.h"

/* What is done with a pool. */

enum /* libvirt's events of pools */
{
  DEFINED = 0,
  UNDEFINED = 1,
  STARTED = 2,
  STOPPED = 3,
  BUILT = 4,
  DELETED = 5,
  REFRESHED = -1,
};

#define BUILD     1u /* flags of a start: the folder is made first, … */
#define OVERWRITE 2u /* … which means nothing to one, both ways       */
#define KEEP      4u

#define INACTIVE_XML 1u

#define STATE_INACTIVE 0
#define STATE_RUNNING  2

static void
tell (VcDaemon *daemon, const VcPoolDef *def, int event)
{
  vc_daemon_tell_pool (daemon, def->name, def->uuid, event);
}

/* In the thread. */

static gboolean
begin_folder (gpointer data, GError **error)
{
  const VcStorageWork *work = data;

  if ((work->flags & BUILD) != 0 && !vc_folder_build (work->def, error))
    return FALSE;
  if (!vc_folder_check (work->def->path, error))
    return FALSE;
  vc_folder_clean (work->def->path, work->began);
  return TRUE;
}

static gboolean
clean_folder (gpointer data, GError **error)
{
  const VcStorageWork *work = data;

  vc_folder_clean (work->def->path, work->began);
  return TRUE;
}

static gboolean
build_folder (gpointer data, GError **error)
{
  return vc_folder_build (((const VcStorageWork *) data)->def, error);
}

static gboolean
delete_folder (gpointer data, GError **error)
{
  return vc_folder_delete (((const VcStorageWork *) data)->def->path, error);
}

static gboolean
list_folder (gpointer data, GError **error)
{
  VcStorageWork *work = data;

  work->names = vc_folder_list (work->def->path, error);
  return work->names != NULL;
}

static gboolean
look_at_folder (gpointer data, GError **error)
{
  return vc_folder_look_at (((VcStorageWork *) data)->def, error);
}

/* Behind it. */

static gboolean
has_begun (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  const VcPoolDef *def = ((const VcStorageWork *) data)->def;
  VcPool *pool = vc_storage_pool_of (daemon, data, error);

  if (pool == NULL)
    return FALSE;
  if (strcmp (pool->def->path, def->path) != 0)
    return vc_fail (error, VC_ERROR_STATE, "storage pool '%s' was given another folder meanwhile", def->name);
  if (!vc_pool_start (pool, error))
    return FALSE;
  tell (daemon, pool->def, STARTED);
  return TRUE;
}

static gboolean
is_created (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  const VcStorageWork *work = data;
  const VcPool *pool = vc_pools_create (daemon->pools, vc_pool_def_copy (work->def), error);

  if (pool == NULL)
    return FALSE;
  vc_storage_put_pool (ret, pool->def);
  tell (daemon, pool->def, STARTED);
  return TRUE;
}

static gboolean
is_built (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  tell (daemon, ((const VcStorageWork *) data)->def, BUILT);
  return TRUE;
}

static gboolean
is_deleted (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  tell (daemon, ((const VcStorageWork *) data)->def, DELETED);
  return TRUE;
}

static gboolean
is_refreshed (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  tell (daemon, ((const VcStorageWork *) data)->def, REFRESHED);
  return TRUE;
}

static gboolean
put_info (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  const VcPoolDef *def = ((const VcStorageWork *) data)->def;

  vc_xdr_put_uint (ret, def->capacity.set ? STATE_RUNNING : STATE_INACTIVE);
  vc_xdr_put_uhyper (ret, def->capacity.value);
  vc_xdr_put_uhyper (ret, def->allocation.value);
  vc_xdr_put_uhyper (ret, def->available.value);
  return TRUE;
}

static gboolean
put_xml (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  g_autofree char *xml = vc_pool_def_print (((const VcStorageWork *) data)->def);

  vc_xdr_put_text (ret, xml);
  return TRUE;
}

static gboolean
put_count (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_int (ret, (int) ((const VcStorageWork *) data)->names->len);
  return TRUE;
}

static gboolean
put_names (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  const VcStorageWork *work = data;

  vc_xdr_put_list (ret);
  for (guint i = 0; i < work->names->len && (int) i < work->room; i++)
    vc_xdr_put_text (ret, work->names->pdata[i]);
  vc_xdr_end_list (ret);
  return TRUE;
}

static gboolean
put_volumes (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  const VcStorageWork *work = data;

  vc_xdr_put_list (ret);
  for (guint i = 0; i < work->names->len && work->room != 0; i++)
    vc_storage_put_volume (ret, work->def, work->names->pdata[i]);
  vc_xdr_end_list (ret);
  vc_xdr_put_uint (ret, work->names->len);
  return TRUE;
}

static const VcJob starting = { begin_folder, has_begun, vc_storage_work_free };
static const VcJob cleaning = { clean_folder, NULL, vc_storage_work_free };
static const VcJob creating = { begin_folder, is_created, vc_storage_work_free };
static const VcJob building = { build_folder, is_built, vc_storage_work_free };
static const VcJob deleting = { delete_folder, is_deleted, vc_storage_work_free };
static const VcJob refreshing = { list_folder, is_refreshed, vc_storage_work_free };
static const VcJob telling = { look_at_folder, put_info, vc_storage_work_free };
static const VcJob printing = { look_at_folder, put_xml, vc_storage_work_free };
static const VcJob counting = { list_folder, put_count, vc_storage_work_free };
static const VcJob naming = { list_folder, put_names, vc_storage_work_free };
static const VcJob listing = { list_folder, put_volumes, vc_storage_work_free };

/* In the handlers. */

static VcStorageWork *
new_start (const VcDaemon *daemon, const VcPoolDef *def, guint flags)
{
  VcStorageWork *work = vc_storage_work_new (def);

  work->began = daemon->began;
  work->flags = flags;
  return work;
}

static gboolean
do_create_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *xml = vc_xdr_read_text (args);
  guint flags = vc_xdr_read_uint (args);
  g_autoptr (VcPoolDef) def = NULL;

  if (!vc_wire_flags (request, flags, BUILD | OVERWRITE | KEEP, error))
    return FALSE;
  def = vc_pool_def_read (xml, strlen (xml), "(storage_pool_definition)", error);
  if (def == NULL || !vc_pools_check (vc_daemon_of (request)->pools, def, error))
    return FALSE;
  return vc_storage_begin (request, &creating, new_start (vc_daemon_of (request), def, flags));
}

static gboolean
do_define (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *xml = vc_xdr_read_text (args);
  VcPoolDef *def;
  VcPool *pool;

  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 1, error)) /* 1: be strict, as ever */
    return FALSE;
  def = vc_pool_def_read (xml, strlen (xml), "(storage_pool_definition)", error);
  pool = def != NULL ? vc_pools_define (vc_daemon_of (request)->pools, def, error) : NULL;
  if (pool == NULL)
    return FALSE;
  tell (vc_daemon_of (request), pool->def, DEFINED);
  vc_storage_put_pool (ret, pool->def);
  return TRUE;
}

static gboolean
do_start (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);
  guint flags = vc_xdr_read_uint (args);

  if (pool == NULL || !vc_wire_flags (request, flags, BUILD | OVERWRITE | KEEP, error)
      || !vc_pool_check_inactive (pool, error))
    return FALSE;
  return vc_storage_begin (request, &starting, new_start (vc_daemon_of (request), pool->def, flags));
}

static gboolean
do_build (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);

  if (pool == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
      || !vc_pool_check_inactive (pool, error))
    return FALSE;
  return vc_storage_begin (request, &building, vc_storage_work_new (pool->def));
}

static gboolean
do_delete (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);

  if (pool == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  if (pool->is_active)
    return vc_fail (error, VC_ERROR_STATE, "storage pool '%s' is still active", pool->def->name);
  return vc_storage_begin (request, &deleting, vc_storage_work_new (pool->def));
}

static gboolean
do_stop (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);
  g_autoptr (VcPoolDef) def = pool != NULL ? vc_pool_def_copy (pool->def) : NULL;

  if (pool == NULL || !vc_pool_stop (pool, error))
    return FALSE;
  tell (vc_daemon_of (request), def, STOPPED);
  return TRUE;
}

static gboolean
do_undefine (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);
  g_autoptr (VcPoolDef) def = pool != NULL ? vc_pool_def_copy (pool->def) : NULL;

  if (pool == NULL || !vc_pool_undefine (pool, error))
    return FALSE;
  tell (vc_daemon_of (request), def, UNDEFINED);
  return TRUE;
}

static gboolean
begin_with_active (VcRpcRequest *request, VcPool *pool, const VcJob *job, int room, GError **error)
{
  VcStorageWork *work;

  if (pool == NULL || !vc_pool_check_active (pool, error))
    return FALSE;
  work = vc_storage_work_new (pool->def);
  work->room = room;
  return vc_storage_begin (request, job, work);
}

static gboolean
do_refresh (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);

  return vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
         && begin_with_active (request, pool, &refreshing, 0, error);
}

static gboolean
count_volumes (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return begin_with_active (request, vc_storage_read_pool (request, args, error), &counting, 0, error);
}

static gboolean
list_volumes (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);

  return begin_with_active (request, pool, &naming, vc_xdr_read_int (args), error);
}

static gboolean
list_all_volumes (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);
  int wants_them = vc_xdr_read_int (args);

  return vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
         && begin_with_active (request, pool, &listing, wants_them, error);
}

static gboolean
get_info (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);

  if (pool == NULL)
    return FALSE;
  if (pool->is_active)
    return vc_storage_begin (request, &telling, vc_storage_work_new (pool->def));
  vc_xdr_put_uint (ret, STATE_INACTIVE);
  for (guint i = 0; i < 3; i++)
    vc_xdr_put_uhyper (ret, 0);
  return TRUE;
}

/* Of a pool that is not active its folder says nothing; libvirt says 0 then. */
static gboolean
get_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);
  guint flags = vc_xdr_read_uint (args);
  g_autoptr (VcPoolDef) def = NULL;
  g_autofree char *xml = NULL;

  if (pool == NULL || !vc_wire_flags (request, flags, INACTIVE_XML, error))
    return FALSE;
  if (pool->is_active && (flags & INACTIVE_XML) == 0)
    return vc_storage_begin (request, &printing, vc_storage_work_new (pool->def));
  def = vc_pool_def_copy (pool->next != NULL ? pool->next : pool->def);
  def->capacity.set = def->allocation.set = def->available.set = TRUE;
  xml = vc_pool_def_print (def);
  vc_xdr_put_text (ret, xml);
  return TRUE;
}

static gboolean
get_autostart (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const VcPool *pool = vc_storage_read_pool (request, args, error);

  if (pool == NULL)
    return FALSE;
  vc_xdr_put_int (ret, pool->starts);
  return TRUE;
}

static gboolean
set_autostart (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);

  return pool != NULL && vc_pool_set_start (pool, vc_xdr_read_int (args) != 0, error);
}

static gboolean
is_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const VcPool *pool = vc_storage_read_pool (request, args, error);

  if (pool == NULL)
    return FALSE;
  vc_xdr_put_int (ret, pool->is_active);
  return TRUE;
}

static gboolean
is_persistent (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const VcPool *pool = vc_storage_read_pool (request, args, error);

  if (pool == NULL)
    return FALSE;
  vc_xdr_put_int (ret, pool->is_persistent);
  return TRUE;
}

void
vc_daemon_start_pools (VcDaemon *daemon)
{
  for (guint i = 0; i < vc_pools_n (daemon->pools); i++)
    {
      const VcPool *pool = vc_pools_nth (daemon->pools, i);

      if (pool->is_active || pool->starts)
        vc_daemon_work (daemon, NULL, pool->is_active ? &cleaning : &starting,
                        new_start (daemon, pool->def, 0));
    }
}

const VcHandlerRow vc_handlers_pool[] = {
  { VC_CALL_STORAGE_POOL_CREATE_XML, do_create_xml },
  { VC_CALL_STORAGE_POOL_DEFINE_XML, do_define },
  { VC_CALL_STORAGE_POOL_CREATE, do_start },
  { VC_CALL_STORAGE_POOL_BUILD, do_build },
  { VC_CALL_STORAGE_POOL_DESTROY, do_stop },
  { VC_CALL_STORAGE_POOL_DELETE, do_delete },
  { VC_CALL_STORAGE_POOL_UNDEFINE, do_undefine },
  { VC_CALL_STORAGE_POOL_REFRESH, do_refresh },
  { VC_CALL_STORAGE_POOL_GET_INFO, get_info },
  { VC_CALL_STORAGE_POOL_GET_XML_DESC, get_xml },
  { VC_CALL_STORAGE_POOL_GET_AUTOSTART, get_autostart },
  { VC_CALL_STORAGE_POOL_SET_AUTOSTART, set_autostart },
  { VC_CALL_STORAGE_POOL_NUM_OF_VOLUMES, count_volumes },
  { VC_CALL_STORAGE_POOL_LIST_VOLUMES, list_volumes },
  { VC_CALL_STORAGE_POOL_LIST_ALL_VOLUMES, list_all_volumes },
  { VC_CALL_STORAGE_POOL_IS_ACTIVE, is_active },
  { VC_CALL_STORAGE_POOL_IS_PERSISTENT, is_persistent },
  VC_HANDLERS_END,
};
