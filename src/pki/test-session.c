/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/session.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "pki/caller.h"
#include "pki/crl.h"
#include "pki/issue.h"

/* A client of GnuTLS and our session, at the two ends of a pair of sockets and in one thread. */

#define DAY (24 * 3600)

static VcIssued *ca, *other_ca, *server, *rsa_server, *old_server;
static VcIssued *alice, *bob, *rsa_client, *stranger, *expired, *early, *revoked;
static char *crl;
static char *trusted; /* NULL: ca */
static gint64 now;

typedef struct
{
  const char *name;
  VcIssued **shows; /* NULL: no certificate                               */
  const char *priority;
  const char *allowed; /* the only pattern, or NULL                        */
  const char *error;   /* of the server                                    */
  int alert;           /* that the client hears of; 0: it is let in        */
  gboolean fails;      /* in the handshake already                         */
} Case;

static const Case cases[] = {
  { "good", &alice },
  { "tls-1.2", &alice, .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2" },
  { "tls-1.3", &alice, .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3" },
  { "rsa", &rsa_client },
  { "listed", &alice, .allowed = "CN=al?ce" },
  { "all-listed", &bob, .allowed = "*" },
  { "not-listed", &bob, .allowed = "CN=al*", "the client certificate CN=bob is not on tls_allowed_dn_list",
    GNUTLS_A_ACCESS_DENIED },
  { "none", NULL, .error = "no client certificate was sent and this server requires one",
    GNUTLS_A_CERTIFICATE_REQUIRED },
  { "other-ca", &stranger,
    .error = "the client certificate CN=stranger was signed by 'CN=other', which is not trusted here",
    GNUTLS_A_UNKNOWN_CA },
  { "expired", &expired, .error = "the client certificate CN=expired expired 3 days ago",
    GNUTLS_A_CERTIFICATE_EXPIRED },
  { "early", &early, .error = "the client certificate CN=early is not valid before *",
    GNUTLS_A_CERTIFICATE_EXPIRED },
  { "revoked", &revoked, .error = "the client certificate CN=revoked was revoked",
    GNUTLS_A_CERTIFICATE_REVOKED },
  { "server's", &server, .error = "the client certificate CN=localhost is not for a TLS client",
    GNUTLS_A_UNSUPPORTED_CERTIFICATE },
  { "old-tls", &alice, .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0",
    .error = "it speaks neither TLS 1.2 nor TLS 1.3", GNUTLS_A_PROTOCOL_VERSION, TRUE },
  { "no-key-exchange", &alice, .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA",
    .error = "the handshake failed: No supported cipher suites have been found.", GNUTLS_A_HANDSHAKE_FAILURE,
    TRUE },
  { "cbc", &alice, .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC",
    .error = "the handshake failed: No supported cipher suites have been found.", GNUTLS_A_HANDSHAKE_FAILURE,
    TRUE },
};

static char *new_crl (const VcIssued *one, gint64 next);

static void
set_part (VcPkiFolder *folder, VcPkiPart part, const char *text)
{
  if (text != NULL)
    vc_pki_folder_set (folder, part, text, strlen (text), 0600);
}

static VcCredential *
new_credential (const VcIssued *own, const char *key, GError **error)
{
  g_autoptr (VcPkiFolder) folder = vc_pki_folder_new ("F", VC_PKI_LIBVIRT);

  set_part (folder, VC_PKI_CA_CERT, trusted != NULL ? trusted : ca->certificate);
  set_part (folder, VC_PKI_CA_CRL, crl);
  set_part (folder, VC_PKI_SERVER_CERT, own->certificate);
  set_part (folder, VC_PKI_SERVER_KEY, key);
  return vc_credential_new (folder, NULL, now, NULL, error);
}

typedef struct
{
  int fd;
  gnutls_session_t gnutls;
  gnutls_certificate_credentials_t credentials;
  int rc; /* of its handshake */
} Client;

static void
client_begin (Client *client, int fd, const Case *one, gboolean is_ours)
{
  static const gnutls_datum_t alpn = { (guchar *) VC_TLS_ALPN, sizeof VC_TLS_ALPN - 1 };
  unsigned flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_FORCE_CLIENT_CERT;

  *client = (Client){ .fd = fd, .rc = GNUTLS_E_AGAIN };
  gnutls_certificate_allocate_credentials (&client->credentials);
  if (one->shows != NULL)
    {
      const VcIssued *own = *one->shows;
      gnutls_datum_t cert = { (guchar *) own->certificate, (unsigned) strlen (own->certificate) };
      gnutls_datum_t key = { (guchar *) own->key, (unsigned) strlen (own->key) };

      g_assert_cmpint (
          gnutls_certificate_set_x509_key_mem (client->credentials, &cert, &key, GNUTLS_X509_FMT_PEM), >=, 0);
    }
  g_assert_cmpint (gnutls_init (&client->gnutls, flags), >=, 0);
  g_assert_cmpint (
      gnutls_priority_set_direct (client->gnutls, one->priority != NULL ? one->priority : "NORMAL", NULL), >=,
      0);
  gnutls_credentials_set (client->gnutls, GNUTLS_CRD_CERTIFICATE, client->credentials);
  if (is_ours)
    gnutls_alpn_set_protocols (client->gnutls, &alpn, 1, 0);
  gnutls_transport_set_int (client->gnutls, fd);
}

static void
client_end (Client *client)
{
  gnutls_deinit (client->gnutls);
  gnutls_certificate_free_credentials (client->credentials);
  close (client->fd);
}

/* What the server sends comes in; at most len bytes, or the client's error. */
static gssize
hear (Client *client, char *bytes, gsize len)
{
  gssize n;

  do
    n = gnutls_record_recv (client->gnutls, bytes, len);
  while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
  return n;
}

static void
test_case (gconstpointer data)
{
  const Case *one = data;
  char *const allowed[] = { (char *) one->allowed, NULL };

  for (int is_ours = 0; is_ours < 2; is_ours++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcCredential) credential = new_credential (server, server->key, &error);
      g_autoptr (VcTlsSession) session = NULL;
      VcTlsStep step = VC_TLS_READ;
      char bytes[1024] = "";
      Client client;
      int ends[2];
      gssize n;

      g_assert_no_error (error);
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), ==, 0);
      session = vc_tls_session_new (credential, ends[0], &error);
      g_assert_no_error (error);
      client_begin (&client, ends[1], one, is_ours != 0);
      while (step == VC_TLS_READ || step == VC_TLS_WRITE)
        {
          if (client.rc == GNUTLS_E_AGAIN || client.rc == GNUTLS_E_INTERRUPTED)
            client.rc = gnutls_handshake (client.gnutls);
          step = vc_tls_session_shake (session, &error);
        }
      g_assert_cmpint (step, ==, one->fails ? VC_TLS_FAILED : VC_TLS_DONE);
      while (!one->fails && client.rc == GNUTLS_E_AGAIN)
        client.rc = gnutls_handshake (client.gnutls);
      if (step == VC_TLS_DONE
          && vc_tls_session_check (session, one->allowed != NULL ? allowed : NULL, now, &error))
        g_assert_true (vc_tls_session_confirm (session));
      else if (step == VC_TLS_DONE)
        vc_tls_session_refuse (session, error);
      if (one->error == NULL)
        g_assert_no_error (error);
      else
        g_assert_true (g_pattern_match_simple (one->error, error->message));
      n = one->fails ? client.rc : hear (&client, bytes, sizeof bytes - 1);
      while (one->fails && n == GNUTLS_E_AGAIN)
        n = gnutls_handshake (client.gnutls);
      if (one->error == NULL)
        {
          g_assert_cmpint (n, ==, 1);
          g_assert_cmpint (bytes[0], ==, VC_TLS_CONFIRM);
        }
      else if (is_ours && !one->fails)
        {
          g_assert_cmpstr (bytes, ==, error->message);
          g_assert_cmpint (hear (&client, bytes, sizeof bytes), ==, 0);
        }
      else
        {
          g_assert_cmpint (n, ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
          g_assert_cmpint (gnutls_alert_get (client.gnutls), ==, one->alert);
        }
      client_end (&client);
      close (ends[0]);
    }
}

