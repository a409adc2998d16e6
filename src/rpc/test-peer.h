/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "rpc/frame.h"
#include "rpc/server.h"
#include "rpc/stream.h"

/* A server of a few calls and a client that writes bytes, for tests.
 *
 *   CONNECT_OPEN, CONNECT_CLOSE, CONNECT_GET_TYPE    as they are
 *   DOMAIN_DESTROY         is kept in peer.kept
 *   DOMAIN_GET_XML_DESC    gives as many x as its flags say
 *   DOMAIN_LOOKUP_BY_NAME  is not found
 *   DOMAIN_OPEN_CONSOLE    a stream with peer.console
 */
typedef struct
{
  VcRpcServer *server;
  GMainContext *context;
  int fd;       /* the client's end */
  int console;  /* the server's end of what a stream is about */
  guint n_ends; /* of streams */
  VcRpcRequest *kept[16];
  guint n_kept;
  guint n_gone;
  gboolean refuses;
  GError *trouble;
  gpointer extra; /* of a test's own */
} Peer;

static gboolean
peer_open (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_rpc_client_open (vc_rpc_request_client (request));
  vc_rpc_client_keep_alive (vc_rpc_request_client (request));
  return TRUE;
}

static gboolean
peer_close (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_rpc_client_leave (vc_rpc_request_client (request));
  return TRUE;
}

static gboolean
peer_type (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_text (ret, "QEMU");
  return TRUE;
}

static gboolean
peer_keep (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  Peer *peer = vc_rpc_request_data (request);

  g_assert_cmpuint (peer->n_kept, <, G_N_ELEMENTS (peer->kept));
  peer->kept[peer->n_kept++] = vc_rpc_keep (request);
  return TRUE;
}

static gboolean
peer_large (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  g_autofree char *text = NULL;
  VcXdrDomain domain;

  vc_xdr_read_domain (args, &domain);
  text = g_strnfill (vc_xdr_read_uint (args) & 0xffffffu, 'x');
  vc_xdr_put_text (ret, text);
  return TRUE;
}

static gboolean
peer_refuse (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_wire_fail (error, VC_WIRE_NO_DOMAIN, "no domain with matching name '%s'",
                       vc_xdr_read_text (args));
}

static void
peer_stream_end (gpointer data)
{
  Peer *peer = data;

  peer->n_ends++;
}

static gboolean
peer_console (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  Peer *peer = vc_rpc_request_data (request);
  int fd = dup (peer->console);

  return vc_rpc_stream_new (request, fd, peer_stream_end, peer, error) != NULL;
}

static const VcRpcHandler peer_handlers[VC_N_CALLS] = {
  [VC_CALL_CONNECT_OPEN] = peer_open,           [VC_CALL_CONNECT_CLOSE] = peer_close,
  [VC_CALL_CONNECT_GET_TYPE] = peer_type,       [VC_CALL_DOMAIN_DESTROY] = peer_keep,
  [VC_CALL_DOMAIN_GET_XML_DESC] = peer_large,   [VC_CALL_DOMAIN_LOOKUP_BY_NAME] = peer_refuse,
  [VC_CALL_DOMAIN_OPEN_CONSOLE] = peer_console,
};

static gboolean
peer_allow (const VcRpcPeer *who, gboolean is_read_only, gpointer data, GError **error)
{
  Peer *peer = data;

  return !peer->refuses || vc_fail (error, VC_ERROR_DENIED, "who is this?");
}

static void
peer_gone (VcRpcClient *client, gpointer data)
{
  Peer *peer = data;

  peer->n_gone++;
}

static void
peer_trouble (const VcRpcClient *client, const GError *why, gpointer data)
{
  Peer *peer = data;

  g_clear_error (&peer->trouble);
  peer->trouble = g_error_copy (why);
}

static const VcRpcService peer_service = { peer_handlers, peer_allow, peer_gone, peer_trouble };

static inline void
peer_begin_with (Peer *peer, const VcRpcService *service, const VcRpcLimits *limits, gboolean is_read_only)
{
  g_autoptr (GError) error = NULL;
  int ends[2];

  *peer = (Peer){ .context = g_main_context_new (), .console = -1 };
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  peer->fd = ends[1];
  peer->server = vc_rpc_server_new (service, limits, peer->context, peer, &error);
  g_assert_no_error (error);
  vc_rpc_server_add (peer->server, ends[0], is_read_only, &error);
  g_assert_no_error (error);
}

static inline void
peer_begin (Peer *peer, const VcRpcLimits *limits, gboolean is_read_only)
{
  peer_begin_with (peer, &peer_service, limits, is_read_only);
}

