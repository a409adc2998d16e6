/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/session.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/error.h"
#include "pki/crl.h"
#include "pki/record.h"

/* How this works
 *
 * A certificate is asked for and not demanded by TLS itself: the handshake ends without one, or with a bad
 * one, and then the client can be told what is wrong with it.  Whom we trust is not told: a client whose
 * certificate is of another CA would keep it back, and nobody would know why it shows none.
 */

#define MAX_HANDSHAKE 65536u /* bytes of a message of the handshake, a chain of certificates say */
#define DAY           (24 * 3600)

struct VcTlsSession
{
  gnutls_session_t gnutls;
  VcCredential *credential;
  VcCertificate *peer;
  gboolean is_nameless;             /* what it showed counts for nothing */
  gnutls_alert_description_t alert; /* for a client that is refused      */
};

VcTlsSession *
vc_tls_session_new (VcCredential *credential, int fd, GError **error)
{
  static const gnutls_datum_t alpn = { (guchar *) VC_TLS_ALPN, sizeof VC_TLS_ALPN - 1 };
  g_autoptr (VcTlsSession) self = g_new0 (VcTlsSession, 1);
  int rc
      = gnutls_init (&self->gnutls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS);

  self->credential = vc_credential_ref (credential);
  if (rc >= 0)
    rc = gnutls_priority_set (self->gnutls, vc_credential_priority (credential));
  if (rc >= 0)
    rc = gnutls_credentials_set (self->gnutls, GNUTLS_CRD_CERTIFICATE, vc_credential_gnutls (credential));
  if (rc >= 0)
    rc = gnutls_alpn_set_protocols (self->gnutls, &alpn, 1, 0);
  if (rc < 0)
    return vc_fail_null (error, VC_ERROR_FAILED, "TLS cannot be set up: %s", gnutls_strerror (rc));
  gnutls_certificate_server_set_request (self->gnutls, GNUTLS_CERT_REQUEST);
  gnutls_certificate_send_x509_rdn_sequence (self->gnutls, 1);
  gnutls_handshake_set_max_packet_length (self->gnutls, MAX_HANDSHAKE);
  gnutls_transport_set_int (self->gnutls, fd);
  self->alert = GNUTLS_A_ACCESS_DENIED;
  return g_steal_pointer (&self);
}

gboolean
vc_tls_session_offer_join (VcTlsSession *self, GError **error)
{
  static const gnutls_datum_t both[] = { { (guchar *) VC_TLS_ALPN, sizeof VC_TLS_ALPN - 1 },
                                         { (guchar *) VC_TLS_JOIN, sizeof VC_TLS_JOIN - 1 } };

  return gnutls_alpn_set_protocols (self->gnutls, both, G_N_ELEMENTS (both), 0) >= 0
         || vc_fail (error, VC_ERROR_FAILED, "TLS cannot be set up");
}

gboolean
vc_tls_session_is_join (const VcTlsSession *self)
{
  gnutls_datum_t chosen;

  return gnutls_alpn_get_selected_protocol (self->gnutls, &chosen) >= 0
         && chosen.size == sizeof VC_TLS_JOIN - 1 && memcmp (chosen.data, VC_TLS_JOIN, chosen.size) == 0;
}

gboolean
vc_tls_session_channel (VcTlsSession *self, guint8 *ret_bytes, GError **error)
{
  return vc_tls_record_channel (self->gnutls, ret_bytes, error);
}

