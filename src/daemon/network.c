/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "daemon/list.h"

#define DEFINED   0 /* libvirt's events */
#define UNDEFINED 1

#define INACTIVE_XML 1u

static VcNetworks *
networks_of (const VcRpcRequest *request)
{
  return vc_daemon_of (request)->networks;
}

static void
put (VcXdrWriter *ret, const VcNetwork *network)
{
  vc_list_put (ret, network->def->name, network->def->uuid);
}

/* A NET: its UUID counts. */
static VcNetwork *
read_network (VcRpcRequest *request, VcXdrReader *args, GError **error)
{
  const char *name = vc_xdr_read_text (args);
  char uuid[37];
  VcNetwork *network
      = vc_networks_find_uuid (networks_of (request), vc_wire_uuid (vc_xdr_read_uuid (args), uuid));

  if (network == NULL)
    vc_wire_fail (error, VC_WIRE_NO_NETWORK, "no network with matching uuid '%s' (%s)", uuid, name);
  return network;
}

static guint
count_all (VcDaemon *daemon)
{
  return vc_networks_n (daemon->networks);
}

static VcListed
get_nth (VcDaemon *daemon, guint n)
{
  const VcNetwork *network = vc_networks_nth (daemon->networks, n);

  return (VcListed){ .name = network->def->name,
                     .uuid = network->def->uuid,
                     .is_active = vc_network_def_has_bridge (network->def),
                     .is_persistent = TRUE,
                     .starts = network->starts };
}

static const VcList list = { count_all, get_nth, 0 };

static gboolean
count_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_list_count (request, &list, ret, VC_LIST_ACTIVE);
}

static gboolean
list_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_list_names (request, &list, args, ret, VC_LIST_ACTIVE);
}

static gboolean
count_defined (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_list_count (request, &list, ret, VC_LIST_INACTIVE);
}

static gboolean
list_defined (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_list_names (request, &list, args, ret, VC_LIST_INACTIVE);
}

static gboolean
list_all (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_list_all (request, &list, args, ret, error);
}

static gboolean
by_name (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *name = vc_xdr_read_text (args);
  const VcNetwork *network = vc_networks_find_name (networks_of (request), name);

  if (network == NULL)
    return vc_wire_fail (error, VC_WIRE_NO_NETWORK, "no network with matching name '%s'", name);
  put (ret, network);
  return TRUE;
}

static gboolean
by_uuid (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  char uuid[37];
  const VcNetwork *network
      = vc_networks_find_uuid (networks_of (request), vc_wire_uuid (vc_xdr_read_uuid (args), uuid));

  if (network == NULL)
    return vc_wire_fail (error, VC_WIRE_NO_NETWORK, "no network with matching uuid '%s'", uuid);
  put (ret, network);
  return TRUE;
}

static gboolean
define (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *xml = vc_xdr_read_text (args);
  VcNetworkDef *def = vc_network_def_read (xml, strlen (xml), "(network_definition)", error);
  const VcNetwork *network = def != NULL ? vc_networks_define (networks_of (request), def, error) : NULL;

  if (network == NULL)
    return FALSE;
  vc_daemon_tell_network (vc_daemon_of (request), network->def->name, network->def->uuid, DEFINED);
  put (ret, network);
  return TRUE;
}

static gboolean
undefine (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcNetwork *network = read_network (request, args, error);
  g_autofree char *name = network != NULL ? g_strdup (network->def->name) : NULL;
  g_autofree char *uuid = network != NULL ? g_strdup (network->def->uuid) : NULL;

  if (network == NULL || !vc_networks_undefine (networks_of (request), network, error))
    return FALSE;
  vc_daemon_tell_network (vc_daemon_of (request), name, uuid, UNDEFINED);
  return TRUE;
}

/* It is not for virtcard to make the bridge, nor to take it away. */
static gboolean
start (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const VcNetwork *network = read_network (request, args, error);

  if (network == NULL)
    return FALSE;
  if (vc_network_def_has_bridge (network->def))
    return vc_fail (error, VC_ERROR_STATE, "network is already active");
  return vc_fail (error, VC_ERROR_UNSUPPORTED,
                  "network '%s' is active when the host has the bridge '%s': virtcard makes none",
                  network->def->name, network->def->bridge);
}

static gboolean
stop (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const VcNetwork *network = read_network (request, args, error);

  if (network == NULL)
    return FALSE;
  if (!vc_network_def_has_bridge (network->def))
    return vc_fail (error, VC_ERROR_STATE, "network '%s' is not active", network->def->name);
  return vc_fail (error, VC_ERROR_UNSUPPORTED, "the bridge '%s' is the host's: virtcard does not stop it",
                  network->def->bridge);
}

static gboolean
get_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const VcNetwork *network = read_network (request, args, error);
  g_autofree char *xml = NULL;

  if (network == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), INACTIVE_XML, error))
    return FALSE;
  xml = vc_network_def_print (network->def);
  vc_xdr_put_text (ret, xml);
  return TRUE;
}

static gboolean
get_bridge (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const VcNetwork *network = read_network (request, args, error);

  if (network == NULL)
    return FALSE;
  vc_xdr_put_text (ret, network->def->bridge);
  return TRUE;
}

static gboolean
get_autostart (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const VcNetwork *network = read_network (request, args, error);

  if (network == NULL)
    return FALSE;
  vc_xdr_put_int (ret, network->starts);
  return TRUE;
}

static gboolean
set_autostart (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcNetwork *network = read_network (request, args, error);

  return network != NULL
         && vc_networks_set_start (networks_of (request), network, vc_xdr_read_int (args) != 0, error);
}

static gboolean
is_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const VcNetwork *network = read_network (request, args, error);

  if (network == NULL)
    return FALSE;
  vc_xdr_put_int (ret, vc_network_def_has_bridge (network->def));
  return TRUE;
}

static gboolean
is_persistent (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (read_network (request, args, error) == NULL)
    return FALSE;
  vc_xdr_put_int (ret, TRUE);
  return TRUE;
}

const VcHandlerRow vc_handlers_network[] = {
  { VC_CALL_CONNECT_NUM_OF_NETWORKS, count_active },
  { VC_CALL_CONNECT_LIST_NETWORKS, list_active },
  { VC_CALL_CONNECT_NUM_OF_DEFINED_NETWORKS, count_defined },
  { VC_CALL_CONNECT_LIST_DEFINED_NETWORKS, list_defined },
  { VC_CALL_CONNECT_LIST_ALL_NETWORKS, list_all },
  { VC_CALL_NETWORK_LOOKUP_BY_NAME, by_name },
  { VC_CALL_NETWORK_LOOKUP_BY_UUID, by_uuid },
  { VC_CALL_NETWORK_DEFINE_XML, define },
  { VC_CALL_NETWORK_UNDEFINE, undefine },
  { VC_CALL_NETWORK_CREATE, start },
  { VC_CALL_NETWORK_DESTROY, stop },
  { VC_CALL_NETWORK_GET_XML_DESC, get_xml },
  { VC_CALL_NETWORK_GET_BRIDGE_NAME, get_bridge },
  { VC_CALL_NETWORK_GET_AUTOSTART, get_autostart },
  { VC_CALL_NETWORK_SET_AUTOSTART, set_autostart },
  { VC_CALL_NETWORK_IS_ACTIVE, is_active },
  { VC_CALL_NETWORK_IS_PERSISTENT, is_persistent },
  VC_HANDLERS_END,
};
