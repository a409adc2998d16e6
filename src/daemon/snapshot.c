/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

/* Guests have no snapshots and no checkpoints here. */

static gboolean
none (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (vc_wire_read_guest (request, args, error) == NULL)
    return FALSE;
  vc_xdr_put_int (ret, 0);
  return TRUE;
}

static gboolean
no_names (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (vc_wire_read_guest (request, args, error) == NULL)
    return FALSE;
  vc_xdr_put_list (ret);
  vc_xdr_end_list (ret);
  return TRUE;
}

static gboolean
empty_list (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (!no_names (request, args, ret, error))
    return FALSE;
  vc_xdr_put_int (ret, 0);
  return TRUE;
}

static gboolean
lookup (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *name;

  if (vc_wire_read_guest (request, args, error) == NULL)
    return FALSE;
  name = vc_xdr_read_text (args);
  return vc_wire_fail (error, VC_WIRE_NO_SNAPSHOT, "no domain snapshot with matching name '%s'", name);
}

static gboolean
current (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (vc_wire_read_guest (request, args, error) == NULL)
    return FALSE;
  return vc_wire_fail (error, VC_WIRE_NO_SNAPSHOT, "the domain does not have a current snapshot");
}

const VcHandlerRow vc_handlers_snapshot[] = {
  { VC_CALL_DOMAIN_SNAPSHOT_NUM, none },
  { VC_CALL_DOMAIN_SNAPSHOT_LIST_NAMES, no_names },
  { VC_CALL_DOMAIN_LIST_ALL_SNAPSHOTS, empty_list },
  { VC_CALL_DOMAIN_SNAPSHOT_LOOKUP_BY_NAME, lookup },
  { VC_CALL_DOMAIN_HAS_CURRENT_SNAPSHOT, none },
  { VC_CALL_DOMAIN_SNAPSHOT_CURRENT, current },
  { VC_CALL_DOMAIN_LIST_ALL_CHECKPOINTS, empty_list },
  VC_HANDLERS_END,
};
