/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resources/networks.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "resources/shelf.h"

#define MAX_NETWORKS 16384u /* what a client can be told of */

struct VcNetworks
{
  VcShelf *shelf;
  GPtrArray *all; /* VcNetwork, in order of names */
};

static void
network_free (gpointer data)
{
  VcNetwork *network = data;

  vc_network_def_free (network->def);
  g_free (network);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(VcNetwork *const *) a)->def->name, (*(VcNetwork *const *) b)->def->name);
}

static VcNetwork *
add (VcNetworks *networks, VcNetworkDef *def_taken)
{
  VcNetwork *network = g_new0 (VcNetwork, 1);

  network->def = def_taken;
  g_ptr_array_add (networks->all, network);
  g_ptr_array_sort (networks->all, by_name);
  return network;
}

/* Name and UUID are both its own, or both of the same one, which is replaced. */
static gboolean
check (const VcNetworks *networks, const VcNetworkDef *def, GError **error)
{
  const VcNetwork *named = vc_networks_find_name (networks, def->name);
  const VcNetwork *known = vc_networks_find_uuid (networks, def->uuid);

  if (named != known && named != NULL)
    return vc_fail (error, VC_ERROR_EXISTS, "network '%s' already exists with uuid %s", def->name,
                    named->def->uuid);
  if (named != known)
    return vc_fail (error, VC_ERROR_EXISTS, "network '%s' is already defined with uuid %s", known->def->name,
                    def->uuid);
  return networks->all->len < MAX_NETWORKS
         || vc_fail (error, VC_ERROR_LIMIT, "there are %u networks already", MAX_NETWORKS);
}

static gboolean
take (const char *name, const char *text, gsize len, const char *path, gboolean starts, gpointer data,
      GError **error)
{
  g_autoptr (VcNetworkDef) def = vc_network_def_read (text, len, path, error);

  if (def == NULL)
    return FALSE;
  if (strcmp (def->name, name) != 0)
    return vc_fail (error, VC_ERROR_INVALID, "%s: '%s' is not the name of this file", path, def->name);
  if (!check (data, def, error))
    return vc_prefix (error, "%s: ", path);
  add (data, g_steal_pointer (&def))->starts = starts;
  return TRUE;
}

static gboolean
make_default (VcNetworks *networks, GError **error)
{
  static const char xml[]
      = "<network><name>default</name><forward mode='bridge'/><bridge name='virbr0'/></network>";
  VcNetworkDef *def = vc_network_def_read (xml, strlen (xml), "(default)", error);

  return def != NULL && vc_networks_define (networks, def, error) != NULL;
}

VcNetworks *
vc_networks_new (const VcPaths *paths, GPtrArray *warnings, GError **error)
{
  g_autoptr (VcNetworks) networks = g_new0 (VcNetworks, 1);
  g_autofree char *folder = g_build_filename (paths->etc, "networks", NULL);

  networks->all = g_ptr_array_new_with_free_func (network_free);
  networks->shelf = vc_shelf_open (
      folder, "The definition of a network, kept by virtcard. To change it, use virsh net-edit.", error);
  if (networks->shelf == NULL)
    return NULL;
  vc_shelf_read (networks->shelf, VC_NETWORK_MAX_XML, take, networks, warnings);
  if (vc_shelf_is_new (networks->shelf) && getuid () == 0 && !make_default (networks, error))
    return NULL;
  return g_steal_pointer (&networks);
}

guint
vc_networks_n (const VcNetworks *networks)
{
  return networks->all->len;
}

VcNetwork *
vc_networks_nth (const VcNetworks *networks, guint n)
{
  return networks->all->pdata[n];
}

VcNetwork *
vc_networks_find_name (const VcNetworks *networks, const char *name)
{
  for (guint i = 0; i < networks->all->len; i++)
    if (strcmp (vc_networks_nth (networks, i)->def->name, name) == 0)
      return vc_networks_nth (networks, i);
  return NULL;
}

VcNetwork *
vc_networks_find_uuid (const VcNetworks *networks, const char *uuid)
{
  for (guint i = 0; i < networks->all->len; i++)
    if (strcmp (vc_networks_nth (networks, i)->def->uuid, uuid) == 0)
      return vc_networks_nth (networks, i);
  return NULL;
}

VcNetwork *
vc_networks_define (VcNetworks *networks, VcNetworkDef *def_taken, GError **error)
{
  g_autoptr (VcNetworkDef) def = def_taken;
  VcNetwork *network = vc_networks_find_uuid (networks, def->uuid);
  g_autofree char *text = vc_network_def_print (def);

  if (!check (networks, def, error)
      || !(network == NULL ? vc_shelf_add : vc_shelf_put) (networks->shelf, def->name, text, error))
    return NULL;
  if (network == NULL)
    return add (networks, g_steal_pointer (&def));
  vc_network_def_free (network->def);
  network->def = g_steal_pointer (&def);
  return network;
}

gboolean
vc_networks_undefine (VcNetworks *networks, VcNetwork *network, GError **error)
{
  if (!vc_shelf_remove (networks->shelf, network->def->name, error))
    return FALSE;
  g_ptr_array_remove (networks->all, network);
  return TRUE;
}

gboolean
vc_networks_set_start (VcNetworks *networks, VcNetwork *network, gboolean starts, GError **error)
{
  if (!vc_shelf_set_start (networks->shelf, network->def->name, starts, error))
    return FALSE;
  network->starts = starts;
  return TRUE;
}

void
vc_networks_free (VcNetworks *networks)
{
  if (networks == NULL)
    return;
  vc_shelf_free (networks->shelf);
  if (networks->all != NULL)
    g_ptr_array_unref (networks->all);
  g_free (networks);
}
