/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "daemon/daemon.h"

/* What waits for QEMU: the request is kept, and answered when the manager says that it is done. */

/* libvirt's numbers; what is not here is refused. */
enum
{
  START_BYPASS_CACHE = 4,
  START_VALIDATE = 16, /* always done */
  START_OURS = VC_START_PAUSED | VC_START_AUTODESTROY | VC_START_FORCE_BOOT,
  START_KNOWN = START_OURS | START_BYPASS_CACHE | START_VALIDATE,
  POWER_BUTTON = 1,
  DESTROY_GRACEFUL = 1,
};

#define OURS(flags) ((flags) &START_OURS)

static gconstpointer
owner_of (const VcRpcRequest *request)
{
  return vc_rpc_client_get_data (vc_rpc_request_client (request));
}

static gboolean
create (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL)
    return FALSE;
  vc_guest_start (guest, 0, NULL, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
create_with_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint flags = vc_xdr_read_uint (args);

  if (guest == NULL || !vc_wire_flags (request, flags, START_KNOWN, error))
    return FALSE;
  vc_guest_start (guest, OURS (flags), owner_of (request), vc_wire_done_guest, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
create_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *xml = vc_xdr_read_text (args);
  guint flags = vc_xdr_read_uint (args);

  if (!vc_wire_flags (request, flags, START_KNOWN, error))
    return FALSE;
  vc_manager_create (vc_daemon_of (request)->manager, xml, strlen (xml), OURS (flags), owner_of (request),
                     vc_wire_done_guest, vc_rpc_keep (request));
  return TRUE;
}

typedef void (*Act) (VcGuest *guest, VcGuestFn done, gpointer data);

static gboolean
act (VcRpcRequest *request, VcXdrReader *args, Act fn, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL)
    return FALSE;
  fn (guest, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
act_flags (VcRpcRequest *request, VcXdrReader *args, Act fn, guint known, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), known, error))
    return FALSE;
  fn (guest, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
suspend (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return act (request, args, vc_guest_suspend, error);
}

static gboolean
resume (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return act (request, args, vc_guest_resume, error);
}

static gboolean
press_button (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return act (request, args, vc_guest_shutdown, error);
}

static gboolean
shutdown_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return act_flags (request, args, vc_guest_shutdown, POWER_BUTTON, error);
}

static gboolean
reboot (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return act_flags (request, args, vc_guest_reboot, POWER_BUTTON, error);
}

static gboolean
reset (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return act_flags (request, args, vc_guest_reset, 0, error);
}

static gboolean
destroy (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL)
    return FALSE;
  vc_guest_destroy (guest, FALSE, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
destroy_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint flags = vc_xdr_read_uint (args);

  if (guest == NULL || !vc_wire_flags (request, flags, DESTROY_GRACEFUL, error))
    return FALSE;
  vc_guest_destroy (guest, flags != 0, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

const VcHandlerRow vc_handlers_domain_live[] = {
  { VC_CALL_DOMAIN_CREATE, create },
  { VC_CALL_DOMAIN_CREATE_WITH_FLAGS, create_with_flags },
  { VC_CALL_DOMAIN_CREATE_XML, create_xml },
  { VC_CALL_DOMAIN_SUSPEND, suspend },
  { VC_CALL_DOMAIN_RESUME, resume },
  { VC_CALL_DOMAIN_SHUTDOWN, press_button },
  { VC_CALL_DOMAIN_SHUTDOWN_FLAGS, shutdown_flags },
  { VC_CALL_DOMAIN_REBOOT, reboot },
  { VC_CALL_DOMAIN_RESET, reset },
  { VC_CALL_DOMAIN_DESTROY, destroy },
  { VC_CALL_DOMAIN_DESTROY_FLAGS, destroy_flags },
  VC_HANDLERS_END,
};
