/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/error.h"

#include <string.h>

#include "base/error.h"

G_DEFINE_QUARK (vc - wire, vc_wire)

#define MAX_MESSAGE 65536

/* The words that libvirt has before a message, with the place of the message. */
static const struct
{
  VcWireCode code;
  const char *words;
} words[] = {
  { VC_WIRE_INTERNAL, "internal error: %s" },
  { VC_WIRE_NO_SUPPORT, "this function is not supported by the connection driver: %s" },
  { VC_WIRE_NO_CONNECT, "no connection driver available for %s" },
  { VC_WIRE_INVALID_ARG, "invalid argument: %s" },
  { VC_WIRE_FAILED, "operation failed: %s" },
  { VC_WIRE_XML, "XML error: %s" },
  { VC_WIRE_DENIED, "operation forbidden: %s" },
  { VC_WIRE_RPC, "%s" },
  { VC_WIRE_NO_DOMAIN, "Domain not found: %s" },
  { VC_WIRE_NO_NETWORK, "Network not found: %s" },
  { VC_WIRE_NOT_PROVEN, "authentication failed: %s" },
  { VC_WIRE_NO_POOL, "Storage pool not found: %s" },
  { VC_WIRE_NO_VOLUME, "Storage volume not found: %s" },
  { VC_WIRE_NO_NODE_DEVICE, "Node device not found: %s" },
  { VC_WIRE_STATE, "Requested operation is not valid: %s" },
  { VC_WIRE_NO_INTERFACE, "Interface not found: %s" },
  { VC_WIRE_INVALID_SECRET, "Invalid secret: %s" },
  { VC_WIRE_NO_SECRET, "Secret not found: %s" },
  { VC_WIRE_UNSUPPORTED, "unsupported configuration: %s" },
  { VC_WIRE_TIMEOUT, "Timed out during operation: %s" },
  { VC_WIRE_NO_SNAPSHOT, "Domain snapshot not found: %s" },
  { VC_WIRE_ARGUMENT_UNSUPPORTED, "argument unsupported: %s" },
  { VC_WIRE_NO_METADATA, "metadata not found: %s" },
  { VC_WIRE_OPERATION_UNSUPPORTED, "Operation not supported: %s" },
  { VC_WIRE_ACCESS, "access denied: %s" },
  { VC_WIRE_VOLUME_EXISTS, "%s" }, /* its words are around the name */
  { VC_WIRE_NO_DEVICE, "device not found: %s" },
};

static const VcWireCode codes[] = {
  [VC_ERROR_FAILED] = VC_WIRE_FAILED,
  [VC_ERROR_INVALID] = VC_WIRE_XML,
  [VC_ERROR_UNSUPPORTED] = VC_WIRE_UNSUPPORTED,
  [VC_ERROR_NOT_FOUND] = VC_WIRE_NO_DEVICE,
  [VC_ERROR_EXISTS] = VC_WIRE_FAILED,
  [VC_ERROR_STATE] = VC_WIRE_STATE,
  [VC_ERROR_BUSY] = VC_WIRE_TIMEOUT,
  [VC_ERROR_DENIED] = VC_WIRE_ACCESS,
  [VC_ERROR_LIMIT] = VC_WIRE_INVALID_ARG,
  [VC_ERROR_PROTOCOL] = VC_WIRE_RPC,
  [VC_ERROR_GONE] = VC_WIRE_INTERNAL,
  [VC_ERROR_QEMU] = VC_WIRE_INTERNAL,
};

/* Which part of libvirt would have said it; by what the call is about. */
enum
{
  FROM_RPC = 7,
  FROM_QEMU = 10,
};

static const struct
{
  const char *prefix;
  int from;
} parts[] = {
  { "NETWORK_", 19 },     { "STORAGE_", 18 },   { "SECRET_", 30 },
  { "NODE_DEVICE_", 22 }, { "INTERFACE_", 26 }, { "AUTH_", FROM_RPC },
};

gboolean
vc_wire_fail (GError **error, VcWireCode code, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  if (error != NULL && *error == NULL)
    *error = g_error_new_valist (VC_WIRE, code, fmt, args);
  va_end (args);
  return FALSE;
}

static VcWireCode
find_code (const GError *error)
{
  if (error->domain == VC_WIRE)
    return (VcWireCode) error->code;
  if (error->domain == VC_ERROR && error->code >= 0 && (gsize) error->code < G_N_ELEMENTS (codes))
    return codes[error->code];
  return VC_WIRE_INTERNAL;
}

static const char *
find_words (VcWireCode code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (words[i].code == code)
      return words[i].words;
  g_assert_not_reached ();
}

static int
find_part (const VcCall *call, VcWireCode code)
{
  if (call == NULL || code == VC_WIRE_RPC)
    return FROM_RPC;
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (g_str_has_prefix (call->symbol, parts[i].prefix))
      return parts[i].from;
  return FROM_QEMU;
}

void
vc_wire_put_error (VcXdrWriter *writer, const VcCall *call, const GError *error)
{
  VcWireCode code = find_code (error);
  const char *with = find_words (code);
  g_autofree char *what = g_utf8_make_valid (error->message, (gssize) strnlen (error->message, MAX_MESSAGE));
  g_autofree char *before = g_strndup (with, strlen (with) - 2);
  g_autofree char *message = g_strconcat (before, what, NULL);

  vc_xdr_put_int (writer, code);
  vc_xdr_put_int (writer, find_part (call, code));
  vc_xdr_put_text_or_null (writer, message);
  vc_xdr_put_int (writer, 2); /* an error, no warning */
  vc_xdr_put_optional (writer, FALSE);
  vc_xdr_put_text_or_null (writer, with);
  vc_xdr_put_text_or_null (writer, what);
  vc_xdr_put_text_or_null (writer, NULL);
  vc_xdr_put_int (writer, -1);
  vc_xdr_put_int (writer, -1);
  vc_xdr_put_optional (writer, FALSE);
}
