/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/storage.h"
#include "host/conf.h"
#include "host/user.h"

#define VOLUME_IS_FILE 0

#define HAS_METADATA 1u /* flag of a creation */
#define PHYSICAL     1u /* flag of an information: what libvirt calls allocation is the file's size then */

enum /* flags of a resize */
{
  ALLOCATE = 1 << 0,
  DELTA = 1 << 1,
  SHRINK = 1 << 2,
};

/* In the thread. */

static gboolean
name_error (gboolean done, const VcStorageWork *work, GError **error)
{
  if (done || !g_error_matches (*error, VC_ERROR, VC_ERROR_NOT_FOUND))
    return done;
  g_clear_error (error);
  if (work->is_named)
    return vc_wire_fail (error, VC_WIRE_NO_VOLUME, "no storage vol with matching path '%s/%s'",
                         work->def->path, work->name);
  return vc_wire_fail (error, VC_WIRE_NO_VOLUME, "no storage vol with matching name '%s'", work->name);
}

static gboolean
look (gpointer data, GError **error)
{
  VcStorageWork *work = data;

  work->volume = vc_folder_look (work->def->path, work->name, error);
  return name_error (work->volume != NULL, work, error);
}

static gboolean
make (gpointer data, GError **error)
{
  const VcStorageWork *work = data;

  if (vc_folder_make (work->def->path, work->volume, (work->flags & HAS_METADATA) != 0, error))
    return TRUE;
  if (!g_error_matches (*error, VC_ERROR, VC_ERROR_EXISTS))
    return FALSE;
  g_clear_error (error);
  return vc_wire_fail (error, VC_WIRE_VOLUME_EXISTS, "storage volume '%s' exists already",
                       work->volume->name);
}

static gboolean
remove_it (gpointer data, GError **error)
{
  const VcStorageWork *work = data;

  return name_error (vc_folder_remove (work->def->path, work->name, error), work, error);
}

static gboolean
resize (gpointer data, GError **error)
{
  const VcStorageWork *work = data;

  return name_error (vc_folder_resize (work->def->path, work->name, &work->resize, error), work, error);
}

/* Behind it. */

static gboolean
put_volume (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  const VcStorageWork *work = data;

  vc_storage_put_volume (ret, work->def, work->volume->name);
  return TRUE;
}

static gboolean
put_info (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  const VcStorageWork *work = data;

  vc_xdr_put_int (ret, VOLUME_IS_FILE);
  vc_xdr_put_uhyper (ret, work->volume->capacity.value);
  vc_xdr_put_uhyper (ret, (work->flags & PHYSICAL) != 0 ? work->volume->physical.value
                                                        : work->volume->allocation.value);
  return TRUE;
}

static gboolean
put_xml (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  g_autofree char *xml = vc_volume_print (((const VcStorageWork *) data)->volume);

  vc_xdr_put_text (ret, xml);
  return TRUE;
}

static const VcJob finding = { look, put_volume, vc_storage_work_free };
static const VcJob telling = { look, put_info, vc_storage_work_free };
static const VcJob printing = { look, put_xml, vc_storage_work_free };
static const VcJob making = { make, put_volume, vc_storage_work_free };
static const VcJob removing = { remove_it, NULL, vc_storage_work_free };
static const VcJob resizing = { resize, NULL, vc_storage_work_free };

/* In the handlers. */

static VcStorageWork *
new_work (const VcPool *pool, const char *name, GError **error)
{
  VcStorageWork *work;

  if (!vc_volume_check_name (name, error))
    return NULL;
  work = vc_storage_work_new (pool->def);
  work->name = g_strdup (name);
  return work;
}

/* A volume is known by the name of its pool and its own: its key says nothing else. */
static VcStorageWork *
read_volume (VcRpcRequest *request, VcXdrReader *args, GError **error)
{
  const char *pool_name = vc_xdr_read_text (args);
  const char *name = vc_xdr_read_text (args);
  const VcPool *pool = vc_storage_find_active (request, pool_name, error);

  vc_xdr_read_text (args);
  return pool != NULL ? new_work (pool, name, error) : NULL;
}

static gboolean
begin (VcRpcRequest *request, const VcJob *job, VcStorageWork *work, guint flags, guint known, GError **error)
{
  if (work == NULL)
    return FALSE;
  if (!vc_wire_flags (request, flags, known, error))
    {
      vc_storage_work_free (work);
      return FALSE;
    }
  work->flags = flags;
  return vc_storage_begin (request, job, work);
}

static gboolean
by_name (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);
  const char *name = vc_xdr_read_text (args);

  if (pool == NULL || !vc_pool_check_active (pool, error))
    return FALSE;
  return begin (request, &finding, new_work (pool, name, error), 0, 0, error);
}

