/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/interface.h"
#include "manager/internal.h"

/* A card names a network, and what a start needs is its bridge: networks are others', who are asked each
 * time. */

void
vc_manager_set_bridges (VcManager *manager, VcBridgeFn fn, gpointer data)
{
  manager->bridge_fn = fn;
  manager->bridge_data = data;
}

void
vc_bridges_fill (const VcManager *manager, GPtrArray *devices)
{
  for (guint n = 0; manager->bridge_fn != NULL && n < devices->len; n++)
    {
      const char *network = vc_interface_network (devices->pdata[n]);

      if (network != NULL)
        vc_interface_set_network_bridge (devices->pdata[n],
                                         manager->bridge_fn (network, manager->bridge_data));
    }
}
