/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/peer.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "pki/crl.h"
#include "pki/explain.h"

/* How this works
 *
 * The handshake itself verifies nothing, so that it ends also with a bad certificate and everything that is
 * wrong with it can be said.  In TLS 1.3 a client is done before the server has looked at its certificate,
 * and QEMU looks at it only after any handshake: a refusal comes as an alert or an end of the connection a
 * moment later, and that moment is waited for.
 */

typedef struct
{
  const VcPeerQuestion *question;
  VcPeer *peer;
  char *where; /* "HOST:PORT" */
  gint64 deadline;
  int fd;
  gnutls_certificate_credentials_t credentials;
  gnutls_session_t session;
  GPtrArray *cas;  /* VcCertificate */
  GPtrArray *crls; /* VcCrl, or NULL */
} Ask;

static void
ask_clear (Ask *ask)
{
  if (ask->session != NULL)
    gnutls_deinit (ask->session);
  if (ask->credentials != NULL)
    gnutls_certificate_free_credentials (ask->credentials);
  if (ask->fd >= 0)
    close (ask->fd);
  g_clear_pointer (&ask->cas, g_ptr_array_unref);
  g_clear_pointer (&ask->crls, g_ptr_array_unref);
  g_free (ask->where);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ask, ask_clear)

static gboolean G_GNUC_PRINTF (3, 4) say (Ask *ask, int code, const char *fmt, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  vc_pki_problem_add (ask->peer->problems, FALSE, code, ask->where, "%s", words);
  return FALSE;
}

gboolean
vc_peer_read_address (const char *text, char **ret_host, char **ret_port, GError **error)
{
  const char *end = *text == '[' ? strchr (text, ']') : strrchr (text, ':');
  const char *colon = end != NULL && *text == '[' ? end + 1 : end;
  const char *begin = *text == '[' ? text + 1 : text;
  guint64 port;

  if (end == NULL || *colon != ':' || end == begin || colon[1] == '\0')
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is not HOST:PORT", text);
  if (*text != '[' && memchr (text, ':', (gsize) (end - text)) != NULL)
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is not HOST:PORT: an IPv6 address stands in brackets",
                    text);
  if (g_ascii_isdigit (colon[1]) && !g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, &port, NULL))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is not the number of a port", colon + 1);
  *ret_host = g_strndup (begin, (gsize) (end - begin));
  *ret_port = g_strdup (colon + 1);
  return TRUE;
}

static int
left_ms (gint64 deadline)
{
  gint64 left = (deadline - g_get_monotonic_time () + 999) / 1000;

  return (int) CLAMP (left, 0, G_MAXINT);
}

/* Returns: FALSE when the time is up. */
static gboolean
wait_for (int fd, short events, gint64 deadline)
{
  for (;;)
    {
      struct pollfd p = { .fd = fd, .events = events };
      int ready = poll (&p, 1, left_ms (deadline));

      if (ready > 0)
        return TRUE;
      if (ready == 0 || errno != EINTR)
        return FALSE;
    }
}

/* Returns: 0, or the number of the system error. */
static int
connect_to (Ask *ask, const struct addrinfo *to)
{
  int errsv = 0;
  socklen_t size = sizeof errsv;
  int fd = socket (to->ai_family, to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->ai_protocol);

  if (fd < 0)
    return errno;
  if (connect (fd, to->ai_addr, to->ai_addrlen) < 0)
    errsv = errno;
  if (errsv == EINPROGRESS)
    {
      errsv = 0;
      if (!wait_for (fd, POLLOUT, ask->deadline))
        errsv = ETIMEDOUT;
      else if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &errsv, &size) < 0)
        errsv = errno;
    }
  if (errsv == 0)
    ask->fd = fd;
  else
    close (fd);
  return errsv;
}

