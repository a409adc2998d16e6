/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Messages of known length over something that does not wait: a unix socket, a TLS connection.  Both have a
 * deadline of g_get_monotonic_time. */
typedef struct
{
  int fd; /* which to wait for */
  gpointer data;
  /* As recv and send, with errno; read may set error. */
  gssize (*read) (gpointer data, guint8 *bytes, gsize len, GError **error);
  gssize (*write) (gpointer data, const guint8 *bytes, gsize len);
} VcFrameWay;

#define VC_FRAME_MAX (256u * 1024u)

/* vc_frame_send - Returns: FALSE with VC_ERROR_GONE */
gboolean vc_frame_send (const VcFrameWay *way, const guint8 *bytes, gsize len, gint64 deadline,
                        GError **error);

/* vc_frame_receive - one of at most max bytes
 *
 * Returns: new array with a zero behind it, or NULL with error: VC_ERROR_GONE, VC_ERROR_PROTOCOL.
 */
GByteArray *vc_frame_receive (const VcFrameWay *way, gsize max, gint64 deadline, GError **error);

/* vc_frame_socket - the way over a socket, which stays the caller's */
VcFrameWay vc_frame_socket (const int *fd);
