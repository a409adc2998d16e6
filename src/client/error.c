/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/error.h"

#include "base/error.h"
#include "rpc/error.h"

/* libvirt's numbers, also such as only its own daemon sends. */
static const struct
{
  int wire;
  VcErrorCode code;
} codes[] = {
  { VC_WIRE_NO_SUPPORT, VC_ERROR_UNSUPPORTED },
  { VC_WIRE_INVALID_ARG, VC_ERROR_INVALID },
  { 20, VC_ERROR_EXISTS }, /* a domain that is there already */
  { VC_WIRE_XML, VC_ERROR_INVALID },
  { VC_WIRE_DENIED, VC_ERROR_DENIED },
  { VC_WIRE_NO_DOMAIN, VC_ERROR_NOT_FOUND },
  { 45, VC_ERROR_DENIED }, /* authentication failed */
  { VC_WIRE_STATE, VC_ERROR_STATE },
  { VC_WIRE_UNSUPPORTED, VC_ERROR_UNSUPPORTED },
  { VC_WIRE_TIMEOUT, VC_ERROR_BUSY },
  { VC_WIRE_ARGUMENT_UNSUPPORTED, VC_ERROR_UNSUPPORTED },
  { VC_WIRE_NO_METADATA, VC_ERROR_NOT_FOUND },
  { VC_WIRE_OPERATION_UNSUPPORTED, VC_ERROR_UNSUPPORTED },
  { 87, VC_ERROR_BUSY }, /* a resource in use */
  { VC_WIRE_ACCESS, VC_ERROR_DENIED },
  { VC_WIRE_NO_DEVICE, VC_ERROR_NOT_FOUND },
};

static VcErrorCode
find_code (int wire)
{
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i].wire == wire)
      return codes[i].code;
  return VC_ERROR_FAILED;
}

void
vc_client_read_error (guint8 *bytes, gsize len, GError **error)
{
  VcXdrReader reader;
  const char *message;
  int wire;

  if (!vc_xdr_read (&reader, VC_WIRE_SIGNATURE, bytes, len, error))
    return;
  wire = vc_xdr_read_int (&reader);
  vc_xdr_read_int (&reader);
  message = vc_xdr_read_text_or_null (&reader);
  if (message != NULL && *message != '\0')
    vc_fail (error, find_code (wire), "%s", message);
  else
    vc_fail (error, find_code (wire), "the other side failed with libvirt's error %d and no words", wire);
}
