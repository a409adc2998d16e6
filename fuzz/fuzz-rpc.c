/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "rpc/server.h"
#include "rpc/stream.h"
#include "xdr/test-sample.h"

/* The bytes are all a client ever says.  Every call reads all its arguments; what it then does is chosen by
 * the first byte: answer, refuse, keep and answer at the end, keep and forget. */

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

typedef struct
{
  guint8 how;
  VcRpcRequest *kept;
} State;

static gboolean
on_call (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const VcCall *call = vc_rpc_request_call (request);
  State *state = vc_rpc_request_data (request);

  sample_read (args);
  if (call == &vc_calls[VC_CALL_CONNECT_OPEN])
    vc_rpc_client_open (vc_rpc_request_client (request));
  else if (call == &vc_calls[VC_CALL_CONNECT_CLOSE])
    vc_rpc_client_leave (vc_rpc_request_client (request));
  else if (call == &vc_calls[VC_CALL_DOMAIN_OPEN_CONSOLE])
    return vc_rpc_stream_new (request, dup (STDIN_FILENO), NULL, NULL, error) != NULL;
  else if ((state->how & 3) == 1)
    return vc_fail (error, VC_ERROR_FAILED, "no");
  else if ((state->how & 3) == 2 && state->kept == NULL)
    {
      state->kept = vc_rpc_keep (request);
      return TRUE;
    }
  else if ((state->how & 3) == 3)
    {
      vc_rpc_request_free (vc_rpc_keep (request));
      return TRUE;
    }
  sample_put (ret, NULL);
  return TRUE;
}

static gboolean
on_allow (const VcRpcPeer *peer, gboolean is_read_only, gpointer data, GError **error)
{
  return TRUE;
}

static const VcRpcHandler handlers[VC_N_CALLS] = { [0 ... VC_N_CALLS - 1] = on_call };

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  static const VcRpcService service = { handlers, on_allow, NULL, NULL };
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (GError) error = NULL;
  State state = { 0 };
  VcRpcServer *server;
  int ends[2];

  if (len == 0 || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return 0;
  context = g_main_context_new ();
  state.how = bytes[0];
  server = vc_rpc_server_new (&service, &VC_RPC_LIMITS, context, &state, &error);
  g_assert_no_error (error);
  vc_rpc_server_add (server, ends[0], (state.how & 4) != 0, &error);
  g_assert_no_error (error);
  for (gsize at = 1; at < len; at += 4096)
    {
      if (send (ends[1], bytes + at, MIN (len - at, 4096), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        break;
      while (g_main_context_iteration (context, FALSE))
        continue;
    }
  if (state.kept != NULL && (state.how & 8) != 0)
    vc_rpc_request_free (g_steal_pointer (&state.kept));
  shutdown (ends[1], SHUT_RDWR);
  while (g_main_context_iteration (context, FALSE))
    continue;
  close (ends[1]);
  vc_rpc_request_free (state.kept);
  vc_rpc_server_free (server);
  return 0;
}
