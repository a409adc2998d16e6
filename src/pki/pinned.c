/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/pinned.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/error.h"
#include "pki/explain.h"
#include "pki/record.h"

#define PRIORITY      VC_TLS_PRIORITY ":-VERS-ALL:+VERS-TLS1.3"
#define MAX_HANDSHAKE 65536u

struct VcTlsPinned
{
  gnutls_session_t gnutls;
  gnutls_certificate_credentials_t none;
  VcCertificate *peer;
  guint8 print[VC_TLS_KEY_PRINT];
};

gboolean
vc_tls_key_print (const VcCertificate *certificate, guint8 *ret_print, GError **error)
{
  size_t size = VC_TLS_KEY_PRINT;

  return (gnutls_x509_crt_get_key_id (certificate->crt, GNUTLS_KEYID_USE_SHA256, ret_print, &size) >= 0
          && size == VC_TLS_KEY_PRINT)
         || vc_fail (error, VC_ERROR_INVALID, "%s: its key cannot be read", certificate->origin);
}

VcTlsPinned *
vc_tls_pinned_new (const char *host, const char *protocol, const guint8 *print, int fd, GError **error)
{
  const gnutls_datum_t alpn = { (guchar *) protocol, (unsigned) strlen (protocol) };
  g_autoptr (VcTlsPinned) self = g_new0 (VcTlsPinned, 1);
  int rc
      = gnutls_init (&self->gnutls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS);

  memcpy (self->print, print, sizeof self->print);
  if (rc >= 0)
    rc = gnutls_certificate_allocate_credentials (&self->none);
  if (rc >= 0)
    rc = gnutls_priority_set_direct (self->gnutls, PRIORITY, NULL);
  if (rc >= 0)
    rc = gnutls_credentials_set (self->gnutls, GNUTLS_CRD_CERTIFICATE, self->none);
  if (rc >= 0)
    rc = gnutls_alpn_set_protocols (self->gnutls, &alpn, 1, 0);
  if (rc >= 0 && !g_hostname_is_ip_address (host))
    rc = gnutls_server_name_set (self->gnutls, GNUTLS_NAME_DNS, host, strlen (host));
  if (rc < 0)
    return vc_fail_null (error, VC_ERROR_FAILED, "TLS cannot be set up: %s", gnutls_strerror (rc));
  gnutls_handshake_set_max_packet_length (self->gnutls, MAX_HANDSHAKE);
  gnutls_transport_set_int (self->gnutls, fd);
  return g_steal_pointer (&self);
}

static gboolean
check_peer (VcTlsPinned *self, GError **error)
{
  unsigned n = 0;
  const gnutls_datum_t *list = gnutls_certificate_get_peers (self->gnutls, &n);
  guint8 print[VC_TLS_KEY_PRINT];

  if (list == NULL || n == 0)
    return vc_fail (error, VC_ERROR_PROTOCOL, "it has shown no certificate");
  self->peer = vc_certificate_read_der (list[0].data, list[0].size, "its certificate", error);
  if (self->peer == NULL || !vc_tls_key_print (self->peer, print, error))
    return FALSE;
  return memcmp (print, self->print, sizeof print) == 0
         || vc_fail (error, VC_ERROR_DENIED, "its key is another one: this is not the server that was meant");
}

static VcTlsStep
check (VcTlsPinned *self, GError **error)
{
  gnutls_datum_t protocol;

  if (!check_peer (self, error))
    return VC_TLS_FAILED;
  if (gnutls_alpn_get_selected_protocol (self->gnutls, &protocol) >= 0)
    return VC_TLS_DONE;
  vc_fail (error, VC_ERROR_STATE, "it does not speak of that now");
  return VC_TLS_FAILED;
}

VcTlsStep
vc_tls_pinned_shake (VcTlsPinned *self, GError **error)
{
  VcTlsStep step = vc_tls_explain_shake (self->gnutls, error);

  return step == VC_TLS_DONE ? check (self, error) : step;
}

gboolean
vc_tls_pinned_channel (VcTlsPinned *self, guint8 *ret_bytes, GError **error)
{
  return vc_tls_record_channel (self->gnutls, ret_bytes, error);
}

const VcCertificate *
vc_tls_pinned_peer (const VcTlsPinned *self)
{
  return self->peer;
}

VcCertificate *
vc_tls_pinned_take_peer (VcTlsPinned *self)
{
  return g_steal_pointer (&self->peer);
}

gssize
vc_tls_pinned_read (VcTlsPinned *self, guint8 *bytes, gsize len, GError **error)
{
  return vc_tls_record_read (self->gnutls, bytes, len, error);
}

gssize
vc_tls_pinned_write (VcTlsPinned *self, const guint8 *bytes, gsize len)
{
  return vc_tls_record_write (self->gnutls, bytes, len);
}

void
vc_tls_pinned_free (VcTlsPinned *self)
{
  if (self == NULL)
    return;
  if (self->gnutls != NULL)
    {
      gnutls_bye (self->gnutls, GNUTLS_SHUT_WR);
      gnutls_deinit (self->gnutls);
    }
  if (self->none != NULL)
    gnutls_certificate_free_credentials (self->none);
  vc_certificate_free (self->peer);
  g_free (self);
}
