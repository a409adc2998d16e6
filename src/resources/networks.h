/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/paths.h"
#include "resources/network.h"

/* All networks of one root.
 *
 *   etc/networks/NAME.xml             definitions
 *   etc/networks/autostart/NAME.xml   link to those that were asked to start with the host
 *
 * A network is active exactly as long as the host has its bridge.
 */
typedef struct VcNetworks VcNetworks;

typedef struct
{
  VcNetworkDef *def;
  gboolean starts;
} VcNetwork;

/* vc_networks_new - read what is there; call it with the root's lock held
 *
 * The first time, and for root, there is one called default, of the bridge virbr0: what clients ask for when
 * they know no other.  warnings: as vc_pools_new.
 *
 * Returns: new (free with vc_networks_free), or NULL with error.
 */
VcNetworks *vc_networks_new (const VcPaths *paths, GPtrArray *warnings, GError **error);

guint vc_networks_n (const VcNetworks *networks);
VcNetwork *vc_networks_nth (const VcNetworks *networks, guint n);

/* Each returns: borrowed, or NULL. */
VcNetwork *vc_networks_find_name (const VcNetworks *networks, const char *name);
VcNetwork *vc_networks_find_uuid (const VcNetworks *networks, const char *uuid);

/* vc_networks_define - add or replace a definition; takes def, also when it fails
 *
 * Returns: borrowed, or NULL with error (VC_ERROR_EXISTS: name or UUID belong to another) and nothing
 * changed.
 */
VcNetwork *vc_networks_define (VcNetworks *networks, VcNetworkDef *def_taken, GError **error);

/* vc_networks_undefine - forget it; on success it is freed */
gboolean vc_networks_undefine (VcNetworks *networks, VcNetwork *network, GError **error);

gboolean vc_networks_set_start (VcNetworks *networks, VcNetwork *network, gboolean starts, GError **error);

/* vc_networks_free - NULL is fine */
void vc_networks_free (VcNetworks *networks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcNetworks, vc_networks_free)
