/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rpc/calls.h"
#include "xdr/xdr.h"

/* Errors as libvirt's clients know them: a number, and its words before the message.
 *
 * Handlers fail with a VC_ERROR, which becomes a number by one table, or with VC_WIRE where the number
 * depends on what they were about. */
#define VC_WIRE (vc_wire_quark ())
GQuark vc_wire_quark (void);

/* libvirt's numbers. */
typedef enum
{
  VC_WIRE_INTERNAL = 1,
  VC_WIRE_NO_SUPPORT = 3,
  VC_WIRE_NO_CONNECT = 5,
  VC_WIRE_INVALID_ARG = 8,
  VC_WIRE_FAILED = 9,
  VC_WIRE_XML = 27,
  VC_WIRE_DENIED = 29,
  VC_WIRE_RPC = 39,
  VC_WIRE_NO_DOMAIN = 42,
  VC_WIRE_NO_NETWORK = 43,
  VC_WIRE_NOT_PROVEN = 45, /* authentication failed */
  VC_WIRE_NO_POOL = 49,
  VC_WIRE_NO_VOLUME = 50,
  VC_WIRE_NO_NODE_DEVICE = 53,
  VC_WIRE_STATE = 55,
  VC_WIRE_NO_INTERFACE = 57,
  VC_WIRE_INVALID_SECRET = 65,
  VC_WIRE_NO_SECRET = 66,
  VC_WIRE_UNSUPPORTED = 67,
  VC_WIRE_TIMEOUT = 68,
  VC_WIRE_NO_SNAPSHOT = 72,
  VC_WIRE_ARGUMENT_UNSUPPORTED = 74,
  VC_WIRE_NO_METADATA = 80,
  VC_WIRE_OPERATION_UNSUPPORTED = 84,
  VC_WIRE_ACCESS = 88,
  VC_WIRE_VOLUME_EXISTS = 90,
  VC_WIRE_NO_DEVICE = 99,
} VcWireCode;

/* vc_wire_fail - make an error with one of libvirt's numbers
 *
 * The message is only what comes behind its words: "no domain with matching name 'x'".
 *
 * Returns: FALSE, always.
 */
gboolean vc_wire_fail (GError **error, VcWireCode code, const char *fmt, ...) G_GNUC_PRINTF (3, 4);

#define VC_WIRE_SIGNATURE "iiSi?DSSSii?(sU)"

/* vc_wire_put_error - what an error reply holds
 *
 * call NULL: it is about no call that is known.  A message that is too long is cut.
 */
void vc_wire_put_error (VcXdrWriter *writer, const VcCall *call, const GError *error);
