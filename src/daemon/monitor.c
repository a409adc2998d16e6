/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

#define HUMAN 1u

static void
on_reply (const char *text, const GError *error, gpointer data)
{
  if (error != NULL)
    {
      vc_rpc_answer_error (data, error);
      return;
    }
  vc_xdr_put_text (vc_rpc_begin (data), text);
  vc_rpc_answer (data);
}

static gboolean
monitor_command (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *command = vc_xdr_read_text (args);
  guint flags = vc_xdr_read_uint (args);

  if (guest == NULL || !vc_wire_flags (request, flags, HUMAN, error))
    return FALSE;
  vc_guest_monitor (guest, command, (flags & HUMAN) != 0, on_reply, vc_rpc_keep (request));
  return TRUE;
}

const VcHandlerRow vc_handlers_monitor[] = {
  { VC_CALL_MONITOR_COMMAND, monitor_command },
  VC_HANDLERS_END,
};
