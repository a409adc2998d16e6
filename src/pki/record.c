/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/record.h"

#include <errno.h>
#include <gnutls/gnutls.h>

#include "base/error.h"

#define MAX_STEPS 16u /* of a handshake at a time, that are neither an end nor a wait */

VcTlsStep
vc_tls_record_wait (gnutls_session_t gnutls)
{
  return gnutls_record_get_direction (gnutls) == 0 ? VC_TLS_READ : VC_TLS_WRITE;
}

VcTlsStep
vc_tls_record_shake (gnutls_session_t gnutls, int *ret_rc)
{
  for (guint i = 0; i < MAX_STEPS; i++)
    {
      *ret_rc = gnutls_handshake (gnutls);
      if (*ret_rc == GNUTLS_E_SUCCESS)
        return VC_TLS_DONE;
      if (*ret_rc == GNUTLS_E_AGAIN)
        return vc_tls_record_wait (gnutls);
      if (gnutls_error_is_fatal (*ret_rc))
        break;
    }
  return VC_TLS_FAILED;
}

gssize
vc_tls_record_read (gnutls_session_t gnutls, guint8 *bytes, gsize len, GError **error)
{
  gssize n = gnutls_record_recv (gnutls, bytes, len);

  if (n >= 0)
    return n;
  errno = EAGAIN;
  if (n == GNUTLS_E_REHANDSHAKE)
    vc_fail (error, VC_ERROR_PROTOCOL, "it wanted to renegotiate");
  else if (n == GNUTLS_E_PREMATURE_TERMINATION || n == GNUTLS_E_PULL_ERROR)
    errno = ECONNRESET;
  else if (gnutls_error_is_fatal ((int) n))
    vc_fail (error, VC_ERROR_PROTOCOL, "TLS: %s", gnutls_strerror ((int) n));
  return -1;
}

gssize
vc_tls_record_write (gnutls_session_t gnutls, const guint8 *bytes, gsize len)
{
  gssize n = gnutls_record_send (gnutls, bytes, len);

  if (n >= 0)
    return n;
  errno = gnutls_error_is_fatal ((int) n) ? EPIPE : EAGAIN;
  return -1;
}

gboolean
vc_tls_record_channel (gnutls_session_t gnutls, guint8 *ret_bytes, GError **error)
{
  static const char label[] = "EXPORTER-Channel-Binding";

  if (gnutls_protocol_get_version (gnutls) != GNUTLS_TLS1_3)
    return vc_fail (error, VC_ERROR_UNSUPPORTED, "it does not speak TLS 1.3");
  return gnutls_prf_rfc5705 (gnutls, sizeof label - 1, label, 0, "", VC_TLS_CHANNEL, (char *) ret_bytes) >= 0
         || vc_fail (error, VC_ERROR_FAILED, "TLS gives no keys away");
}
