/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manager/manager.h"

#include "base/error.h"
#include "base/file.h"
#include "manager/internal.h"

static gboolean
take_root (VcManager *manager, GError **error)
{
  g_autofree char *path = g_build_filename (manager->paths->run, "manager.lock", NULL);
  g_autofree char *what = g_strdup_printf ("'%s' is being managed", manager->paths->run);

  if (!vc_paths_make_run (manager->paths, error))
    return FALSE;
  manager->lock = vc_lock_take (path, what, error);
  return manager->lock != NULL;
}

static VcManager *
new_empty (const VcPaths *paths)
{
  VcManager *manager = g_new0 (VcManager, 1);

  manager->paths = paths;
  manager->guests = g_ptr_array_new ();
  manager->by_uuid = g_hash_table_new (g_str_hash, g_str_equal);
  manager->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  manager->by_id = g_hash_table_new (NULL, NULL);
  manager->max_guests = VC_MANAGER_MAX_GUESTS;
  manager->listeners = vc_listeners_new ();
  g_queue_init (&manager->warm);
  g_queue_init (&manager->later);
  return manager;
}

VcManager *
vc_manager_new (const VcPaths *paths, GPtrArray *warnings, GError **error)
{
  g_autoptr (VcManager) manager = new_empty (paths);

  if (!take_root (manager, error) || !vc_store_open (manager, error))
    return NULL;
  vc_file_clean_drafts (paths->run);
  vc_managed_clean (manager);
  vc_store_read (manager, warnings);
  vc_found_all (manager, warnings);
  return g_steal_pointer (&manager);
}

/* Guests first, whose connections end and answer those who wait; then all who wait are told. */
void
vc_manager_free (VcManager *manager)
{
  if (manager == NULL)
    return;
  for (guint n = 0; n < manager->guests->len; n++)
    vc_guest_leave (manager->guests->pdata[n]);
  vc_later_flush (manager);
  for (guint n = 0; n < manager->guests->len; n++)
    vc_guest_free (manager->guests->pdata[n]);
  g_ptr_array_unref (manager->guests);
  g_hash_table_unref (manager->by_uuid);
  g_hash_table_unref (manager->by_name);
  g_hash_table_unref (manager->by_id);
  g_array_unref (manager->listeners);
  vc_lock_free (manager->lock);
  g_free (manager->definitions);
  g_free (manager->autostart);
  g_free (manager);
}

void
vc_manager_set_max_guests (VcManager *manager, guint n)
{
  manager->max_guests = MIN (n, VC_MANAGER_MAX_GUESTS);
}

VcGuest *
vc_manager_find_name (VcManager *manager, const char *name, GError **error)
{
  VcGuest *guest = g_hash_table_lookup (manager->by_name, name);

  if (guest == NULL)
    vc_fail (error, VC_ERROR_NOT_FOUND, "no domain with matching name '%s'", name);
  return guest;
}

VcGuest *
vc_manager_find_uuid (VcManager *manager, const char *uuid, GError **error)
{
  VcGuest *guest = g_hash_table_lookup (manager->by_uuid, uuid);

  if (guest == NULL)
    vc_fail (error, VC_ERROR_NOT_FOUND, "no domain with matching uuid '%s'", uuid);
  return guest;
}

VcGuest *
vc_manager_find_id (VcManager *manager, int id, GError **error)
{
  VcGuest *guest = id > 0 ? g_hash_table_lookup (manager->by_id, GINT_TO_POINTER (id)) : NULL;

  if (guest == NULL)
    vc_fail (error, VC_ERROR_NOT_FOUND, "no domain with matching id %d", id);
  return guest;
}

guint
vc_manager_n (const VcManager *manager)
{
  return manager->guests->len;
}

VcGuest *
vc_manager_nth (VcManager *manager, guint n)
{
  g_assert (n < manager->guests->len);
  return manager->guests->pdata[n];
}

guint
vc_manager_n_active (const VcManager *manager)
{
  return manager->n_active;
}