/* Returns: FALSE with error; or TRUE, and then fd is open or a problem says why not. */
static gboolean
connect_any (Ask *ask, GError **error)
{
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  struct addrinfo *list = NULL;
  int rc = getaddrinfo (ask->question->host, ask->question->port, &hints, &list);
  int errsv = ETIMEDOUT;

  if (rc != 0)
    return vc_fail (error, VC_ERROR_NOT_FOUND, "%s: the address cannot be found: %s", ask->where,
                    rc == EAI_SYSTEM ? g_strerror (errno) : gai_strerror (rc));
  for (const struct addrinfo *at = list; at != NULL && ask->fd < 0; at = at->ai_next)
    errsv = connect_to (ask, at);
  freeaddrinfo (list);
  if (ask->fd >= 0)
    return TRUE;
  if (errsv == ECONNREFUSED)
    say (ask, VC_ERROR_GONE, "nobody listens there");
  else if (errsv == ETIMEDOUT)
    say (ask, VC_ERROR_GONE, "no answer within %u seconds", ask->question->timeout_ms / 1000);
  else
    say (ask, VC_ERROR_FAILED, "cannot connect: %s", g_strerror (errsv));
  return TRUE;
}

static gboolean
fail_gnutls (GError **error, int rc)
{
  return vc_fail (error, VC_ERROR_FAILED, "TLS cannot be set up: %s", gnutls_strerror (rc));
}

/* Our own certificate, where the folder has one. */
static gboolean
set_own (Ask *ask, GError **error)
{
  const VcPkiFile *cert = &ask->question->folder->files[VC_PKI_CLIENT_CERT];
  const VcPkiFile *key = &ask->question->folder->files[VC_PKI_CLIENT_KEY];
  const gnutls_datum_t cert_pem = { .data = (guchar *) cert->bytes, .size = (unsigned) cert->len };
  const gnutls_datum_t key_pem = { .data = (guchar *) key->bytes, .size = (unsigned) key->len };
  int rc;

  if (cert->bytes == NULL || key->bytes == NULL)
    return TRUE;
  rc = gnutls_certificate_set_x509_key_mem2 (ask->credentials, &cert_pem, &key_pem, GNUTLS_X509_FMT_PEM,
                                             ask->question->passphrase, 0);
  return rc >= 0
         || vc_fail (error, VC_ERROR_INVALID, "%s: the certificate and its key cannot be used: %s",
                     cert->path, gnutls_strerror (rc));
}

static gboolean
read_trust (Ask *ask, GError **error)
{
  const VcPkiFile *ca = &ask->question->folder->files[VC_PKI_CA_CERT];
  const VcPkiFile *crl = &ask->question->folder->files[VC_PKI_CA_CRL];

  if (ca->bytes == NULL)
    return vc_fail_errno (error, ca->errsv, "%s", ca->path);
  ask->cas = vc_certificates_read_text (ca->bytes, ca->len, ca->path, error);
  if (ask->cas == NULL)
    return FALSE;
  if (crl->bytes != NULL)
    ask->crls = vc_crls_read_text (crl->bytes, crl->len, crl->path, error);
  return crl->bytes == NULL || ask->crls != NULL;
}

