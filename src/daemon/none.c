/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

/* What virtcard does not look after: networks, storage, the host's devices and interfaces, filters.  Clients
 * ask all the same, and hear the truth: there are none. */

static gboolean
none (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_int (ret, 0);
  return TRUE;
}

static gboolean
no_names (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_list (ret);
  vc_xdr_end_list (ret);
  return TRUE;
}

static gboolean
empty_list (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_list (ret);
  vc_xdr_end_list (ret);
  vc_xdr_put_uint (ret, 0);
  return TRUE;
}

static gboolean
no_network (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_wire_fail (error, VC_WIRE_NO_NETWORK, "no network with matching name '%s'",
                       vc_xdr_read_text (args));
}

static gboolean
no_network_uuid (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  char uuid[37];

  return vc_wire_fail (error, VC_WIRE_NO_NETWORK, "no network with matching uuid '%s'",
                       vc_wire_uuid (vc_xdr_read_uuid (args), uuid));
}

static gboolean
no_pool (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_wire_fail (error, VC_WIRE_NO_POOL, "no storage pool with matching name '%s'",
                       vc_xdr_read_text (args));
}

static gboolean
no_pool_uuid (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  char uuid[37];

  return vc_wire_fail (error, VC_WIRE_NO_POOL, "no storage pool with matching uuid '%s'",
                       vc_wire_uuid (vc_xdr_read_uuid (args), uuid));
}

static gboolean
no_pool_path (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_wire_fail (error, VC_WIRE_NO_POOL, "no storage pool with matching target path '%s'",
                       vc_xdr_read_text (args));
}

static gboolean
no_volume_key (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_wire_fail (error, VC_WIRE_NO_VOLUME, "no storage vol with matching key %s",
                       vc_xdr_read_text (args));
}

static gboolean
no_volume_path (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_wire_fail (error, VC_WIRE_NO_VOLUME, "no storage vol with matching path '%s'",
                       vc_xdr_read_text (args));
}

static gboolean
no_device (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_wire_fail (error, VC_WIRE_NO_NODE_DEVICE, "no node device with matching name '%s'",
                       vc_xdr_read_text (args));
}

static gboolean
no_interface (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_wire_fail (error, VC_WIRE_NO_INTERFACE, "couldn't find interface named '%s'",
                       vc_xdr_read_text (args));
}

const VcHandlerRow vc_handlers_none[] = {
  { VC_CALL_CONNECT_NUM_OF_NETWORKS, none },
  { VC_CALL_CONNECT_LIST_NETWORKS, no_names },
  { VC_CALL_CONNECT_NUM_OF_DEFINED_NETWORKS, none },
  { VC_CALL_CONNECT_LIST_DEFINED_NETWORKS, no_names },
  { VC_CALL_CONNECT_LIST_ALL_NETWORKS, empty_list },
  { VC_CALL_NETWORK_LOOKUP_BY_NAME, no_network },
  { VC_CALL_NETWORK_LOOKUP_BY_UUID, no_network_uuid },

  { VC_CALL_CONNECT_NUM_OF_STORAGE_POOLS, none },
  { VC_CALL_CONNECT_LIST_STORAGE_POOLS, no_names },
  { VC_CALL_CONNECT_NUM_OF_DEFINED_STORAGE_POOLS, none },
  { VC_CALL_CONNECT_LIST_DEFINED_STORAGE_POOLS, no_names },
  { VC_CALL_CONNECT_LIST_ALL_STORAGE_POOLS, empty_list },
  { VC_CALL_STORAGE_POOL_LOOKUP_BY_NAME, no_pool },
  { VC_CALL_STORAGE_POOL_LOOKUP_BY_UUID, no_pool_uuid },
  { VC_CALL_STORAGE_POOL_LOOKUP_BY_TARGET_PATH, no_pool_path },
  { VC_CALL_STORAGE_VOL_LOOKUP_BY_KEY, no_volume_key },
  { VC_CALL_STORAGE_VOL_LOOKUP_BY_PATH, no_volume_path },

  { VC_CALL_NODE_NUM_OF_DEVICES, none },
  { VC_CALL_NODE_LIST_DEVICES, no_names },
  { VC_CALL_CONNECT_LIST_ALL_NODE_DEVICES, empty_list },
  { VC_CALL_NODE_DEVICE_LOOKUP_BY_NAME, no_device },
  { VC_CALL_NODE_DEVICE_GET_XML_DESC, no_device },

  { VC_CALL_CONNECT_NUM_OF_INTERFACES, none },
  { VC_CALL_CONNECT_LIST_INTERFACES, no_names },
  { VC_CALL_CONNECT_NUM_OF_DEFINED_INTERFACES, none },
  { VC_CALL_CONNECT_LIST_DEFINED_INTERFACES, no_names },
  { VC_CALL_CONNECT_LIST_ALL_INTERFACES, empty_list },
  { VC_CALL_INTERFACE_LOOKUP_BY_NAME, no_interface },

  { VC_CALL_CONNECT_NUM_OF_NWFILTERS, none },
  { VC_CALL_CONNECT_LIST_NWFILTERS, no_names },
  { VC_CALL_CONNECT_LIST_ALL_NWFILTERS, empty_list },
  { VC_CALL_CONNECT_LIST_ALL_NWFILTER_BINDINGS, empty_list },
  VC_HANDLERS_END,
};
