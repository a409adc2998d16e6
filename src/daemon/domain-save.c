/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

/* Guests in files.  libvirt's numbers; what is not here is refused. */
enum
{
  SAVE_BYPASS_CACHE = 1,
  SAVE_RUNNING = 2,
  SAVE_PAUSED = 4,
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
  vc_guest_save (guest, path, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
check_description (const char *xml, GError **error)
{
  if (xml == NULL)
    return TRUE;
  return vc_wire_fail (error, VC_WIRE_ARGUMENT_UNSUPPORTED, "another description in a saved guest");
}

/* Which state it is restored to is asked at the restoring. */
static gboolean
save_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *path = vc_xdr_read_text (args);
  const char *xml = vc_xdr_read_text_or_null (args);
  guint flags = vc_xdr_read_uint (args);

  if (guest == NULL || !check_path (path, error) || !check_description (xml, error)
      || !vc_wire_flags (request, flags, 0, error))
    return FALSE;
  vc_guest_save (guest, path, vc_wire_done, vc_rpc_keep (request));
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

  if (!check_path (path, error) || !check_description (xml, error)
      || !vc_wire_flags (request, flags, SAVE_BYPASS_CACHE | SAVE_RUNNING | SAVE_PAUSED, error))
    return FALSE;
  if ((flags & SAVE_RUNNING) != 0 && (flags & SAVE_PAUSED) != 0)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "running and paused exclude each other");
  vc_manager_restore (vc_daemon_of (request)->manager, path, (flags & SAVE_PAUSED) != 0 ? VC_START_PAUSED : 0,
                      vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

const VcHandlerRow vc_handlers_domain_save[] = {
  { VC_CALL_DOMAIN_SAVE, save },
  { VC_CALL_DOMAIN_SAVE_FLAGS, save_flags },
  { VC_CALL_DOMAIN_RESTORE, restore },
  { VC_CALL_DOMAIN_RESTORE_FLAGS, restore_flags },
  VC_HANDLERS_END,
};