static VcTlsStep
fail_handshake (VcTlsSession *self, int rc, GError **error)
{
  if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
    {
      const char *alert = gnutls_alert_get_name (gnutls_alert_get (self->gnutls));

      vc_fail (error, VC_ERROR_PROTOCOL, "it ended the handshake: %s", alert != NULL ? alert : "no reason");
      return VC_TLS_FAILED;
    }
  gnutls_alert_send_appropriate (self->gnutls, rc);
  if (rc == GNUTLS_E_UNSUPPORTED_VERSION_PACKET)
    vc_fail (error, VC_ERROR_PROTOCOL, "it speaks neither TLS 1.2 nor TLS 1.3");
  else if (rc == GNUTLS_E_PREMATURE_TERMINATION || rc == GNUTLS_E_PULL_ERROR || rc == GNUTLS_E_PUSH_ERROR)
    vc_fail (error, VC_ERROR_GONE, "it hung up in the handshake");
  else
    vc_fail (error, VC_ERROR_PROTOCOL, "the handshake failed: %s", gnutls_strerror (rc));
  return VC_TLS_FAILED;
}

VcTlsStep
vc_tls_session_shake (VcTlsSession *self, GError **error)
{
  int rc;
  VcTlsStep step = vc_tls_record_shake (self->gnutls, &rc);

  return step != VC_TLS_FAILED ? step : fail_handshake (self, rc, error);
}

/* Its own certificate, as it was shown.  NULL without error: none. */
static VcCertificate *
read_peer (const VcTlsSession *self, guint at, GError **error)
{
  unsigned n = 0;
  const gnutls_datum_t *list = gnutls_certificate_get_peers (self->gnutls, &n);

  if (list == NULL || at >= n)
    return NULL;
  return vc_certificate_read_der (list[at].data, list[at].size, "the client certificate", error);
}

static gboolean G_GNUC_PRINTF (4, 5)
    refuse (VcTlsSession *self, gnutls_alert_description_t alert, GError **error, const char *fmt, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  self->alert = alert;
  return vc_fail (error, VC_ERROR_DENIED, "the client certificate %s%s%s",
                  self->peer != NULL ? self->peer->subject : "",
                  self->peer != NULL && *self->peer->subject != '\0' ? " " : "", words);
}

static gboolean
check_dates (VcTlsSession *self, gint64 now, GError **error)
{
  gint64 days = (now - self->peer->not_after) / DAY;
  g_autofree char *begin = vc_pki_time_print (self->peer->not_before);

  if (now < self->peer->not_before)
    return refuse (self, GNUTLS_A_CERTIFICATE_EXPIRED, error, "is not valid before %s", begin);
  if (now <= self->peer->not_after)
    return TRUE;
  if (days == 0)
    return refuse (self, GNUTLS_A_CERTIFICATE_EXPIRED, error, "expired less than a day ago");
  return refuse (self, GNUTLS_A_CERTIFICATE_EXPIRED, error, "expired %" G_GINT64_FORMAT " day%s ago", days,
                 days == 1 ? "" : "s");
}

static gboolean
fail_weak (VcTlsSession *self, GError **error)
{
  return refuse (self, GNUTLS_A_BAD_CERTIFICATE, error, "is weak: its key is %s, signed with %s",
                 self->peer->key, self->peer->signature);
}

/* GnuTLS' verdict on all of the chain. */
static gboolean
check_trust (VcTlsSession *self, gint64 now, GError **error)
{
  const VcCertificate *peer = self->peer;
  unsigned status = 0;

  if (gnutls_certificate_verify_peers2 (self->gnutls, &status) < 0)
    return refuse (self, GNUTLS_A_BAD_CERTIFICATE, error, "cannot be verified");
  if ((status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_NOT_CA))
      != 0)
    return refuse (self, GNUTLS_A_UNKNOWN_CA, error, "was signed by '%s', which is not trusted here",
                   peer->issuer);
  if ((status & GNUTLS_CERT_REVOKED) != 0)
    return refuse (self, GNUTLS_A_CERTIFICATE_REVOKED, error, "was revoked");
  if (vc_credential_has_old_crl (self->credential, now))
    return refuse (self, GNUTLS_A_CERTIFICATE_UNKNOWN, error,
                   "cannot be checked: the list of revoked ones is out of date");
  if ((status & GNUTLS_CERT_INSECURE_ALGORITHM) != 0)
    return fail_weak (self, error);
  if ((status & (GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED)) != 0)
    return refuse (self, GNUTLS_A_CERTIFICATE_EXPIRED, error, "was signed by '%s', which is not valid now",
                   peer->issuer);
  return status == 0 || refuse (self, GNUTLS_A_BAD_CERTIFICATE, error, "cannot be trusted");
}

