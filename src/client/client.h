/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/tunnel.h"
#include "pki/caller.h"
#include "rpc/calls.h"
#include "xdr/xdr.h"

/* libvirt's wire, the asking side: a connected socket on which calls are made, one at a time, and events and
 * streams come in.
 *
 * A call waits for its answer: by itself, or, where the other side is served by this process, by running the
 * default main context.  What comes in meanwhile is kept and told from the main context later.
 */
typedef struct VcClient VcClient;

#define VC_CLIENT_MAX_EVENTS 16384u /* that nobody was told of yet; one more ends the connection   */
#define VC_CLIENT_MAX_HELD                                                                                   \
  (16u * 1024 * 1024) /* bytes of a stream that nobody took; more ends the stream    */
#define VC_CLIENT_STREAMS 8u

typedef struct
{
  /* An event.  body is good for the call; may make calls. */
  void (*on_tell) (VcTell tell, VcXdrReader *body, gpointer data);
  /* It is over, and not by vc_client_free, which may be called from here.  why is borrowed. */
  void (*on_end) (const GError *why, gpointer data);
} VcClientWatch;

/* vc_client_new - begin with a connected socket
 *
 * is_served_here: the other end is served by the default main context of this process.  Borrows watch and
 * data for as long as it lives.
 *
 * Returns: new (free with vc_client_free).
 */
VcClient *vc_client_new (int fd_taken, gboolean is_served_here, const VcClientWatch *watch, gpointer data);

/* vc_client_new_tls - the same over TLS, which the other side has confirmed; takes both */
VcClient *vc_client_new_tls (int fd_taken, VcTlsCaller *caller_taken, const VcClientWatch *watch,
                             gpointer data);

/* vc_client_new_tunnel - the same through a program; takes both */
VcClient *vc_client_new_tunnel (int fd_taken, VcTunnel *tunnel_taken, const VcClientWatch *watch,
                                gpointer data);

/* vc_client_ask_alive - notice an end that is not told
 *
 * After every_ms of silence the other side is asked whether it is there; when it has left n questions
 * unanswered, the connection ends, also in the middle of a call.  It has to have agreed to that.
 */
void vc_client_ask_alive (VcClient *client, guint every_ms, guint n);

/* vc_client_free - end it; streams end, nobody is told; NULL is fine.  Not from inside a call */
void vc_client_free (VcClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcClient, vc_client_free)

gboolean vc_client_is_alive (const VcClient *client);

/* vc_client_begin - begin a call
 *
 * Put into it what its row takes, then vc_client_call or vc_client_call_stream.
 *
 * Returns: borrowed until then.
 */
VcXdrWriter *vc_client_begin (VcClient *client, VcCallIndex call);

/* vc_client_call - make it, and wait for its answer
 *
 * Returns: what its row gives, borrowed until the next call, or NULL with error: what the other side said
 * (client/error.h), VC_ERROR_LIMIT for what is too long, VC_ERROR_PROTOCOL, VC_ERROR_GONE.
 */
VcXdrReader *vc_client_call (VcClient *client, GError **error);

/* vc_client_call_stream - make a call that opens a stream
 *
 * Bytes go through the descriptor while the main context runs.  Its end is the stream's; closing it ends the
 * stream.
 *
 * Returns: a new descriptor, a socket that does not block, or -1 with error.
 */
int vc_client_call_stream (VcClient *client, GError **error);