static gboolean
set_up (Ask *ask, GError **error)
{
  const char *host = ask->question->host;
  int rc;

  if (!read_trust (ask, error))
    return FALSE;
  rc = gnutls_certificate_allocate_credentials (&ask->credentials);
  if (rc < 0)
    return fail_gnutls (error, rc);
  if (!set_own (ask, error))
    return FALSE;
  rc = gnutls_init (&ask->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  if (rc >= 0)
    rc = gnutls_set_default_priority (ask->session);
  if (rc >= 0)
    rc = gnutls_credentials_set (ask->session, GNUTLS_CRD_CERTIFICATE, ask->credentials);
  if (rc >= 0 && !g_hostname_is_ip_address (host))
    rc = gnutls_server_name_set (ask->session, GNUTLS_NAME_DNS, host, strlen (host));
  return rc >= 0 || fail_gnutls (error, rc);
}

/* Takes the error.  Returns: FALSE, always. */
static gboolean
say_error (Ask *ask, GError *error_taken)
{
  say (ask, error_taken->code, "%s", error_taken->message);
  g_error_free (error_taken);
  return FALSE;
}

static gboolean
shake_hands (Ask *ask)
{
  gnutls_transport_set_int (ask->session, ask->fd);
  for (;;)
    {
      int rc = gnutls_handshake (ask->session);

      if (rc >= 0)
        return TRUE;
      if (rc != GNUTLS_E_AGAIN && gnutls_error_is_fatal (rc))
        {
          GError *error = NULL;

          vc_tls_explain_handshake (ask->session, rc, &error);
          return say_error (ask, error);
        }
      if (rc == GNUTLS_E_AGAIN
          && !wait_for (ask->fd, gnutls_record_get_direction (ask->session) == 0 ? POLLIN : POLLOUT,
                        ask->deadline))
        return say (
            ask, VC_ERROR_GONE,
            "no answer to TLS within %u seconds: it may not speak TLS, or be busy with another connection",
            ask->question->timeout_ms / 1000);
    }
}

static void
read_peer (Ask *ask)
{
  VcPeer *peer = ask->peer;
  unsigned n = 0;
  const gnutls_datum_t *list = gnutls_certificate_get_peers (ask->session, &n);
  char *words = gnutls_session_get_desc (ask->session);

  peer->session = g_strdup (words);
  gnutls_free (words);
  peer->asks = gnutls_certificate_client_get_request_status (ask->session) != 0;
  peer->given = gnutls_certificate_get_ours (ask->session) != NULL;
  for (unsigned i = 0; list != NULL && i < MIN (n, VC_PKI_MAX_CERTIFICATES); i++)
    {
      VcCertificate *one = vc_certificate_read_der (list[i].data, list[i].size, ask->where, NULL);

      if (one == NULL)
        {
          say (ask, VC_ERROR_PROTOCOL, "its certificate cannot be read");
          return;
        }
      if (peer->certificates == NULL)
        peer->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) vc_certificate_free);
      g_ptr_array_add (peer->certificates, one);
    }
}

static void
check_trust (Ask *ask, const GPtrArray *chain)
{
  const VcCertificate *own = chain->pdata[0];
  const char *ca_path = ask->question->folder->files[VC_PKI_CA_CERT].path;
  gnutls_x509_crt_t crts[VC_PKI_MAX_CERTIFICATES], trusted[VC_PKI_MAX_CERTIFICATES];
  unsigned status = 0;

  for (guint i = 0; i < chain->len; i++)
    crts[i] = ((VcCertificate *) chain->pdata[i])->crt;
  for (guint i = 0; i < ask->cas->len; i++)
    trusted[i] = ((VcCertificate *) ask->cas->pdata[i])->crt;
  if (gnutls_x509_crt_list_verify (
          crts, (int) chain->len, trusted, (int) ask->cas->len, NULL, 0,
          GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS, &status)
      < 0)
    status = GNUTLS_CERT_INVALID;
  if ((status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE)) != 0)
    say (ask, VC_ERROR_DENIED, "its certificate was signed by CA '%s', which %s does not hold", own->issuer,
         ca_path);
  else if ((status & GNUTLS_CERT_INSECURE_ALGORITHM) != 0)
    say (ask, VC_ERROR_DENIED, "its certificate is signed with %s or has a key (%s) that is not secure",
         own->signature, own->key);
  else if (status != 0)
    say (ask, VC_ERROR_DENIED, "its certificate does not fit CA '%s' of %s", own->issuer, ca_path);
}