/* A key of RSA that may encipher and not sign is of no use here: every client signs. */
static gboolean
check_use (VcTlsSession *self, GError **error)
{
  if (self->peer->is_weak_key || self->peer->is_weak_signature)
    return fail_weak (self, error);
  if (self->peer->is_ca)
    return refuse (self, GNUTLS_A_UNSUPPORTED_CERTIFICATE, error, "is that of a CA");
  if (!self->peer->may_connect)
    return refuse (self, GNUTLS_A_UNSUPPORTED_CERTIFICATE, error, "is not for a TLS client");
  if (!self->peer->may_sign)
    return refuse (self, GNUTLS_A_UNSUPPORTED_CERTIFICATE, error,
                   "has a key usage without digital signature");
  return TRUE;
}

/* The name as virt-pki-query-dn prints it, which is not quite RFC 4514's. */
static char *
print_libvirt_name (const VcCertificate *peer)
{
  size_t size = 0;
  g_autofree char *name = NULL;

  if (gnutls_x509_crt_get_dn (peer->crt, NULL, &size) != GNUTLS_E_SHORT_MEMORY_BUFFER)
    return g_strdup ("");
  name = g_malloc0 (size + 1);
  if (gnutls_x509_crt_get_dn (peer->crt, name, &size) < 0)
    return g_strdup ("");
  return g_utf8_make_valid (name, -1);
}

static gboolean
check_name (VcTlsSession *self, char *const *allowed, GError **error)
{
  g_autofree char *name = print_libvirt_name (self->peer);

  for (; allowed != NULL && *allowed != NULL; allowed++)
    if (g_pattern_match_simple (*allowed, name) || g_pattern_match_simple (*allowed, self->peer->subject))
      return TRUE;
  return allowed == NULL || refuse (self, GNUTLS_A_ACCESS_DENIED, error, "is not on tls_allowed_dn_list");
}

gboolean
vc_tls_session_check (VcTlsSession *self, char *const *allowed, gint64 now, GError **error)
{
  g_autoptr (GError) why = NULL;

  self->peer = read_peer (self, 0, &why);
  if (why != NULL)
    return refuse (self, GNUTLS_A_BAD_CERTIFICATE, error, "cannot be read");
  if (self->peer == NULL)
    {
      self->alert = GNUTLS_A_CERTIFICATE_REQUIRED;
      return vc_fail (error, VC_ERROR_DENIED, "no client certificate was sent and this server requires one");
    }
  return check_dates (self, now, error) && check_trust (self, now, error) && check_use (self, error)
         && check_name (self, allowed, error);
}

const VcCertificate *
vc_tls_session_peer (const VcTlsSession *self)
{
  return self->peer;
}

void
vc_tls_session_forget (VcTlsSession *self)
{
  g_clear_pointer (&self->peer, vc_certificate_free);
  self->is_nameless = TRUE;
}

guint
vc_tls_session_bits (const VcTlsSession *self)
{
  return (guint) gnutls_cipher_get_key_size (gnutls_cipher_get (self->gnutls)) * 8;
}

char *
vc_tls_session_print (const VcTlsSession *self)
{
  char *text = gnutls_session_get_desc (self->gnutls);
  char *copy = g_strdup (text);

  gnutls_free (text);
  return copy;
}

gboolean
vc_tls_session_confirm (VcTlsSession *self)
{
  const guint8 byte = VC_TLS_CONFIRM;

  g_clear_pointer (&self->peer, vc_certificate_free); /* GnuTLS keeps its bytes */
  return gnutls_record_send (self->gnutls, &byte, 1) == 1;
}

