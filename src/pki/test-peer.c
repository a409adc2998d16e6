/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/peer.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "pki/issue.h"

/* A server of ours in a thread answers one connection, in one way each, on a port of the kernel's choice. */

static VcIssued *ca_issued, *other_issued;
static VcIssued *server, *elsewhere, *stranger, *expired, *client, *strange_client;
static gint64 now;

typedef struct
{
  const VcIssued *own; /* the server's certificate; NULL: it speaks no TLS  */
  const char *plain;   /* what it says then; NULL: nothing                  */
  gboolean wants;      /* a certificate of the client                       */
  gboolean like_qemu;  /* looks at it after the handshake, and only hangs up */
  const char *priority;
  int listener;
} Server;

static void
serve_plain (const Server *self, int fd)
{
  char bytes[64];

  if (self->plain != NULL)
    g_assert_cmpint (send (fd, self->plain, strlen (self->plain), MSG_NOSIGNAL), >, 0);
  while (recv (fd, bytes, sizeof bytes, 0) > 0)
    if (self->plain != NULL)
      break;
}

static int
verify_client (gnutls_session_t session)
{
  unsigned status = 0;

  return gnutls_certificate_verify_peers2 (session, &status) < 0 || status != 0 ? -1 : 0;
}

static void
serve_tls (const Server *self, int fd)
{
  gnutls_certificate_credentials_t credentials;
  gnutls_session_t session;
  gnutls_datum_t ca = { (guchar *) ca_issued->certificate, (unsigned) strlen (ca_issued->certificate) };
  gnutls_datum_t cert = { (guchar *) self->own->certificate, (unsigned) strlen (self->own->certificate) };
  gnutls_datum_t key = { (guchar *) self->own->key, (unsigned) strlen (self->own->key) };
  char bytes[64];
  int rc;

  gnutls_certificate_allocate_credentials (&credentials);
  gnutls_certificate_set_x509_trust_mem (credentials, &ca, GNUTLS_X509_FMT_PEM);
  g_assert_cmpint (gnutls_certificate_set_x509_key_mem (credentials, &cert, &key, GNUTLS_X509_FMT_PEM), >=,
                   0);
  gnutls_init (&session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
  if (self->priority != NULL)
    gnutls_priority_set_direct (session, self->priority, NULL);
  else
    gnutls_set_default_priority (session);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
  if (self->wants && !self->like_qemu)
    {
      gnutls_certificate_set_verify_function (credentials, verify_client);
      gnutls_certificate_server_set_request (session, GNUTLS_CERT_REQUIRE);
    }
  else if (self->wants)
    gnutls_certificate_server_set_request (session, GNUTLS_CERT_REQUEST);
  gnutls_transport_set_int (session, fd);
  do
    rc = gnutls_handshake (session);
  while (rc < 0 && !gnutls_error_is_fatal (rc));
  if (rc < 0)
    gnutls_alert_send_appropriate (session, rc);
  else if (!self->like_qemu || !self->wants || verify_client (session) == 0)
    {
      if (!self->like_qemu)
        gnutls_record_send (session, "x", 1);
      gnutls_record_recv (session, bytes, sizeof bytes);
    }
  gnutls_deinit (session);
  gnutls_certificate_free_credentials (credentials);
}

static gpointer
serve (gpointer data)
{
  const Server *self = data;
  int fd = accept (self->listener, NULL, NULL);

  if (fd < 0)
    return NULL;
  if (self->own != NULL)
    serve_tls (self, fd);
  else
    serve_plain (self, fd);
  shutdown (fd, SHUT_WR);
  close (fd);
  return NULL;
}

static char *
listen_somewhere (int *ret_fd)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &size), ==, 0);
  *ret_fd = fd;
  return g_strdup_printf ("%u", ntohs (address.sin_port));
}

static void
set (VcPkiFolder *folder, VcPkiPart part, const char *text)
{
  vc_pki_folder_set (folder, part, text, strlen (text), 0600);
}