static void
check_certificates (Ask *ask)
{
  const GPtrArray *chain = ask->peer->certificates;
  const VcCertificate *own = chain != NULL ? chain->pdata[0] : NULL;
  g_autofree char *begin = own != NULL ? vc_pki_time_print (own->not_before) : NULL;
  g_autofree char *end = own != NULL ? vc_pki_time_print (own->not_after) : NULL;

  if (own == NULL)
    {
      say (ask, VC_ERROR_DENIED, "it has shown no certificate");
      return;
    }
  check_trust (ask, chain);
  if (ask->question->now > own->not_after)
    say (ask, VC_ERROR_DENIED, "its certificate expired on %s", end);
  if (ask->question->now < own->not_before)
    say (ask, VC_ERROR_DENIED, "its certificate is not valid before %s", begin);
  for (guint i = 0; ask->crls != NULL && i < ask->crls->len; i++)
    if (vc_crl_has (ask->crls->pdata[i], own))
      say (ask, VC_ERROR_DENIED, "its certificate was revoked by CA '%s'", own->issuer);
  if (!own->may_serve)
    say (ask, VC_ERROR_DENIED, "its certificate is not for a TLS server");
  if (!vc_certificate_has_name (own, ask->question->host))
    {
      g_autofree char *names = g_strjoinv (", ", own->names);

      say (ask, VC_ERROR_DENIED, "its certificate is not for '%s', but for '%s'%s%s", ask->question->host,
           own->subject, *names != '\0' ? ", " : "", names);
    }
}

static void
say_closed (Ask *ask)
{
  const VcPkiFile *cert = &ask->question->folder->files[VC_PKI_CLIENT_CERT];

  if (ask->peer->given)
    say (ask, VC_ERROR_DENIED,
         "it closed the connection when it had seen our certificate %s: another CA, a revoked or expired "
         "certificate, or a name that is not on its list; QEMU does not say which",
         cert->path);
  else if (ask->peer->asks && cert->bytes != NULL)
    say (ask, VC_ERROR_DENIED, "it wants a certificate of another CA than that of %s", cert->path);
  else if (ask->peer->asks)
    say (ask, VC_ERROR_DENIED, "it wants a certificate, and there is no %s", cert->path);
  else
    say (ask, VC_ERROR_GONE, "it closed the connection right after the TLS handshake");
}

/* The peer's answer to what we have shown.  That it says nothing is fine. */
static void
wait_for_verdict (Ask *ask)
{
  gint64 until = MIN (ask->deadline, g_get_monotonic_time () + VC_PEER_VERDICT_MS * 1000);
  char bytes[512];

  for (;;)
    {
      ssize_t n = gnutls_record_recv (ask->session, bytes, sizeof bytes);

      if (n > 0)
        return;
      if (n == GNUTLS_E_FATAL_ALERT_RECEIVED)
        {
          GError *error = NULL;

          vc_tls_explain_alert (ask->session, &error);
          say_error (ask, error);
          return;
        }
      if (n == 0 || (n != GNUTLS_E_AGAIN && gnutls_error_is_fatal ((int) n)))
        {
          say_closed (ask);
          return;
        }
      if (n == GNUTLS_E_AGAIN && !wait_for (ask->fd, POLLIN, until))
        return;
    }
}

VcPeer *
vc_peer_ask (const VcPeerQuestion *question, GError **error)
{
  g_autoptr (VcPeer) peer = g_new0 (VcPeer, 1);
  gboolean is_v6 = strchr (question->host, ':') != NULL;
  g_auto (Ask) ask = { .question = question,
                       .peer = peer,
                       .where = g_strdup_printf (is_v6 ? "[%s]:%s" : "%s:%s", question->host, question->port),
                       .deadline = g_get_monotonic_time () + (gint64) question->timeout_ms * 1000,
                       .fd = -1 };

  peer->problems = vc_pki_problems_new ();
  if (!set_up (&ask, error) || !connect_any (&ask, error))
    return NULL;
  if (ask.fd < 0 || !shake_hands (&ask))
    return g_steal_pointer (&peer);
  read_peer (&ask);
  check_certificates (&ask);
  wait_for_verdict (&ask);
  gnutls_bye (ask.session, GNUTLS_SHUT_WR);
  return g_steal_pointer (&peer);
}

void
vc_peer_free (VcPeer *self)
{
  if (self == NULL)
    return;
  g_free (self->session);
  g_clear_pointer (&self->certificates, g_ptr_array_unref);
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  g_free (self);
}
