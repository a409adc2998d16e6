/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/record.h"

/* Why a client's TLS session did not come about, in words: "it …" is the server. */

/* vc_tls_explain_alert - the alert it sent.  Returns: FALSE, always. */
gboolean vc_tls_explain_alert (struct gnutls_session_int *gnutls, GError **error);

/* vc_tls_explain_handshake - GnuTLS' error of the handshake.  Returns: FALSE, always. */
gboolean vc_tls_explain_handshake (struct gnutls_session_int *gnutls, int rc, GError **error);

/* vc_tls_explain_shake - go on with the handshake, as a client.  Returns: VC_TLS_FAILED with error. */
VcTlsStep vc_tls_explain_shake (struct gnutls_session_int *gnutls, GError **error);