static gboolean
find (VcRpcRequest *request, const char *path, const char *what, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);
  const VcPool *pool = vc_pools_find_path (vc_daemon_of (request)->pools, folder);
  VcStorageWork *work;

  if (*path != '/' || pool == NULL || !pool->is_active || !vc_volume_check_name (name, NULL))
    return vc_wire_fail (error, VC_WIRE_NO_VOLUME, "no storage vol with matching %s '%s'", what, path);
  work = new_work (pool, name, error);
  if (work == NULL)
    return FALSE;
  work->is_named = TRUE;
  return begin (request, &finding, work, 0, 0, error);
}

static gboolean
by_path (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return find (request, vc_xdr_read_text (args), "path", error);
}

/* A key is a path. */
static gboolean
by_key (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return find (request, vc_xdr_read_text (args), "key", error);
}

/* A volume that root makes is QEMU's, unless it is said whose: QEMU is not root, and is to read it. */
static gboolean
give_to_qemu (const VcPaths *paths, VcVolume *wanted, GError **error)
{
  g_autoptr (VcQemuConf) conf = NULL;
  g_autoptr (VcUser) user = NULL;

  if (getuid () != 0 || wanted->owner.set || wanted->group.set)
    return TRUE;
  conf = vc_qemu_conf_read (paths->qemu_conf, error);
  user = conf != NULL ? vc_user_find (conf, error) : NULL;
  if (user == NULL)
    return FALSE;
  wanted->owner = vc_u32 (user->uid);
  wanted->group = vc_u32 (user->gid);
  return TRUE;
}

static gboolean
create_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcPool *pool = vc_storage_read_pool (request, args, error);
  const char *xml = vc_xdr_read_text (args);
  guint flags = vc_xdr_read_uint (args);
  g_autoptr (VcVolume) wanted = NULL;
  VcStorageWork *work;

  if (pool == NULL || !vc_pool_check_active (pool, error))
    return FALSE;
  wanted = vc_volume_read (xml, strlen (xml), "(storage_volume_definition)", error);
  if (wanted == NULL || !give_to_qemu (vc_daemon_of (request)->paths, wanted, error))
    return FALSE;
  work = vc_storage_work_new (pool->def);
  work->volume = g_steal_pointer (&wanted);
  return begin (request, &making, work, flags, HAS_METADATA, error);
}

static gboolean
delete_it (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcStorageWork *work = read_volume (request, args, error);

  return begin (request, &removing, work, vc_xdr_read_uint (args), 0, error);
}

static gboolean
get_info (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return begin (request, &telling, read_volume (request, args, error), 0, 0, error);
}

static gboolean
get_info_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcStorageWork *work = read_volume (request, args, error);

  return begin (request, &telling, work, vc_xdr_read_uint (args), PHYSICAL, error);
}

static gboolean
get_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcStorageWork *work = read_volume (request, args, error);

  return begin (request, &printing, work, vc_xdr_read_uint (args), 0, error);
}

static gboolean
get_path (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcStorageWork *work = read_volume (request, args, error);
  g_autofree char *path = work != NULL ? g_build_filename (work->def->path, work->name, NULL) : NULL;

  if (work == NULL)
    return FALSE;
  vc_storage_work_free (work);
  vc_xdr_put_text (ret, path);
  return TRUE;
}

static gboolean
do_resize (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcStorageWork *work = read_volume (request, args, error);
  guint64 size = vc_xdr_read_uhyper (args);
  guint flags = vc_xdr_read_uint (args);

  if (work != NULL)
    work->resize = (VcResize){ size, (flags & DELTA) != 0, (flags & SHRINK) != 0, (flags & ALLOCATE) != 0 };
  return begin (request, &resizing, work, flags, ALLOCATE | DELTA | SHRINK, error);
}

const VcHandlerRow vc_handlers_volume[] = {
  { VC_CALL_STORAGE_VOL_LOOKUP_BY_NAME, by_name },
  { VC_CALL_STORAGE_VOL_LOOKUP_BY_KEY, by_key },
  { VC_CALL_STORAGE_VOL_LOOKUP_BY_PATH, by_path },
  { VC_CALL_STORAGE_VOL_CREATE_XML, create_xml },
  { VC_CALL_STORAGE_VOL_DELETE, delete_it },
  { VC_CALL_STORAGE_VOL_GET_INFO, get_info },
  { VC_CALL_STORAGE_VOL_GET_INFO_FLAGS, get_info_flags },
  { VC_CALL_STORAGE_VOL_GET_XML_DESC, get_xml },
  { VC_CALL_STORAGE_VOL_GET_PATH, get_path },
  { VC_CALL_STORAGE_VOL_RESIZE, do_resize },
  VC_HANDLERS_END,
};
