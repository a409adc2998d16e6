/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "rpc/internal.h"
#include "rpc/names.h"

#define PING 1u
#define PONG 2u

guint
door_put (GByteArray *out, const VcFrame *frame)
{
  guint start = out->len;

  g_byte_array_set_size (out, start + VC_FRAME_HEAD);
  vc_frame_put (frame, out->data + start);
  return start;
}

void
door_end (GByteArray *out, guint start)
{
  guint32 length = GUINT32_TO_BE (out->len - start);

  memcpy (out->data + start, &length, sizeof length);
}

void
door_put_error (GByteArray *out, const VcFrame *frame, const VcCall *call, const GError *error)
{
  guint start = door_put (out, frame);
  VcXdrWriter writer;
  gboolean fits;

  vc_xdr_write (&writer, VC_WIRE_SIGNATURE, out, G_MAXUINT);
  vc_wire_put_error (&writer, call, error);
  fits = vc_xdr_is_written (&writer, NULL);
  g_assert (fits);
  door_end (out, start);
}

static VcFrame
answer_to (const VcFrame *frame, VcFrameStatus status)
{
  VcFrame answer = *frame;

  answer.type = VC_FRAME_REPLY;
  answer.status = status;
  return answer;
}

guint64
door_max (const VcRpcClient *client, const VcFrame *frame)
{
  const VcCall *call = frame->type == VC_FRAME_CALL ? vc_call_find (frame->program, frame->procedure) : NULL;
  guint64 max = VC_FRAME_MAX;

  if (frame->type == VC_FRAME_STREAM)
    max = client->streams != NULL ? VC_FRAME_HEAD + 4u * 1024 * 1024 : SHY_MAX;
  else if (call != NULL)
    max = VC_FRAME_HEAD + vc_xdr_max (call->takes);
  else
    max = SHY_MAX;
  return MIN (max, client->is_open ? VC_FRAME_MAX : SHY_MAX);
}

/* The door proper. */

/* In the words that name libvirt's function: clients then do without, as they were written to. */
static gboolean
refuse (const VcFrame *frame, GError **error)
{
  const char *api = vc_call_name (frame->program, frame->procedure);

  if (api != NULL)
    return vc_wire_fail (error, VC_WIRE_NO_SUPPORT, "vir%s", api);
  return vc_wire_fail (error, VC_WIRE_NO_SUPPORT, "procedure %u", frame->procedure);
}

static gboolean
check_call (const VcRpcClient *client, const VcFrame *frame, const VcCall *call, GError **error)
{
  if (frame->version != VC_PROGRAM_VERSION
      || (frame->program != VC_PROGRAM_REMOTE && frame->program != VC_PROGRAM_QEMU
          && frame->program != VC_PROGRAM_CARD))
    return vc_wire_fail (error, VC_WIRE_RPC, "Cannot find program %u version %u", frame->program,
                         frame->version);
  if (client->is_unknown && (call == NULL || call->right != VC_MAY_LOG_IN))
    return vc_wire_fail (error, VC_WIRE_RPC, "authentication required");
  if (call == NULL || client->server->service->handlers[call - vc_calls] == NULL)
    return refuse (frame, error);
  if (call->right > VC_MAY_CONNECT && !client->is_open)
    return vc_wire_fail (error, VC_WIRE_INTERNAL, "hypervisor connection not open");
  if (call->right == VC_MAY_WRITE && client->is_read_only)
    return vc_wire_fail (error, VC_WIRE_DENIED, "read only access prevents vir%s", call->api);
  return TRUE;
}

static gboolean
call_handler (VcRpcRequest *request, guint8 *body, gsize len, GByteArray *answers, GError **error)
{
  const VcCall *call = request->call;
  VcRpcHandler handler = request->server->service->handlers[call - vc_calls];
  VcXdrReader args;
  VcXdrWriter ret;
  GError *why = NULL;

  if (!vc_xdr_read (&args, call->takes, body, len, &why))
    {
      vc_wire_fail (error, VC_WIRE_RPC, "Unable to decode message payload: vir%s: %s", call->api,
                    why->message);
      g_error_free (why);
      return FALSE;
    }
  vc_xdr_write (&ret, call->gives, answers, answers->len + VC_FRAME_MAX - VC_FRAME_HEAD);
  if (!handler (request, &args, &ret, error))
    return FALSE;
  return request->was_kept || vc_xdr_is_written (&ret, error);
}

static void
enter_call (VcRpcClient *client, const VcFrame *frame, guint8 *body, gsize len, GByteArray *answers)
{
  const VcCall *call = vc_call_find (frame->program, frame->procedure);
  VcFrame ok = answer_to (frame, VC_FRAME_OK), wrong = answer_to (frame, VC_FRAME_ERROR);
  VcRpcRequest request
      = { .server = client->server, .client = client, .call = call, .serial = frame->serial };
  guint start = door_put (answers, &ok);
  g_autoptr (GError) error = NULL;
  gboolean is_done;

  request.data = client->server->data;
  change_begin (&request, body, len);
  is_done = check_call (client, frame, call, &error) && call_handler (&request, body, len, answers, &error);
  if (call != NULL && call->right == VC_MAY_LOG_IN)
    explicit_bzero (body, len); /* there may be a password in it */
  if (is_done)
    {
      if (request.was_kept)
        g_byte_array_set_size (answers, start);
      else
        {
          door_end (answers, start);
          change_end (&request, answers->data + start + VC_FRAME_HEAD, answers->len - start - VC_FRAME_HEAD,
                      NULL);
        }
      return;
    }
  g_assert (!request.was_kept);
  change_end (&request, NULL, 0, error);
  g_byte_array_set_size (answers, start);
  door_put_error (answers, &wrong, call, error);
}

/* Whatever it asked: it is told why not, and that is all. */
static void
enter_refusal (VcRpcClient *client, const VcFrame *frame, GByteArray *answers)
{
  VcFrame wrong = answer_to (frame, VC_FRAME_ERROR);

  door_put_error (answers, &wrong, vc_call_find (frame->program, frame->procedure), client->refusal);
  vc_rpc_client_leave (client);
}

static gboolean
enter_keepalive (const VcFrame *frame, gsize len, GByteArray *answers, GError **error)
{
  VcFrame pong = *frame;

  if (len > 0 || frame->type != VC_FRAME_EVENT || frame->version != VC_PROGRAM_VERSION)
    return vc_fail (error, VC_ERROR_PROTOCOL, "a wrong message of keepalive");
  if (frame->procedure != PING)
    return frame->procedure == PONG || vc_fail (error, VC_ERROR_PROTOCOL, "a wrong message of keepalive");
  pong.procedure = PONG;
  door_end (answers, door_put (answers, &pong));
  return TRUE;
}

gboolean
door_enter (VcRpcClient *client, const VcFrame *frame, guint8 *body, gsize len, GByteArray *answers,
            GError **error)
{
  if (frame->program == VC_PROGRAM_KEEPALIVE && client->refusal == NULL)
    return enter_keepalive (frame, len, answers, error);
  if (frame->type == VC_FRAME_STREAM)
    return stream_take (client, frame, body, len, error);
  if (frame->type != VC_FRAME_CALL || frame->status != VC_FRAME_OK)
    return vc_fail (error, VC_ERROR_PROTOCOL, "a message of type %u and status %u", frame->type,
                    frame->status);
  if (client->refusal != NULL)
    enter_refusal (client, frame, answers);
  else
    enter_call (client, frame, body, len, answers);
  return TRUE;
}
