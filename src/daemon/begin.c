/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

static const char *
find_bridge (const char *name, gpointer data)
{
  const VcNetwork *network = vc_networks_find_name (((const VcDaemon *) data)->networks, name);

  return network != NULL ? network->def->bridge : NULL;
}

gboolean
vc_daemon_begin (VcDaemon *daemon, GPtrArray *warnings, GError **error)
{
  daemon->began = g_get_real_time ();
  daemon->gone = g_cancellable_new ();
  daemon->consoles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  daemon->pools = vc_pools_new (daemon->paths, warnings, error);
  if (daemon->pools == NULL)
    return FALSE;
  daemon->networks = vc_networks_new (daemon->paths, warnings, error);
  if (daemon->networks == NULL)
    return FALSE;
  vc_manager_set_bridges (daemon->manager, find_bridge, daemon);
  return TRUE;
}

void
vc_daemon_end (VcDaemon *daemon)
{
  if (daemon->gone != NULL)
    g_cancellable_cancel (daemon->gone);
  g_clear_object (&daemon->gone);
  if (daemon->manager != NULL)
    vc_manager_set_bridges (daemon->manager, NULL, NULL);
  g_clear_pointer (&daemon->pools, vc_pools_free);
  g_clear_pointer (&daemon->networks, vc_networks_free);
  g_clear_pointer (&daemon->consoles, g_hash_table_unref);
}
