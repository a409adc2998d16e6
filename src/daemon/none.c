/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

/* What virtcard does not look after: the host's network interfaces, filters.  Clients ask all the same, and
 * hear the truth: there are none. */

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
no_interface (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_wire_fail (error, VC_WIRE_NO_INTERFACE, "couldn't find interface named '%s'",
                       vc_xdr_read_text (args));
}

const VcHandlerRow vc_handlers_none[] = {
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
