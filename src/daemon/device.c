/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/daemon.h"

typedef void (*Change) (VcGuest *guest, const char *xml, gsize len, guint part, VcGuestFn done,
                        gpointer data);

static gboolean
change (VcRpcRequest *request, VcXdrReader *args, Change fn, guint known, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *xml = vc_xdr_read_text (args);
  guint flags = vc_xdr_read_uint (args);

  if (guest == NULL || !vc_wire_flags (request, flags, known, error))
    return FALSE;
  fn (guest, xml, strlen (xml), flags, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

/* The calls without flags are about a guest that runs. */
static gboolean
change_live (VcRpcRequest *request, VcXdrReader *args, Change fn, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *xml = vc_xdr_read_text (args);

  if (guest == NULL)
    return FALSE;
  fn (guest, xml, strlen (xml), VC_GUEST_LIVE, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
attach (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return change_live (request, args, vc_guest_attach, error);
}

static gboolean
detach (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return change_live (request, args, vc_guest_detach, error);
}

static gboolean
attach_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return change (request, args, vc_guest_attach, VC_GUEST_LIVE | VC_GUEST_CONFIG, error);
}

static gboolean
detach_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return change (request, args, vc_guest_detach, VC_GUEST_LIVE | VC_GUEST_CONFIG, error);
}

static gboolean
update_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return change (request, args, vc_guest_update, VC_GUEST_LIVE | VC_GUEST_CONFIG | VC_GUEST_FORCE, error);
}

static gboolean
detach_alias (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *alias = vc_xdr_read_text (args);
  guint flags = vc_xdr_read_uint (args);

  if (guest == NULL || !vc_wire_flags (request, flags, VC_GUEST_LIVE | VC_GUEST_CONFIG, error))
    return FALSE;
  vc_guest_detach_alias (guest, alias, flags, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

const VcHandlerRow vc_handlers_device[] = {
  { VC_CALL_DOMAIN_ATTACH_DEVICE, attach },
  { VC_CALL_DOMAIN_DETACH_DEVICE, detach },
  { VC_CALL_DOMAIN_ATTACH_DEVICE_FLAGS, attach_flags },
  { VC_CALL_DOMAIN_DETACH_DEVICE_FLAGS, detach_flags },
  { VC_CALL_DOMAIN_UPDATE_DEVICE_FLAGS, update_flags },
  { VC_CALL_DOMAIN_DETACH_DEVICE_ALIAS, detach_alias },
  VC_HANDLERS_END,
};
