/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/tunnel.h"
#include "pki/caller.h"

/* The bytes below a connection: a socket, TLS over one, or one to a program.  None waits. */
typedef struct
{
  int fd;              /* -1: it has ended     */
  VcTlsCaller *caller; /* or NULL               */
  VcTunnel *tunnel;    /* or NULL               */
} VcWire;

/* vc_wire_read, …_write - as recv and send, with errno; read with error where there is more to say
 *
 * After EAGAIN the same bytes have to be written again.
 */
gssize vc_wire_read (VcWire *wire, guint8 *bytes, gsize len, GError **error);
gssize vc_wire_write (VcWire *wire, const guint8 *bytes, gsize len);

/* vc_wire_has_more - have bytes come that the descriptor does not tell of? */
gboolean vc_wire_has_more (const VcWire *wire);

/* vc_wire_close - end it; nothing when it has ended */
void vc_wire_close (VcWire *wire);