void
vc_tls_session_refuse (VcTlsSession *self, const GError *why)
{
  gnutls_datum_t protocol;

  if (gnutls_alpn_get_selected_protocol (self->gnutls, &protocol) < 0)
    {
      gnutls_alert_send (self->gnutls, GNUTLS_AL_FATAL, self->alert);
      return;
    }
  gnutls_record_send (self->gnutls, why->message, strlen (why->message));
  vc_tls_session_end (self);
}

/* All that it has shown.  NULL with error: one of them cannot be read. */
static GPtrArray *
read_chain (const VcTlsSession *self, GError **error)
{
  g_autoptr (GPtrArray) chain = g_ptr_array_new_with_free_func ((GDestroyNotify) vc_certificate_free);
  unsigned n = 0;

  gnutls_certificate_get_peers (self->gnutls, &n);
  for (guint i = 0; i < n; i++)
    {
      VcCertificate *one = read_peer (self, i, error);

      if (one == NULL)
        return NULL;
      g_ptr_array_add (chain, one);
    }
  return g_steal_pointer (&chain);
}

static gboolean G_GNUC_PRINTF (3, 4)
    fail_again (const VcTlsSession *self, GError **error, const char *fmt, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  if (self->peer == NULL)
    return vc_fail (error, VC_ERROR_DENIED, "its certificate %s", words);
  return vc_fail (error, VC_ERROR_DENIED, "the client certificate %s %s", self->peer->subject, words);
}

gboolean
vc_tls_session_check_again (const VcTlsSession *self, const VcCredential *now_valid, GError **error)
{
  gboolean has_same_cas = vc_credential_has_same_cas (self->credential, now_valid);
  g_autoptr (GPtrArray) chain = NULL;

  if (self->is_nameless || (has_same_cas && vc_credential_has_same_crls (self->credential, now_valid)))
    return TRUE; /* nothing has changed since it was checked */
  chain = read_chain (self, NULL);
  if (chain == NULL || chain->len == 0)
    return fail_again (self, error, "cannot be read");
  for (guint i = 0; i < chain->len; i++)
    if (vc_credential_revokes (now_valid, chain->pdata[i]))
      return fail_again (self, error, "was revoked");
  return has_same_cas || vc_credential_trusts (now_valid, chain)
         || fail_again (self, error, "was signed by '%s', which is not trusted here any more",
                        ((const VcCertificate *) chain->pdata[0])->issuer);
}

static gboolean
is_on (const GPtrArray *crls, const VcCertificate *certificate)
{
  for (guint i = 0; i < crls->len; i++)
    if (vc_crl_has (crls->pdata[i], certificate))
      return TRUE;
  return FALSE;
}

gboolean
vc_tls_session_check_crls (const VcTlsSession *self, const GPtrArray *crls, GError **error)
{
  g_autoptr (GPtrArray) chain = NULL;

  if (self->is_nameless)
    return TRUE;
  chain = read_chain (self, NULL);
  if (chain == NULL || chain->len == 0)
    return fail_again (self, error, "cannot be read");
  for (guint i = 0; i < chain->len; i++)
    if (is_on (crls, chain->pdata[i]))
      return fail_again (self, error, "was revoked");
  return TRUE;
}

gssize
vc_tls_session_read (VcTlsSession *self, guint8 *bytes, gsize len, GError **error)
{
  return vc_tls_record_read (self->gnutls, bytes, len, error);
}

gssize
vc_tls_session_write (VcTlsSession *self, const guint8 *bytes, gsize len)
{
  return vc_tls_record_write (self->gnutls, bytes, len);
}

void
vc_tls_session_end (VcTlsSession *self)
{
  gnutls_bye (self->gnutls, GNUTLS_SHUT_WR);
}

void
vc_tls_session_free (VcTlsSession *self)
{
  if (self == NULL)
    return;
  if (self->gnutls != NULL)
    gnutls_deinit (self->gnutls);
  vc_credential_unref (self->credential);
  vc_certificate_free (self->peer);
  g_free (self);
}
