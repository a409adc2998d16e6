/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What a network is to be: the name of a bridge of the host's; libvirt's <network> XML with
 * <forward mode='bridge'/>.  virtcard makes no bridge, gives no addresses and forwards nothing. */
typedef struct
{
  char *name;
  char *uuid;
  char *mode; /* always "bridge" */
  char *bridge;
} VcNetworkDef;

#define VC_NETWORK_MAX_XML 65536u

/* vc_network_def_read - a network's description
 *
 * One without a UUID is given one.  Returns: new (free with vc_network_def_free), or NULL with
 * VC_ERROR_INVALID or, for networks that somebody would have to make, VC_ERROR_UNSUPPORTED, and the line.
 */
VcNetworkDef *vc_network_def_read (const char *text, gsize len, const char *origin, GError **error);

/* vc_network_def_print - as XML.  Returns: new string */
char *vc_network_def_print (const VcNetworkDef *self);

/* vc_network_def_has_bridge - is there a bridge of its name on this host?  Then the network is active */
gboolean vc_network_def_has_bridge (const VcNetworkDef *self);

/* vc_network_def_free - NULL is fine */
void vc_network_def_free (VcNetworkDef *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcNetworkDef, vc_network_def_free)
