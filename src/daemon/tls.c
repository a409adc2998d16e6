/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "daemon/daemon.h"
#include "daemon/remote.h"

static gboolean
reload (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcDaemon *daemon = vc_daemon_of (request);
  g_autofree char *served = NULL;

  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  if (daemon->remote == NULL)
    return vc_fail (error, VC_ERROR_STATE,
                    "TLS is not served here: only a virtcardd that was started with --listen does that");
  served = vc_remote_again (daemon->remote, error);
  if (served == NULL)
    return FALSE;
  vc_xdr_put_text (ret, served);
  return TRUE;
}

const VcHandlerRow vc_handlers_tls[] = {
  { VC_CALL_TLS_RELOAD, reload },
  VC_HANDLERS_END,
};