/* What a connection's certificate is worth after it was let in. */
static void
test_again (VcIssued **shows, VcCredential *before, const VcCredential *after, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcTlsSession) session = NULL;
  VcTlsStep step = VC_TLS_READ;
  const Case one = { "again", shows };
  Client client;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), ==, 0);
  session = vc_tls_session_new (before, ends[0], NULL);
  client_begin (&client, ends[1], &one, FALSE);
  while (step != VC_TLS_DONE)
    {
      if (client.rc != 0)
        client.rc = gnutls_handshake (client.gnutls);
      step = vc_tls_session_shake (session, NULL);
      g_assert_cmpint (step, !=, VC_TLS_FAILED);
    }
  vc_tls_session_check (session, NULL, now, &error);
  g_assert_no_error (error);
  g_assert_true (vc_tls_session_confirm (session));
  g_assert_true (vc_tls_session_check_again (session, before, &error));
  g_assert_no_error (error);
  g_assert_cmpint (vc_tls_session_check_again (session, after, &error), ==, words == NULL);
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, words);
  client_end (&client);
  close (ends[0]);
}

static void
test_revoked_since (void)
{
  g_autofree char *list = g_steal_pointer (&crl);
  g_autoptr (VcCredential) before = new_credential (server, server->key, NULL);
  g_autoptr (VcCredential) after = NULL;

  crl = g_steal_pointer (&list);
  after = new_credential (server, server->key, NULL);
  g_assert_false (vc_credential_has_crl (before));
  g_assert_true (vc_credential_has_crl (after));
  test_again (&revoked, before, after, "its certificate was revoked");
  test_again (&alice, before, after, NULL);
}