/* What is said of the server, without "HOST:PORT: ", "|" between. */
static VcPeer *
ask (Server *self, const VcIssued *own, const char *host, guint timeout_ms, const char *want)
{
  g_autoptr (VcPkiFolder) folder = vc_pki_folder_new ("/d", VC_PKI_QEMU);
  g_autofree char *port = listen_somewhere (&self->listener);
  g_autofree char *prefix = g_strdup_printf ("%s:%s: ", host, port);
  VcPeerQuestion question
      = { .host = host, .port = port, .folder = folder, .timeout_ms = timeout_ms, .now = now };
  g_autoptr (GString) got = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("server", serve, self);
  VcPeer *peer;

  set (folder, VC_PKI_CA_CERT, ca_issued->certificate);
  if (own != NULL)
    {
      set (folder, VC_PKI_CLIENT_CERT, own->certificate);
      set (folder, VC_PKI_CLIENT_KEY, own->key);
    }
  peer = vc_peer_ask (&question, &error);
  g_assert_no_error (error);
  if (peer->session == NULL && peer->problems->len > 0)
    shutdown (self->listener, SHUT_RDWR); /* nobody may have come */
  g_thread_join (thread);
  close (self->listener);
  for (guint i = 0; i < peer->problems->len; i++)
    {
      const char *text = ((const VcPkiProblem *) peer->problems->pdata[i])->text;

      g_assert_true (g_str_has_prefix (text, prefix));
      g_string_append_printf (got, "%s%s", i > 0 ? "|" : "", text + strlen (prefix));
    }
  g_assert_cmpstr (got->str, ==, want);
  return peer;
}

static void
test_good (void)
{
  Server open = { .own = server };
  Server closed = { .own = server, .wants = TRUE };
  Server qemu = { .own = server, .wants = TRUE, .like_qemu = TRUE };
  g_autoptr (VcPeer) one G_GNUC_UNUSED = ask (&open, client, "localhost", 5000, "");
  g_autoptr (VcPeer) two G_GNUC_UNUSED = ask (&closed, client, "localhost", 5000, "");
  g_autoptr (VcPeer) three G_GNUC_UNUSED = ask (&qemu, client, "127.0.0.1", 5000, "");

  g_assert_nonnull (one->session);
  g_assert_cmpstr (((VcCertificate *) one->certificates->pdata[0])->subject, ==, "CN=localhost");
  g_assert_false (one->asks || one->given);
  g_assert_true (two->asks && two->given);
  g_assert_true (three->asks && three->given);
}

static void
test_its_certificate (void)
{
  Server self = { .own = stranger };
  g_autoptr (VcPeer) one G_GNUC_UNUSED
      = ask (&self, NULL, "localhost", 5000,
             "its certificate was signed by CA 'CN=Other', which /d/ca-cert.pem does not hold");

  self.own = elsewhere;
  g_autoptr (VcPeer) two G_GNUC_UNUSED = ask (
      &self, NULL, "localhost", 5000,
      "its certificate is not for 'localhost', but for 'CN=web.example', DNS:web.example, IP:127.0.0.1");
  g_autofree char *end = vc_pki_time_print (expired->not_after);
  g_autofree char *want = g_strdup_printf ("its certificate expired on %s", end);

  self.own = expired;
  g_autoptr (VcPeer) three G_GNUC_UNUSED = ask (&self, NULL, "localhost", 5000, want);

  self.own = client;
  g_autoptr (VcPeer) four G_GNUC_UNUSED
      = ask (&self, NULL, "localhost", 5000, "its certificate is not for a TLS server");
}

static void
test_ours (void)
{
  static const char *const priorities[] = { NULL, "NORMAL:-VERS-TLS1.3" };
  Server qemu = { .own = server, .wants = TRUE, .like_qemu = TRUE };
  Server self = { .own = server, .wants = TRUE };
  g_autoptr (VcPeer) three G_GNUC_UNUSED = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      qemu.priority = priorities[i];
      g_autoptr (VcPeer) one G_GNUC_UNUSED = ask (
          &qemu, NULL, "localhost", 5000, "it wants a certificate, and there is no /d/client-cert.pem");
      /* A client shows no certificate of a CA the server does not name. */
      g_autoptr (VcPeer) two G_GNUC_UNUSED
          = ask (&qemu, strange_client, "localhost", 5000,
                 "it wants a certificate of another CA than that of /d/client-cert.pem");
    }
  three = ask (&self, NULL, "localhost", 5000,
               "it wants a certificate and was given none (TLS alert: Certificate is required)");
}

