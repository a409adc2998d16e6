/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/explain.h"

#include <gnutls/gnutls.h>

#include "base/error.h"

gboolean
vc_tls_explain_alert (gnutls_session_t gnutls, GError **error)
{
  static const struct
  {
    gnutls_alert_description_t alert;
    const char *words;
  } rows[] = {
    { GNUTLS_A_CERTIFICATE_REQUIRED, "it wants a certificate and was given none" },
    { GNUTLS_A_UNKNOWN_CA, "it does not trust the CA of our certificate" },
    { GNUTLS_A_CERTIFICATE_EXPIRED, "it says that our certificate has expired" },
    { GNUTLS_A_CERTIFICATE_REVOKED, "it says that our certificate was revoked" },
    { GNUTLS_A_UNSUPPORTED_CERTIFICATE, "it cannot use the sort of certificate we have" },
    { GNUTLS_A_BAD_CERTIFICATE, "it refuses our certificate" },
    { GNUTLS_A_CERTIFICATE_UNKNOWN, "it refuses our certificate" },
    { GNUTLS_A_ACCESS_DENIED, "it knows our certificate and does not let us in" },
    { GNUTLS_A_PROTOCOL_VERSION, "it speaks no version of TLS that we speak" },
    { GNUTLS_A_INSUFFICIENT_SECURITY, "it wants a stronger encryption than we offer" },
    { GNUTLS_A_UNRECOGNIZED_NAME, "it knows nobody of that name" },
    { GNUTLS_A_HANDSHAKE_FAILURE, "it and we have no encryption in common, or it wants a certificate" },
  };
  gnutls_alert_description_t alert = gnutls_alert_get (gnutls);
  const char *name = gnutls_alert_get_name (alert);

  /* What virtcardd says while its own files are no good (pki/away.h). */
  if (alert == GNUTLS_A_INTERNAL_ERROR)
    return vc_fail (
        error, VC_ERROR_STATE,
        "it cannot serve TLS now, because of its own certificates as a rule: its log says why (TLS "
        "alert: %s)",
        name);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].alert == alert)
      return vc_fail (error, VC_ERROR_DENIED, "%s (TLS alert: %s)", rows[i].words, name);
  return vc_fail (error, VC_ERROR_FAILED, "it ended the TLS handshake (TLS alert: %s)",
                  name != NULL ? name : "an unknown one");
}

gboolean
vc_tls_explain_handshake (gnutls_session_t gnutls, int rc, GError **error)
{
  switch (rc)
    {
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
      return vc_tls_explain_alert (gnutls, error);
    case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
      return vc_fail (
          error, VC_ERROR_PROTOCOL,
          "what it sends is no whole message of TLS: it broke off in the middle, or does not speak TLS");
    case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
    case GNUTLS_E_UNEXPECTED_PACKET:
    case GNUTLS_E_RECORD_OVERFLOW:
    case GNUTLS_E_DECRYPTION_FAILED:
      return vc_fail (error, VC_ERROR_PROTOCOL, "it does not speak TLS: what it sends is plain text");
    case GNUTLS_E_PREMATURE_TERMINATION:
    case GNUTLS_E_PULL_ERROR:
    case GNUTLS_E_PUSH_ERROR:
      return vc_fail (
          error, VC_ERROR_GONE,
          "it closed the connection instead of a TLS handshake: it may not speak TLS, or no version or "
          "encryption that we have");
    default:
      return vc_fail (error, VC_ERROR_FAILED, "the TLS handshake failed: %s", gnutls_strerror (rc));
    }
}

VcTlsStep
vc_tls_explain_shake (gnutls_session_t gnutls, GError **error)
{
  int rc;
  VcTlsStep step = vc_tls_record_shake (gnutls, &rc);

  if (step != VC_TLS_FAILED)
    return step;
  if (rc != GNUTLS_E_FATAL_ALERT_RECEIVED)
    gnutls_alert_send_appropriate (gnutls, rc);
  vc_tls_explain_handshake (gnutls, rc, error);
  return VC_TLS_FAILED;
}