/* A CA that was trusted is taken away, or another one comes. */
static void
test_other_ca_since (void)
{
  g_autoptr (VcCredential) one = new_credential (server, server->key, NULL);
  g_autoptr (VcCredential) two = NULL;

  trusted = g_strconcat (other_ca->certificate, ca->certificate, NULL);
  two = new_credential (server, server->key, NULL);
  g_clear_pointer (&trusted, g_free);
  test_again (&stranger, two, one,
              "its certificate was signed by 'CN=other', which is not trusted here any more");
  test_again (&alice, two, one, NULL);
  test_again (&alice, one, two, NULL);
}

/* Its list of revoked certificates was good when it was read, and is out of date by now. */
static void
test_old_list (void)
{
  g_autofree char *list = g_steal_pointer (&crl);
  g_autoptr (VcCredential) credential = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VcTlsSession) session = NULL;
  VcTlsStep step = VC_TLS_READ;
  const Case one = { "old list", &alice };
  Client client;
  int ends[2];

  crl = new_crl (revoked, now + 3600);
  credential = new_credential (server, server->key, &error);
  g_free (crl);
  crl = g_steal_pointer (&list);
  g_assert_no_error (error);
  g_assert_false (vc_credential_has_old_crl (credential, now + 3600));
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), ==, 0);
  session = vc_tls_session_new (credential, ends[0], NULL);
  client_begin (&client, ends[1], &one, FALSE);
  while (step != VC_TLS_DONE)
    {
      if (client.rc != 0)
        client.rc = gnutls_handshake (client.gnutls);
      step = vc_tls_session_shake (session, NULL);
      g_assert_cmpint (step, !=, VC_TLS_FAILED);
    }
  g_assert_false (vc_tls_session_check (session, NULL, now + 7200, &error));
  g_assert_cmpstr (
      error->message, ==,
      "the client certificate CN=alice cannot be checked: the list of revoked ones is out of date");
  client_end (&client);
  close (ends[0]);
}

