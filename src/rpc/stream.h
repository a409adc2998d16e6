/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rpc/server.h"

/* Bytes between a descriptor here and a stream of a client: a guest's console.
 *
 * Either side waits for the other: what a client does not take is not read here, and a client that sends more
 * than the descriptor takes is not read.  It ends when the client finishes or aborts it, goes, or when the
 * descriptor fails; at the descriptor's end the client is told so and ends it.
 */
typedef struct VcRpcStream VcRpcStream;

/* vc_rpc_stream_new - answer request's call by a stream with fd
 *
 * Inside its handler, or before a request that was kept is answered.  Takes fd, a descriptor that can be
 * waited for, or a regular file, which is only read.  on_end (may be NULL) is called once, when the stream is
 * over; it is not good afterwards.
 *
 * Returns: borrowed: the client owns it; or NULL with error, such as VC_ERROR_LIMIT.
 */
VcRpcStream *vc_rpc_stream_new (VcRpcRequest *request, int fd_taken, void (*on_end) (gpointer data),
                                gpointer data, GError **error);

/* vc_rpc_stream_fail - end it from here; the client hears of error */
void vc_rpc_stream_fail (VcRpcStream *stream, const GError *error);

#define VC_RPC_MAX_STREAMS 8u /* of a client */
