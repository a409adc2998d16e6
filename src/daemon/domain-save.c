/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

/* Guests in files.  libvirt's numbers; what is not here is refused. */
enum
{
  SAVE_BYPASS_CACHE = 1, /* as ever */
};

static gboolean
check_path (const char *path, GError **error)
{
  if (*path == '/')
    return TRUE;
  return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "'%s' is not an absolute path", path);
}

static gboolean
save (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *path = vc_xdr_read_text (args);

  if (guest == NULL || !check_path (path, error))
    return FALSE;
  vc_guest_save (guest, path, 0, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
check_description (const char *xml, GError **error)
{
  if (xml == NULL)
    return TRUE;
  return vc_wire_fail (error, VC_WIRE_ARGUMENT_UNSUPPORTED, "another description in a saved guest");
}

#define KNOWN (SAVE_BYPASS_CACHE | VC_SAVE_RUNNING | VC_SAVE_PAUSED)

static gboolean
check_flags (const VcRpcRequest *request, guint flags, GError **error)
{
  if (!vc_wire_flags (request, flags, KNOWN, error))
    return FALSE;
  if ((flags & VC_SAVE_RUNNING) != 0 && (flags & VC_SAVE_PAUSED) != 0)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "running and paused exclude each other");
  return TRUE;
}

static gboolean
save_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *path = vc_xdr_read_text (args);
  const char *xml = vc_xdr_read_text_or_null (args);
  guint flags = vc_xdr_read_uint (args);

  if (guest == NULL || !check_path (path, error) || !check_description (xml, error)
      || !check_flags (request, flags, error))
    return FALSE;
  vc_guest_save (guest, path, flags, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
restore (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *path = vc_xdr_read_text (args);

  if (!check_path (path, error))
    return FALSE;
  vc_manager_restore (vc_daemon_of (request)->manager, path, 0, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
restore_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *path = vc_xdr_read_text (args);
  const char *xml = vc_xdr_read_text_or_null (args);
  guint flags = vc_xdr_read_uint (args);

  if (!check_path (path, error) || !check_description (xml, error) || !check_flags (request, flags, error))
    return FALSE;
  vc_manager_restore (vc_daemon_of (request)->manager, path, flags, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
put_or_fail (VcXdrWriter *ret, char *xml_taken)
{
  g_autofree char *xml = xml_taken;

  if (xml == NULL)
    return FALSE;
  vc_xdr_put_text (ret, xml);
  return TRUE;
}

static gboolean
get_image_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *path = vc_xdr_read_text (args);

  return check_path (path, error) && vc_wire_flags (request, vc_xdr_read_uint (args), VC_XML_SECURE, error)
         && put_or_fail (ret, vc_manager_print_saved (vc_daemon_of (request)->manager, path, error));
}

/* A state that is kept for the next start. */

static gboolean
managed_save (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint flags = vc_xdr_read_uint (args);

  if (guest == NULL || !check_flags (request, flags, error))
    return FALSE;
  vc_guest_managed_save (guest, flags, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
managed_save_remove (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
         && vc_guest_drop_saved (guest, error);
}

static gboolean
has_managed_save (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  vc_xdr_put_int (ret, vc_guest_is_saved (guest));
  return TRUE;
}

static gboolean
get_managed_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && vc_wire_flags (request, vc_xdr_read_uint (args), VC_XML_SECURE, error)
         && put_or_fail (ret, vc_guest_print_saved (guest, error));
}

const VcHandlerRow vc_handlers_domain_save[] = {
  { VC_CALL_DOMAIN_SAVE, save },
  { VC_CALL_DOMAIN_SAVE_FLAGS, save_flags },
  { VC_CALL_DOMAIN_RESTORE, restore },
  { VC_CALL_DOMAIN_RESTORE_FLAGS, restore_flags },
  { VC_CALL_DOMAIN_SAVE_IMAGE_GET_XML_DESC, get_image_xml },
  { VC_CALL_DOMAIN_MANAGED_SAVE, managed_save },
  { VC_CALL_DOMAIN_MANAGED_SAVE_REMOVE, managed_save_remove },
  { VC_CALL_DOMAIN_HAS_MANAGED_SAVE_IMAGE, has_managed_save },
  { VC_CALL_DOMAIN_MANAGED_SAVE_GET_XML_DESC, get_managed_xml },
  VC_HANDLERS_END,
};