/* The same at a client. */
static void
test_old_list_of_client (void)
{
  g_autoptr (VcPkiFolder) folder = vc_pki_folder_new ("F", VC_PKI_LIBVIRT);
  g_autofree char *list = new_crl (revoked, now + 3600);
  g_autoptr (VcCredential) credential = new_credential (server, server->key, NULL);
  g_autoptr (VcCredential) client = NULL;
  g_autoptr (GPtrArray) flaws = vc_tls_flaws_new ();
  g_autoptr (GError) error = NULL;
  VcTlsSession *session;
  VcTlsCaller *caller;
  VcTlsStep there = VC_TLS_READ, here = VC_TLS_READ;
  int ends[2];

  set_part (folder, VC_PKI_CA_CERT, ca->certificate);
  set_part (folder, VC_PKI_CA_CRL, list);
  client = vc_credential_new_client (folder, TRUE, NULL, now, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), ==, 0);
  session = vc_tls_session_new (credential, ends[0], NULL);
  caller = vc_tls_caller_new (client, "localhost", ends[1], NULL);
  while (there != VC_TLS_DONE || here != VC_TLS_DONE)
    {
      if (here != VC_TLS_DONE)
        here = vc_tls_caller_shake (caller, &error);
      if (there != VC_TLS_DONE)
        there = vc_tls_session_shake (session, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpuint (vc_tls_caller_chain (caller)->len, ==, 1);
  vc_tls_caller_check (caller, now, flaws);
  g_assert_cmpuint (flaws->len, ==, 0);
  vc_tls_caller_check (caller, now + 7200, flaws);
  g_assert_cmpuint (vc_tls_flaws_sum (flaws), ==, VC_TLS_UNKNOWN_REVOKED);
  g_assert_cmpuint (flaws->len, ==, 1);
  g_assert_cmpstr (((const VcTlsFlaw *) flaws->pdata[0])->words, ==,
                   "its certificate cannot be checked: the list of revoked ones is out of date");
  vc_tls_caller_free (caller);
  vc_tls_session_free (session);
  close (ends[0]);
  close (ends[1]);
}

static void
test_credentials (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcCredential) rsa = new_credential (rsa_server, rsa_server->key, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (vc_credential_own (rsa)->subject, ==, "CN=localhost");
  g_assert_null (new_credential (old_server, old_server->key, &error));
  g_assert_true (g_str_has_prefix (error->message, "F/servercert.pem: expired on "));
  g_clear_error (&error);
  g_assert_null (new_credential (server, rsa_server->key, &error));
  g_assert_cmpstr (error->message, ==,
                   "F/private/serverkey.pem: is not the key of the certificate in F/servercert.pem");
  g_clear_error (&error);
  g_assert_null (new_credential (server, NULL, &error));
  g_assert_cmpstr (error->message, ==, "F/private/serverkey.pem: does not exist");
}

static void
test_priorities (void)
{
  static const struct
  {
    const char *priority, *error;
  } rows[] = {
    { "NORMAL", NULL },
    { "SECURE256:-VERS-TLS1.2", NULL },
    { "no such", "'no such' is not a priority of GnuTLS" },
    { "NORMAL:-VERS-ALL:+VERS-TLS1.1",
      "'NORMAL:-VERS-ALL:+VERS-TLS1.1' leaves nothing of TLS 1.2 and 1.3 with a key for every session" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (vc_tls_priority_check (rows[i].priority, &error), ==, rows[i].error == NULL);
      g_assert_cmpstr (error != NULL ? error->message : NULL, ==, rows[i].error);
    }
}

/* Making what is needed. */

static VcIssued *
issue (const VcIssued *by, VcPkiEnd end, const char *name, VcKeySort sort, guint days, gint64 when)
{
  g_autoptr (GPtrArray) list
      = vc_certificates_read_text (by->certificate, strlen (by->certificate), "ca", NULL);
  g_autoptr (VcKey) key = vc_key_read_text (by->key, strlen (by->key), NULL, "ca", NULL);
  g_autoptr (GError) error = NULL;
  char *const names[] = { (char *) name, NULL };
  VcIssued *issued = vc_issue (list->pdata[0], key, end, names, sort, days, when, &error);

  g_assert_no_error (error);
  return issued;
}

static char *
new_crl (const VcIssued *one, gint64 next)
{
  g_autoptr (GPtrArray) cas
      = vc_certificates_read_text (ca->certificate, strlen (ca->certificate), "ca", NULL);
  g_autoptr (GPtrArray) bad
      = vc_certificates_read_text (one->certificate, strlen (one->certificate), "bad", NULL);
  g_autoptr (VcKey) key = vc_key_read_text (ca->key, strlen (ca->key), NULL, "ca", NULL);
  gnutls_x509_crl_t made;
  gnutls_datum_t text;
  char *copy;

  gnutls_x509_crl_init (&made);
  gnutls_x509_crl_set_version (made, 2);
  gnutls_x509_crl_set_this_update (made, now - DAY);
  gnutls_x509_crl_set_next_update (made, next);
  gnutls_x509_crl_set_crt (made, ((VcCertificate *) bad->pdata[0])->crt, now - DAY);
  gnutls_x509_crl_set_number (made, "\1", 1);
  g_assert_cmpint (
      gnutls_x509_crl_sign2 (made, ((VcCertificate *) cas->pdata[0])->crt, key->key, GNUTLS_DIG_SHA256, 0),
      >=, 0);
  g_assert_cmpint (gnutls_x509_crl_export2 (made, GNUTLS_X509_FMT_PEM, &text), >=, 0);
  copy = g_strndup ((const char *) text.data, text.size);
  gnutls_free (text.data);
  gnutls_x509_crl_deinit (made);
  return copy;
}

int
main (int argc, char **argv)
{
  int rc;

  g_test_init (&argc, &argv, NULL);
  now = g_get_real_time () / G_USEC_PER_SEC;
  ca = vc_issue_ca ("test", VC_KEY_EC, 4000, now - 100 * DAY, NULL);
  other_ca = vc_issue_ca ("other", VC_KEY_EC, 4000, now, NULL);
  server = issue (ca, VC_PKI_SERVER, "localhost", VC_KEY_EC, 365, now);
  rsa_server = issue (ca, VC_PKI_SERVER, "localhost", VC_KEY_RSA, 365, now);
  old_server = issue (ca, VC_PKI_SERVER, "localhost", VC_KEY_EC, 10, now - 13 * DAY);
  alice = issue (ca, VC_PKI_CLIENT, "alice", VC_KEY_EC, 365, now);
  bob = issue (ca, VC_PKI_CLIENT, "bob", VC_KEY_EC, 365, now);
  rsa_client = issue (ca, VC_PKI_CLIENT, "rsa", VC_KEY_RSA, 365, now);
  stranger = issue (other_ca, VC_PKI_CLIENT, "stranger", VC_KEY_EC, 365, now);
  expired = issue (ca, VC_PKI_CLIENT, "expired", VC_KEY_EC, 10, now - 13 * DAY - 3600);
  early = issue (ca, VC_PKI_CLIENT, "early", VC_KEY_EC, 10, now + 2 * DAY);
  revoked = issue (ca, VC_PKI_CLIENT, "revoked", VC_KEY_EC, 365, now);
  crl = new_crl (revoked, now + 30 * DAY);
  g_test_add_func ("/session/credentials", test_credentials);
  g_test_add_func ("/session/priorities", test_priorities);
  g_test_add_func ("/session/revoked-since", test_revoked_since);
  g_test_add_func ("/session/other-ca-since", test_other_ca_since);
  g_test_add_func ("/session/old-list", test_old_list);
  g_test_add_func ("/session/old-list-of-client", test_old_list_of_client);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/session/case/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  rc = g_test_run ();
  for (VcIssued **one = (VcIssued *[]){ ca, other_ca, server, rsa_server, old_server, alice, bob, rsa_client,
                                        stranger, expired, early, revoked, NULL };
       *one != NULL; one++)
    vc_issued_free (*one);
  g_free (crl);
  return rc;
}
