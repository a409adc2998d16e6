/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

struct gnutls_session_int;

typedef enum
{
  VC_TLS_FAILED,
  VC_TLS_DONE,
  VC_TLS_READ, /* when there is something to read, once more */
  VC_TLS_WRITE,
} VcTlsStep;

/* vc_tls_record_wait - after GNUTLS_E_AGAIN: what to wait for */
VcTlsStep vc_tls_record_wait (struct gnutls_session_int *gnutls);

/* vc_tls_record_shake - go on with a handshake, of either end
 *
 * Returns: VC_TLS_FAILED with GnuTLS' error in *ret_rc.
 */
VcTlsStep vc_tls_record_shake (struct gnutls_session_int *gnutls, int *ret_rc);

/* Bytes over a TLS session, of either end, whose socket does not wait: as recv and send, with errno.
 *
 * After EAGAIN the same bytes have to be written again. */

/* vc_tls_record_read - with error where there is more to say than errno can */
gssize vc_tls_record_read (struct gnutls_session_int *gnutls, guint8 *bytes, gsize len, GError **error);

/* vc_tls_record_write */
gssize vc_tls_record_write (struct gnutls_session_int *gnutls, const guint8 *bytes, gsize len);

#define VC_TLS_CHANNEL 32u

/* vc_tls_record_channel - VC_TLS_CHANNEL bytes that only the two ends of this session know (RFC 9266)
 *
 * Returns: FALSE with error; VC_ERROR_UNSUPPORTED when it is not TLS 1.3.
 */
gboolean vc_tls_record_channel (struct gnutls_session_int *gnutls, guint8 *ret_bytes, GError **error);
