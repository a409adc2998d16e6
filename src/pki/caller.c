/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/caller.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/error.h"
#include "pki/explain.h"
#include "pki/record.h"
#include "pki/text.h"

/* How this works
 *
 * The handshake itself verifies nothing: what is wrong with the server's certificate is looked at after it,
 * all of it, so that it can be said, and nothing but the certificate that every client shows has been sent
 * by then.  In TLS 1.3 a client is done before the server has looked at its certificate; libvirt's protocol
 * has a byte for that, 0x01, and a server of VC_TLS_ALPN sends a sentence where it would not send the byte.
 */

#define MAX_HANDSHAKE 65536u /* bytes of a message of the handshake, a chain of certificates say */
#define MAX_STEPS     16u    /* at a time, that are neither an end nor a wait                    */
#define MAX_SENTENCE  1024u  /* bytes of it are shown                                            */

struct VcTlsCaller
{
  gnutls_session_t gnutls;
  VcCredential *credential;
  char *host;
  GPtrArray *chain;  /* VcCertificate, its own first; NULL before the end of the handshake */
  GString *sentence; /* why it refuses us, as far as it has come */
};

VcTlsCaller *
vc_tls_caller_new (VcCredential *credential, const char *host, int fd, GError **error)
{
  static const gnutls_datum_t alpn = { (guchar *) VC_TLS_ALPN, sizeof VC_TLS_ALPN - 1 };
  g_autoptr (VcTlsCaller) self = g_new0 (VcTlsCaller, 1);
  int rc = gnutls_init (&self->gnutls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS
                                           | GNUTLS_FORCE_CLIENT_CERT);

  self->credential = vc_credential_ref (credential);
  self->host = g_strdup (host);
  self->sentence = g_string_new (NULL);
  if (rc >= 0)
    rc = gnutls_priority_set (self->gnutls, vc_credential_priority (credential));
  if (rc >= 0)
    rc = gnutls_credentials_set (self->gnutls, GNUTLS_CRD_CERTIFICATE, vc_credential_gnutls (credential));
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

static const VcCertificate *
get_peer (const VcTlsCaller *self)
{
  return self->chain->pdata[0];
}

static VcTlsStep
read_peer (VcTlsCaller *self, GError **error)
{
  unsigned n = 0;
  const gnutls_datum_t *list = gnutls_certificate_get_peers (self->gnutls, &n);
  g_autoptr (GPtrArray) chain = NULL;

  if (list == NULL || n == 0)
    {
      vc_fail (error, VC_ERROR_PROTOCOL, "it has shown no certificate");
      return VC_TLS_FAILED;
    }
  chain = g_ptr_array_new_with_free_func ((GDestroyNotify) vc_certificate_free);
  for (unsigned i = 0; i < MIN (n, VC_PKI_MAX_CERTIFICATES); i++)
    {
      VcCertificate *one = vc_certificate_read_der (list[i].data, list[i].size, "its certificate", error);

      if (one == NULL)
        return VC_TLS_FAILED;
      g_ptr_array_add (chain, one);
    }
  self->chain = g_steal_pointer (&chain);
  return VC_TLS_DONE;
}

VcTlsStep
vc_tls_caller_shake (VcTlsCaller *self, GError **error)
{
  VcTlsStep step = vc_tls_explain_shake (self->gnutls, error);

  return step == VC_TLS_DONE ? read_peer (self, error) : step;
}

/* Its certificate */

static void
flaw_free (gpointer data)
{
  VcTlsFlaw *flaw = data;

  g_free (flaw->words);
  g_free (flaw);
}

GPtrArray *
vc_tls_flaws_new (void)
{
  return g_ptr_array_new_with_free_func (flaw_free);
}

void
vc_tls_flaws_add (GPtrArray *flaws, guint faults, const char *fmt, ...)
{
  VcTlsFlaw *flaw = g_new0 (VcTlsFlaw, 1);
  va_list args;

  va_start (args, fmt);
  flaw->faults = faults;
  flaw->words = g_strdup_vprintf (fmt, args);
  va_end (args);
  g_ptr_array_add (flaws, flaw);
}

guint
vc_tls_flaws_sum (const GPtrArray *flaws)
{
  guint sum = 0;

  for (guint i = 0; i < flaws->len; i++)
    sum |= ((const VcTlsFlaw *) flaws->pdata[i])->faults;
  return sum;
}

static void
check_dates (const VcCertificate *peer, gint64 now, GPtrArray *flaws)
{
  g_autofree char *begin = vc_pki_time_print (peer->not_before);
  g_autofree char *end = vc_pki_time_print (peer->not_after);

  if (now < peer->not_before)
    vc_tls_flaws_add (flaws, VC_TLS_NOT_YET_VALID, "its certificate is not valid before %s", begin);
  if (now > peer->not_after)
    vc_tls_flaws_add (flaws, VC_TLS_EXPIRED, "its certificate expired on %s", end);
}

static void
check_issuer (const VcTlsCaller *self, unsigned status, GPtrArray *flaws)
{
  const unsigned unknown
      = GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_NOT_CA;
  const VcCertificate *peer = get_peer (self);
  const char *missing = vc_credential_missing_ca (self->credential);

  if ((status & unknown) == 0)
    return;
  if (strcmp (peer->issuer, peer->subject) == 0)
    vc_tls_flaws_add (flaws, VC_TLS_UNKNOWN_ISSUER | VC_TLS_SELF_SIGNED,
                      "its certificate '%s' is signed by itself and not one of those trusted here",
                      peer->subject);
  else if (missing != NULL)
    vc_tls_flaws_add (
        flaws, VC_TLS_UNKNOWN_ISSUER,
        "its certificate was signed by CA '%s', and there is no certificate of a CA to check it "
        "with: %s",
        peer->issuer, missing);
  else
    vc_tls_flaws_add (flaws, VC_TLS_UNKNOWN_ISSUER,
                      "its certificate was signed by CA '%s', which is not trusted here", peer->issuer);
}

/* GnuTLS' verdict on all of the chain. */
static void
check_trust (VcTlsCaller *self, gint64 now, GPtrArray *flaws)
{
  const unsigned dates = GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED;
  const VcCertificate *peer = get_peer (self);
  unsigned status = 0;

  if (gnutls_certificate_verify_peers2 (self->gnutls, &status) < 0)
    {
      vc_tls_flaws_add (flaws, VC_TLS_OTHER, "its certificate cannot be verified");
      return;
    }
  check_issuer (self, status, flaws);
  if ((status & GNUTLS_CERT_REVOKED) != 0)
    vc_tls_flaws_add (flaws, VC_TLS_REVOKED, "its certificate was revoked by CA '%s'", peer->issuer);
  if (vc_credential_has_old_crl (self->credential, now))
    vc_tls_flaws_add (flaws, VC_TLS_UNKNOWN_REVOKED,
                      "its certificate cannot be checked: the list of revoked ones is out of date");
  if ((status & GNUTLS_CERT_INSECURE_ALGORITHM) != 0 || peer->is_weak_key || peer->is_weak_signature)
    vc_tls_flaws_add (flaws, VC_TLS_WEAK, "its certificate is weak: its key is %s, signed with %s", peer->key,
                      peer->signature);
  if ((status & dates) != 0 && (vc_tls_flaws_sum (flaws) & (VC_TLS_EXPIRED | VC_TLS_NOT_YET_VALID)) == 0)
    vc_tls_flaws_add (flaws, VC_TLS_EXPIRED, "its certificate was signed by CA '%s', which is not valid now",
                      peer->issuer);
  if (status != 0 && vc_tls_flaws_sum (flaws) == 0)
    vc_tls_flaws_add (flaws, VC_TLS_OTHER, "its certificate cannot be trusted");
}

static void
check_use (const VcTlsCaller *self, GPtrArray *flaws)
{
  const VcCertificate *peer = get_peer (self);

  if (peer->is_ca && (vc_tls_flaws_sum (flaws) & VC_TLS_SELF_SIGNED) == 0)
    vc_tls_flaws_add (flaws, VC_TLS_WRONG_PURPOSE, "its certificate is that of a CA");
  else if (!peer->may_serve)
    vc_tls_flaws_add (flaws, VC_TLS_WRONG_PURPOSE, "its certificate is not for a TLS server");
  if (!vc_certificate_has_name (peer, self->host))
    {
      g_autofree char *names = g_strjoinv (", ", peer->names);

      vc_tls_flaws_add (flaws, VC_TLS_WRONG_NAME, "its certificate is not for '%s', but for '%s'%s%s",
                        self->host, peer->subject, *names != '\0' ? ", " : "", names);
    }
}

void
vc_tls_caller_check (VcTlsCaller *self, gint64 now, GPtrArray *flaws)
{
  check_dates (get_peer (self), now, flaws);
  check_trust (self, now, flaws);
  check_use (self, flaws);
}

char *
vc_tls_caller_print (const VcTlsCaller *self)
{
  char *words = gnutls_session_get_desc (self->gnutls);
  char *copy = g_strdup (words);

  gnutls_free (words);
  return copy;
}

gboolean
vc_tls_caller_was_asked (const VcTlsCaller *self)
{
  return gnutls_certificate_client_get_request_status (self->gnutls) != 0;
}

GPtrArray *
vc_tls_caller_chain (const VcTlsCaller *self)
{
  return self->chain;
}

guint
vc_tls_caller_bits (const VcTlsCaller *self)
{
  return (guint) gnutls_cipher_get_key_size (gnutls_cipher_get (self->gnutls)) * 8;
}

/* Its confirmation */

/* What a stranger wrote, fit for a message. */
static VcTlsStep
fail_sentence (const VcTlsCaller *self, GError **error)
{
  g_autofree char *text = vc_pki_text (self->sentence->str, self->sentence->len);

  vc_fail (error, VC_ERROR_DENIED, "it refuses us: %s", text);
  return VC_TLS_FAILED;
}

static VcTlsStep
fail_closed (const VcTlsCaller *self, GError **error)
{
  const VcCertificate *own = vc_credential_own (self->credential);

  if (self->sentence->len > 0)
    return fail_sentence (self, error);
  if (own != NULL)
    vc_fail (error, VC_ERROR_DENIED,
             "it closed the connection when it had seen our certificate %s (%s): another CA, a revoked or "
             "expired certificate, or a name that is not on its list; only its log says which",
             own->subject, own->origin);
  else
    vc_fail (error, VC_ERROR_DENIED, "it closed the connection: we have no certificate to show to it");
  return VC_TLS_FAILED;
}

static VcTlsStep
take (VcTlsCaller *self, guint8 byte, GError **error)
{
  gboolean is_first = self->sentence->len == 0;

  if (is_first && byte == VC_TLS_CONFIRM)
    return VC_TLS_DONE;
  if (is_first && byte < ' ')
    {
      vc_fail (error, VC_ERROR_PROTOCOL, "it sent byte 0x%02x instead of libvirt's confirmation", byte);
      return VC_TLS_FAILED;
    }
  g_string_append_c (self->sentence, (char) byte);
  return self->sentence->len < MAX_SENTENCE ? VC_TLS_READ : fail_sentence (self, error);
}

VcTlsStep
vc_tls_caller_hear (VcTlsCaller *self, GError **error)
{
  for (guint i = 0; i < MAX_STEPS;)
    {
      guint8 byte;
      gssize n = gnutls_record_recv (self->gnutls, &byte, 1);
      VcTlsStep step;

      if (n == GNUTLS_E_AGAIN)
        return vc_tls_record_wait (self->gnutls);
      if (n == GNUTLS_E_FATAL_ALERT_RECEIVED)
        {
          vc_tls_explain_alert (self->gnutls, error);
          return VC_TLS_FAILED;
        }
      if (n == 0 || (n < 0 && gnutls_error_is_fatal ((int) n)))
        return fail_closed (self, error);
      step = n > 0 ? take (self, byte, error) : VC_TLS_READ;
      if (step != VC_TLS_READ)
        return step;
      if (n < 0)
        i++;
    }
  return VC_TLS_READ;
}

gssize
vc_tls_caller_read (VcTlsCaller *self, guint8 *bytes, gsize len, GError **error)
{
  return vc_tls_record_read (self->gnutls, bytes, len, error);
}

gssize
vc_tls_caller_write (VcTlsCaller *self, const guint8 *bytes, gsize len)
{
  return vc_tls_record_write (self->gnutls, bytes, len);
}

gboolean
vc_tls_caller_has_more (const VcTlsCaller *self)
{
  return gnutls_record_check_pending (self->gnutls) > 0;
}

void
vc_tls_caller_free (VcTlsCaller *self)
{
  if (self == NULL)
    return;
  if (self->gnutls != NULL)
    {
      if (self->chain != NULL)
        gnutls_bye (self->gnutls, GNUTLS_SHUT_WR);
      gnutls_deinit (self->gnutls);
    }
  vc_credential_unref (self->credential);
  g_clear_pointer (&self->chain, g_ptr_array_unref);
  if (self->sentence != NULL)
    g_string_free (self->sentence, TRUE);
  g_free (self->host);
  g_free (self);
}
