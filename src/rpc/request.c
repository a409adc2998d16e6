/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "rpc/internal.h"

VcRpcClient *
vc_rpc_request_client (const VcRpcRequest *request)
{
  return request->client;
}

const VcCall *
vc_rpc_request_call (const VcRpcRequest *request)
{
  return request->call;
}

gpointer
vc_rpc_request_data (const VcRpcRequest *request)
{
  return request->data;
}

VcRpcRequest *
vc_rpc_keep (VcRpcRequest *request)
{
  VcRpcRequest *kept = g_memdup2 (request, sizeof *request);

  g_assert (!request->was_kept && !request->is_kept);
  request->was_kept = TRUE;
  request->who = request->domain = NULL; /* the kept one tells of it */
  kept->is_kept = TRUE;
  kept->server = NULL;
  if (request->client->requests == NULL)
    request->client->requests = g_ptr_array_new ();
  g_ptr_array_add (request->client->requests, kept);
  return kept;
}

static VcFrame
head_of (const VcRpcRequest *request, VcFrameStatus status)
{
  return (VcFrame){
    .program = request->call->program,
    .version = VC_PROGRAM_VERSION,
    .procedure = request->call->number,
    .type = VC_FRAME_REPLY,
    .serial = request->serial,
    .status = status,
  };
}

VcXdrWriter *
vc_rpc_begin (VcRpcRequest *request)
{
  VcFrame head = head_of (request, VC_FRAME_OK);

  g_assert (request->is_kept && request->out == NULL);
  request->out = g_byte_array_new ();
  door_put (request->out, &head);
  vc_xdr_write (&request->writer, request->call->gives, request->out, VC_FRAME_MAX);
  return &request->writer;
}

/* Sends it, and lets the client's next message in. */
static void
end (VcRpcRequest *request)
{
  VcRpcClient *client = request->client;

  if (client != NULL)
    {
      g_ptr_array_remove_fast (client->requests, request);
      client_send (client, request->out->data, request->out->len);
      client_go_on (client);
    }
  g_clear_pointer (&request->out, g_byte_array_unref);
  g_free (request);
}

void
vc_rpc_answer (VcRpcRequest *request_taken)
{
  VcRpcRequest *request = request_taken;
  g_autoptr (GError) error = NULL;

  if (request->out == NULL)
    vc_rpc_begin (request);
  if (!vc_xdr_is_written (&request->writer, &error))
    {
      vc_rpc_answer_error (request, error);
      return;
    }
  door_end (request->out, 0);
  change_end (request, request->out->data + VC_FRAME_HEAD, request->out->len - VC_FRAME_HEAD, NULL);
  end (request);
}

void
vc_rpc_answer_error (VcRpcRequest *request_taken, const GError *error)
{
  VcRpcRequest *request = request_taken;
  VcFrame head = head_of (request, VC_FRAME_ERROR);

  g_assert (request->is_kept);
  g_clear_pointer (&request->out, g_byte_array_unref);
  request->out = g_byte_array_new ();
  door_put_error (request->out, &head, request->call, error);
  change_end (request, NULL, 0, error);
  end (request);
}

void
vc_rpc_request_free (VcRpcRequest *request)
{
  g_autoptr (GError) error = NULL;

  if (request == NULL)
    return;
  vc_wire_fail (&error, VC_WIRE_INTERNAL, "vir%s was not answered", request->call->api);
  vc_rpc_answer_error (request, error);
}

/* Events. */

VcXdrWriter *
vc_rpc_tell (VcRpcClient *client, VcTell tell)
{
  VcRpcServer *server = client->server;
  const VcCall *row = &vc_tells[tell];
  VcFrame head = {
    .program = row->program, .version = VC_PROGRAM_VERSION, .procedure = row->number, .type = VC_FRAME_EVENT
  };

  g_byte_array_set_size (server->event, 0);
  door_put (server->event, &head);
  vc_xdr_write (&server->writer, row->gives, server->event, VC_FRAME_MAX);
  return &server->writer;
}

void
vc_rpc_tell_send (VcRpcClient *client)
{
  VcRpcServer *server = client->server;
  g_autoptr (GError) error = NULL;

  if (!vc_xdr_is_written (&server->writer, &error))
    {
      server_trouble (server, client, error);
      return;
    }
  door_end (server->event, 0);
  client_send (client, server->event->data, server->event->len);
}