static void
test_no_tls (void)
{
  Server talks = { .plain = "220 mail.example ready, and some more words\r\n" };
  Server listens = { 0 };
  g_autoptr (VcPeer) one G_GNUC_UNUSED
      = ask (&talks, NULL, "localhost", 5000, "it does not speak TLS: what it sends is plain text");
  g_autoptr (VcPeer) two G_GNUC_UNUSED
      = ask (&listens, NULL, "localhost", 1000,
             "no answer to TLS within 1 seconds: it may not speak TLS, or be busy with another connection");

  g_assert_null (one->session);
}

static void
test_nobody (void)
{
  g_autoptr (VcPkiFolder) folder = vc_pki_folder_new ("/d", VC_PKI_QEMU);
  int fd;
  g_autofree char *port = listen_somewhere (&fd);
  VcPeerQuestion question
      = { .host = "127.0.0.1", .port = port, .folder = folder, .timeout_ms = 5000, .now = now };
  g_autofree char *want = g_strdup_printf ("127.0.0.1:%s: nobody listens there", port);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcPeer) peer = NULL;

  close (fd);
  g_assert_null (vc_peer_ask (&question, &error));
  g_assert_cmpstr (error->message, ==, "/d/ca-cert.pem: No such file or directory");
  g_clear_error (&error);
  set (folder, VC_PKI_CA_CERT, ca_issued->certificate);
  peer = vc_peer_ask (&question, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (((VcPkiProblem *) peer->problems->pdata[0])->text, ==, want);
}

static void
test_address (void)
{
  static const struct
  {
    const char *text, *host, *port;
  } rows[] = {
    { "web:1", "web", "1" },
    { "[::1]:16514", "::1", "16514" },
    { "a.b:https", "a.b", "https" },
    { "web", NULL, NULL },
    { ":1", NULL, NULL },
    { "web:", NULL, NULL },
    { "::1:5", NULL, NULL },
    { "[::1]5", NULL, NULL },
    { "[::1", NULL, NULL },
    { "web:99999", NULL, NULL },
    { "web:0", NULL, NULL },
    { "", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *host = NULL;
      g_autofree char *port = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (vc_peer_read_address (rows[i].text, &host, &port, &error), ==, rows[i].host != NULL);
      g_assert_cmpstr (host, ==, rows[i].host);
      g_assert_cmpstr (port, ==, rows[i].port);
      g_assert_cmpint (error == NULL, ==, rows[i].host != NULL);
    }
}

static VcIssued *
issue (const VcIssued *by, VcPkiEnd end, const char *name, gint64 at, guint days)
{
  char *const names[] = { (char *) name, (char *) "127.0.0.1", NULL };
  g_autoptr (GPtrArray) cas
      = vc_certificates_read_text (by->certificate, strlen (by->certificate), "ca", NULL);
  g_autoptr (VcKey) key = vc_key_read_text (by->key, strlen (by->key), NULL, "k", NULL);
  VcIssued *issued = vc_issue (cas->pdata[0], key, end, names, VC_KEY_EC, days, at, NULL);

  g_assert_nonnull (issued);
  return issued;
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  now = g_get_real_time () / G_USEC_PER_SEC;
  ca_issued = vc_issue_ca ("CA", VC_KEY_EC, 100, now - 24 * 3600 * 10, NULL);
  other_issued = vc_issue_ca ("Other", VC_KEY_EC, 100, now, NULL);
  server = issue (ca_issued, VC_PKI_SERVER, "localhost", now, 50);
  elsewhere = issue (ca_issued, VC_PKI_SERVER, "web.example", now, 50);
  stranger = issue (other_issued, VC_PKI_SERVER, "localhost", now, 50);
  expired = issue (ca_issued, VC_PKI_SERVER, "localhost", now - 24 * 3600 * 5, 2);
  client = issue (ca_issued, VC_PKI_CLIENT, "localhost", now, 50);
  strange_client = issue (other_issued, VC_PKI_CLIENT, "localhost", now, 50);
  g_test_add_func ("/peer/good", test_good);
  g_test_add_func ("/peer/its-certificate", test_its_certificate);
  g_test_add_func ("/peer/ours", test_ours);
  g_test_add_func ("/peer/no-tls", test_no_tls);
  g_test_add_func ("/peer/nobody", test_nobody);
  g_test_add_func ("/peer/address", test_address);
  status = g_test_run ();
  vc_issued_free (ca_issued);
  vc_issued_free (other_issued);
  vc_issued_free (server);
  vc_issued_free (elsewhere);
  vc_issued_free (stranger);
  vc_issued_free (expired);
  vc_issued_free (client);
  vc_issued_free (strange_client);
  return status;
}