static inline void
peer_end (Peer *peer)
{
  for (guint i = 0; i < peer->n_kept; i++)
    vc_rpc_request_free (peer->kept[i]);
  vc_rpc_server_free (peer->server);
  g_main_context_unref (peer->context);
  g_clear_error (&peer->trouble);
  if (peer->fd >= 0)
    close (peer->fd);
}

/* All that is to be done now. */
static inline void
peer_run (Peer *peer)
{
  while (g_main_context_iteration (peer->context, FALSE))
    continue;
}

/* What the client says and hears. */

static const guint8 domain_x[] = "\0\0\0\1x\0\0\0"
                                 "0123456789abcdef"
                                 "\xff\xff\xff\xff";

#define BYTES(text) ((const guint8 *) (text)), (sizeof (text) - 1)
#define DOMAIN_X    domain_x, (sizeof domain_x - 1)

static inline GByteArray *
new_frame (guint32 program, guint32 procedure, guint32 type, guint32 serial, const guint8 *body, gsize len)
{
  VcFrame frame
      = { VC_FRAME_HEAD + (guint32) len, program, VC_PROGRAM_VERSION, procedure, type, serial, VC_FRAME_OK };
  GByteArray *out = g_byte_array_new ();

  g_byte_array_set_size (out, VC_FRAME_HEAD);
  vc_frame_put (&frame, out->data);
  if (len > 0)
    g_byte_array_append (out, body, (guint) len);
  return out;
}

static inline void
say (Peer *peer, const guint8 *bytes, gsize len)
{
  g_assert_cmpint (send (peer->fd, bytes, len, MSG_NOSIGNAL), ==, (gssize) len);
}

static inline void
say_call (Peer *peer, guint32 procedure, guint32 serial, const guint8 *body, gsize len)
{
  g_autoptr (GByteArray) out = new_frame (VC_PROGRAM_REMOTE, procedure, VC_FRAME_CALL, serial, body, len);

  say (peer, out->data, out->len);
}

/* The next message; runs the server until it is whole.  NULL: the server has hung up. */
static inline GByteArray *
hear (Peer *peer, VcFrame *ret_frame)
{
  g_autoptr (GByteArray) in = g_byte_array_new ();
  gsize need = VC_FRAME_HEAD;

  for (;;)
    {
      guint8 buffer[65536];
      gssize n = recv (peer->fd, buffer, MIN (need - in->len, sizeof buffer), MSG_DONTWAIT);

      if (n == 0 || (n < 0 && errno == ECONNRESET))
        return NULL;
      if (n < 0)
        g_main_context_iteration (peer->context, TRUE);
      else
        g_byte_array_append (in, buffer, (guint) n);
      if (in->len < need)
        continue;
      vc_frame_read (ret_frame, in->data);
      if (need == ret_frame->length)
        break;
      need = ret_frame->length;
      if (need == in->len)
        break;
    }
  g_byte_array_remove_range (in, 0, VC_FRAME_HEAD);
  return g_steal_pointer (&in);
}

static inline void
hear_reply (Peer *peer, guint32 serial, const guint8 *body, gsize len)
{
  VcFrame frame;
  g_autoptr (GByteArray) got = hear (peer, &frame);

  g_assert_nonnull (got);
  g_assert_cmpuint (frame.serial, ==, serial);
  g_assert_cmpuint (frame.type, ==, VC_FRAME_REPLY);
  g_assert_cmpuint (frame.status, ==, VC_FRAME_OK);
  g_assert_cmpmem (got->data, got->len, body, len);
}

static inline void
hear_error (Peer *peer, guint32 serial, int code, const char *message)
{
  VcFrame frame;
  g_autoptr (GByteArray) got = hear (peer, &frame);
  g_autoptr (GError) error = NULL;
  VcXdrReader reader;

  g_assert_nonnull (got);
  g_assert_cmpuint (frame.serial, ==, serial);
  g_assert_cmpuint (frame.type, ==, VC_FRAME_REPLY);
  g_assert_cmpuint (frame.status, ==, VC_FRAME_ERROR);
  vc_xdr_read (&reader, VC_WIRE_SIGNATURE, got->data, got->len, &error);
  g_assert_no_error (error);
  g_assert_cmpint (vc_xdr_read_int (&reader), ==, code);
  vc_xdr_read_int (&reader);
  g_assert_cmpstr (vc_xdr_read_text_or_null (&reader), ==, message);
}

static inline void
hear_end (Peer *peer)
{
  VcFrame frame;
  g_autoptr (GByteArray) got = hear (peer, &frame);

  g_assert_null (got);
}

static inline void
open_connection (Peer *peer)
{
  say_call (peer, 1, 1, BYTES ("\0\0\0\0\0\0\0\0"));
  hear_reply (peer, 1, NULL, 0);
}

static inline void
begin (Peer *peer)
{
  peer_begin (peer, &VC_RPC_LIMITS, FALSE);
  open_connection (peer);
}
