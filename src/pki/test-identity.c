/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/identity.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/error.h"
#include "pki/issue.h"

/* Folders are made in memory, spoilt in one way each, and what is said of them is compared word for word. */

#define NOW G_GINT64_CONSTANT (1800000000) /* 2027-01-15 08:00:00 UTC */
#define DAY (24 * 3600)

static VcIssued *ca_issued, *other_issued; /* two CAs of the same name   */
static VcIssued *third_issued;             /* and one of another         */
static VcCertificate *ca, *other, *third;
static VcKey *ca_key, *other_key, *third_key;
static VcIssued *server, *client;
static char *dh;

static void
read_ca (const VcIssued *issued, VcCertificate **ret_ca, VcKey **ret_key)
{
  g_autoptr (GPtrArray) list
      = vc_certificates_read_text (issued->certificate, strlen (issued->certificate), "ca", NULL);

  *ret_ca = g_ptr_array_steal_index (list, 0);
  *ret_key = vc_key_read_text (issued->key, strlen (issued->key), NULL, "k", NULL);
  g_assert_nonnull (*ret_key);
}

static VcIssued *
issue (VcPkiEnd end, gint64 now, guint days)
{
  char *const names[] = { (char *) "localhost", NULL };
  VcIssued *issued = vc_issue (ca, ca_key, end, names, VC_KEY_EC, days, now, NULL);

  g_assert_nonnull (issued);
  return issued;
}

static void
set (VcPkiFolder *folder, VcPkiPart part, const char *text)
{
  vc_pki_folder_set (folder, part, text, strlen (text), 0600);
}

static void
drop (VcPkiFolder *folder, VcPkiPart part, int errsv)
{
  g_clear_pointer (&folder->files[part].bytes, g_free);
  folder->files[part].errsv = errsv;
}

static VcPkiFolder *
good (void)
{
  VcPkiFolder *folder = vc_pki_folder_new ("/d", VC_PKI_QEMU);

  set (folder, VC_PKI_CA_CERT, ca_issued->certificate);
  set (folder, VC_PKI_SERVER_CERT, server->certificate);
  set (folder, VC_PKI_SERVER_KEY, server->key);
  set (folder, VC_PKI_CLIENT_CERT, client->certificate);
  set (folder, VC_PKI_CLIENT_KEY, client->key);
  set (folder, VC_PKI_DH_PARAMS, dh);
  return folder;
}

/* All that is said, a line each, with "|" between; the first error is the error. */
static void
says (const VcPkiFolder *folder, VcPkiEnd end, const char *passphrase, const char *want)
{
  g_autoptr (GPtrArray) problems = vc_pki_problems_new ();
  g_autoptr (GError) error = NULL;
  gboolean good_enough = vc_pki_check (folder, end, passphrase, TRUE, NOW, problems, &error);
  g_autoptr (GString) got = g_string_new (NULL);
  const VcPkiProblem *first = NULL;

  for (guint i = 0; i < problems->len; i++)
    {
      const VcPkiProblem *problem = problems->pdata[i];

      g_string_append_printf (got, "%s%s", i > 0 ? "|" : "", problem->text);
      if (first == NULL && !problem->is_warning)
        first = problem;
    }
  g_assert_cmpstr (got->str, ==, want);
  g_assert_cmpint (good_enough, ==, first == NULL);
  g_assert_cmpint (good_enough, ==, error == NULL);
  if (error != NULL)
    {
      g_assert_cmpstr (error->message, ==, first->text);
      g_assert_error (error, VC_ERROR, first->code);
    }
}

static void
test_good (void)
{
  g_autoptr (VcPkiFolder) folder = good ();

  says (folder, VC_PKI_SERVER, NULL, "");
  says (folder, VC_PKI_CLIENT, NULL, "");
  drop (folder, VC_PKI_CLIENT_CERT, ENOENT);
  drop (folder, VC_PKI_CLIENT_KEY, ENOENT);
  says (folder, VC_PKI_CLIENT, NULL, "");
  g_assert_false (vc_pki_has_end (folder, VC_PKI_CLIENT));
  drop (folder, VC_PKI_DH_PARAMS, ENOENT);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/dh-params.pem: warning: does not exist: QEMU makes its own at every start, which takes up to 350 "
        "ms");
}

static void
test_missing (void)
{
  g_autoptr (VcPkiFolder) none = vc_pki_folder_new ("/d", VC_PKI_QEMU);
  g_autoptr (VcPkiFolder) folder = good ();

  set (none, VC_PKI_DH_PARAMS, dh);
  says (
      none, VC_PKI_SERVER, NULL,
      "/d/ca-cert.pem: does not exist|/d/server-cert.pem: does not exist|/d/server-key.pem: does not exist");
  says (none, VC_PKI_CLIENT, NULL, "/d/ca-cert.pem: does not exist");
  drop (folder, VC_PKI_CLIENT_KEY, ENOENT);
  says (folder, VC_PKI_CLIENT, NULL, "/d/client-key.pem: does not exist");
  drop (folder, VC_PKI_SERVER_KEY, EACCES);
  says (folder, VC_PKI_SERVER, NULL, "/d/server-key.pem: cannot be read: permission denied");
  folder->who = g_strdup ("user libvirt-qemu");
  says (folder, VC_PKI_SERVER, NULL,
        "/d/server-key.pem: cannot be read by user libvirt-qemu: permission denied");
  drop (folder, VC_PKI_SERVER_KEY, EISDIR);
  says (folder, VC_PKI_SERVER, NULL, "/d/server-key.pem: is a folder");
  drop (folder, VC_PKI_SERVER_KEY, EFBIG);
  says (folder, VC_PKI_SERVER, NULL, "/d/server-key.pem: has more than 1048576 bytes");
}

static void
test_not_pem (void)
{
  static const struct
  {
    VcPkiPart part;
    const char *text, *message;
  } rows[] = {
    { VC_PKI_CA_CERT, "", "/d/ca-cert.pem: is empty" },
    { VC_PKI_CA_CERT, "hello\n", "/d/ca-cert.pem: holds no certificate in PEM form" },
    { VC_PKI_CA_CERT, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "/d/ca-cert.pem: holds a damaged certificate" },
    { VC_PKI_SERVER_CERT, "-----BEGIN PRIVATE KEY-----\n",
      "/d/server-cert.pem: holds a private key and no certificate" },
    { VC_PKI_SERVER_KEY, "", "/d/server-key.pem: is empty" },
    { VC_PKI_SERVER_KEY, "-----BEGIN CERTIFICATE-----\n",
      "/d/server-key.pem: holds no private key in PEM form" },
    { VC_PKI_SERVER_KEY, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
      "/d/server-key.pem: holds a damaged private key" },
    { VC_PKI_CA_CRL, "x", "/d/ca-crl.pem: holds no CRL in PEM form" },
    { VC_PKI_CA_CRL, "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
      "/d/ca-crl.pem: holds a damaged CRL" },
    { VC_PKI_DH_PARAMS, "x", "/d/dh-params.pem: holds no Diffie-Hellman parameters in PEM form" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (VcPkiFolder) folder = good ();

      set (folder, rows[i].part, rows[i].text);
      says (folder, VC_PKI_SERVER, NULL, rows[i].message);
    }
}

static void
test_key (void)
{
  g_autoptr (VcPkiFolder) folder = good ();

  set (folder, VC_PKI_SERVER_KEY, client->key);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/server-key.pem: is not the key of the certificate in /d/server-cert.pem");
  vc_pki_folder_set (folder, VC_PKI_SERVER_KEY, server->key, strlen (server->key), 0644);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/server-key.pem: warning: everybody may read the key: its mode is 0644");
}

static char *
encrypt (const VcIssued *issued, const char *passphrase)
{
  g_autoptr (VcKey) key = vc_key_read_text (issued->key, strlen (issued->key), NULL, "k", NULL);
  gnutls_datum_t pem = { 0 };
  char *text;

  g_assert_cmpint (gnutls_x509_privkey_export2_pkcs8 (key->key, GNUTLS_X509_FMT_PEM, passphrase,
                                                      GNUTLS_PKCS_PBES2_AES_256, &pem),
                   >=, 0);
  text = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  return text;
}

static void
test_passphrase (void)
{
  g_autoptr (VcPkiFolder) folder = good ();
  g_autofree char *key = encrypt (server, "secret");

  g_assert_true (vc_key_is_encrypted (key, strlen (key)));
  set (folder, VC_PKI_SERVER_KEY, key);
  says (folder, VC_PKI_SERVER, "secret", "");
  says (folder, VC_PKI_SERVER, "wrong", "/d/server-key.pem: the key does not open with its passphrase");
  says (folder, VC_PKI_SERVER, "", "/d/server-key.pem: the key does not open with its passphrase");
  says (folder, VC_PKI_SERVER, NULL,
        "/d/server-key.pem: the key is encrypted, and there is no passphrase for it");
  set (folder, VC_PKI_SERVER_KEY, server->key);
  says (folder, VC_PKI_SERVER, "not needed", "");
}

static void
test_dates (void)
{
  g_autoptr (VcPkiFolder) folder = good ();
  g_autoptr (VcIssued) old = issue (VC_PKI_SERVER, NOW - 10 * DAY, 9);
  g_autoptr (VcIssued) soon = issue (VC_PKI_SERVER, NOW, 29);
  g_autoptr (VcIssued) later = issue (VC_PKI_SERVER, NOW + DAY, 100);
  g_autoptr (VcIssued) old_ca = vc_issue_ca ("Our CA", VC_KEY_EC, 1, NOW - 2 * DAY, NULL);

  set (folder, VC_PKI_SERVER_CERT, old->certificate);
  set (folder, VC_PKI_SERVER_KEY, old->key);
  says (folder, VC_PKI_SERVER, NULL, "/d/server-cert.pem: expired on 2027-01-14 08:00:00 UTC");
  set (folder, VC_PKI_SERVER_CERT, soon->certificate);
  set (folder, VC_PKI_SERVER_KEY, soon->key);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/server-cert.pem: warning: expires on 2027-02-13 08:00:00 UTC, in 29 days");
  set (folder, VC_PKI_SERVER_CERT, later->certificate);
  set (folder, VC_PKI_SERVER_KEY, later->key);
  says (folder, VC_PKI_SERVER, NULL, "/d/server-cert.pem: is not valid before 2027-01-16 07:00:00 UTC");
  drop (folder, VC_PKI_CLIENT_CERT, ENOENT);
  drop (folder, VC_PKI_CLIENT_KEY, ENOENT);
  set (folder, VC_PKI_CA_CERT, old_ca->certificate);
  says (folder, VC_PKI_CLIENT, NULL, "/d/ca-cert.pem: CA 'CN=Our CA' expired on 2027-01-14 08:00:00 UTC");
}

static void
test_chain (void)
{
  g_autoptr (VcPkiFolder) folder = good ();
  g_autofree char *both = g_strconcat (third_issued->certificate, ca_issued->certificate, NULL);

  set (folder, VC_PKI_CA_CERT, other_issued->certificate);
  says (
      folder, VC_PKI_SERVER, NULL,
      "/d/server-cert.pem: was signed by another CA 'CN=Our CA' than the one of that name in /d/ca-cert.pem");
  set (folder, VC_PKI_CA_CERT, third_issued->certificate);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/server-cert.pem: was signed by CA 'CN=Our CA', which is not in /d/ca-cert.pem; there is "
        "'CN=Third'");
  set (folder, VC_PKI_CA_CERT, both);
  says (folder, VC_PKI_SERVER, NULL, "");
  set (folder, VC_PKI_CA_CERT, server->certificate);
  says (folder, VC_PKI_CLIENT, NULL,
        "/d/ca-cert.pem: 'CN=localhost' is not the certificate of a CA|"
        "/d/client-cert.pem: was signed by CA 'CN=Our CA', which is not in /d/ca-cert.pem; there is "
        "'CN=localhost'");
}

/* A certificate of the CA over the server's key, with what make sets on it. */
static char *
sign (void (*make) (gnutls_x509_crt_t crt), const VcCertificate *by, const VcKey *by_key, int digest)
{
  g_autoptr (VcKey) key = vc_key_read_text (server->key, strlen (server->key), NULL, "k", NULL);
  gnutls_x509_crt_t crt;
  gnutls_datum_t pem = { 0 };
  char *text;

  gnutls_x509_crt_init (&crt);
  gnutls_x509_crt_set_version (crt, 3);
  gnutls_x509_crt_set_serial (crt, "\x07", 1);
  gnutls_x509_crt_set_dn (crt, "CN=odd", NULL);
  gnutls_x509_crt_set_activation_time (crt, NOW - DAY);
  gnutls_x509_crt_set_expiration_time (crt, NOW + 100 * DAY);
  gnutls_x509_crt_set_key (crt, key->key);
  if (make != NULL)
    make (crt);
  g_assert_cmpint (gnutls_x509_crt_sign2 (crt, by->crt, by_key->key, digest, 0), >=, 0);
  g_assert_cmpint (gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_PEM, &pem), >=, 0);
  text = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  gnutls_x509_crt_deinit (crt);
  return text;
}

static void
no_signature (gnutls_x509_crt_t crt)
{
  gnutls_x509_crt_set_key_usage (crt, GNUTLS_KEY_KEY_ENCIPHERMENT);
}

static void
critical_signature (gnutls_x509_crt_t crt)
{
  gnutls_x509_crt_set_key_usage (crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
}

static void
for_code (gnutls_x509_crt_t crt)
{
  gnutls_x509_crt_set_key_purpose_oid (crt, GNUTLS_KP_CODE_SIGNING, 0);
  gnutls_x509_crt_set_key_purpose_oid (crt, "1.2.3.4", 0);
}

static void
for_any (gnutls_x509_crt_t crt)
{
  gnutls_x509_crt_set_key_purpose_oid (crt, GNUTLS_KP_ANY, 0);
}

static void
is_ca (gnutls_x509_crt_t crt)
{
  gnutls_x509_crt_set_basic_constraints (crt, 1, -1);
}

static void
test_usage (void)
{
  static const struct
  {
    void (*make) (gnutls_x509_crt_t crt);
    int digest;
    const char *message;
  } rows[] = {
    { NULL, GNUTLS_DIG_SHA256, "" },
    { critical_signature, GNUTLS_DIG_SHA256, "" },
    { for_any, GNUTLS_DIG_SHA256, "" },
    { no_signature, GNUTLS_DIG_SHA256,
      "/d/server-cert.pem: its key usage does not allow TLS: no digital signature" },
    { for_code, GNUTLS_DIG_SHA256,
      "/d/server-cert.pem: is not for a TLS server: its purposes are code signing, 1.2.3.4" },
    { is_ca, GNUTLS_DIG_SHA256,
      "/d/server-cert.pem: is the certificate of a CA, and QEMU wants one that is not" },
    { NULL, GNUTLS_DIG_SHA1, "/d/server-cert.pem: is signed with ECDSA-SHA1, which is not secure" },
  };
  g_autoptr (VcPkiFolder) folder = good ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = sign (rows[i].make, ca, ca_key, rows[i].digest);

      set (folder, VC_PKI_SERVER_CERT, text);
      says (folder, VC_PKI_SERVER, NULL, rows[i].message);
    }
  set (folder, VC_PKI_SERVER_CERT, client->certificate);
  set (folder, VC_PKI_SERVER_KEY, client->key);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/server-cert.pem: is not for a TLS server: its purposes are TLS client");
}

/* A CA in between is found in ca-cert.pem only: that is where QEMU looks. */
static void
test_between (void)
{
  g_autoptr (VcPkiFolder) folder = good ();
  g_autofree char *between = sign (is_ca, ca, ca_key, GNUTLS_DIG_SHA256);
  g_autoptr (GPtrArray) list = vc_certificates_read_text (between, strlen (between), "b", NULL);
  g_autoptr (VcKey) key = vc_key_read_text (server->key, strlen (server->key), NULL, "k", NULL);
  char *const names[] = { (char *) "localhost", NULL };
  g_autoptr (VcIssued) leaf = vc_issue (list->pdata[0], key, VC_PKI_SERVER, names, VC_KEY_EC, 90, NOW, NULL);
  g_autofree char *chain = g_strconcat (leaf->certificate, between, NULL);
  g_autofree char *cas = g_strconcat (ca_issued->certificate, between, NULL);

  set (folder, VC_PKI_SERVER_CERT, chain);
  set (folder, VC_PKI_SERVER_KEY, leaf->key);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/server-cert.pem: the CA that signed it, 'CN=odd', stands in this file, and QEMU looks for it in "
        "ca-cert.pem: put it there");
  set (folder, VC_PKI_CA_CERT, cas);
  says (folder, VC_PKI_SERVER, NULL, "");
}

static char *
sign_crl (const VcIssued *revoked, const VcCertificate *by, const VcKey *by_key, gint64 begin, gint64 end)
{
  g_autoptr (GPtrArray) list
      = vc_certificates_read_text (revoked->certificate, strlen (revoked->certificate), "r", NULL);
  gnutls_x509_crl_t crl;
  gnutls_datum_t pem = { 0 };
  char *text;

  gnutls_x509_crl_init (&crl);
  gnutls_x509_crl_set_version (crl, 2);
  gnutls_x509_crl_set_this_update (crl, begin);
  gnutls_x509_crl_set_next_update (crl, end);
  gnutls_x509_crl_set_number (crl, "\x01", 1);
  gnutls_x509_crl_set_crt (crl, ((VcCertificate *) list->pdata[0])->crt, begin);
  g_assert_cmpint (gnutls_x509_crl_sign2 (crl, by->crt, by_key->key, GNUTLS_DIG_SHA256, 0), >=, 0);
  g_assert_cmpint (gnutls_x509_crl_export2 (crl, GNUTLS_X509_FMT_PEM, &pem), >=, 0);
  text = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  gnutls_x509_crl_deinit (crl);
  return text;
}

static void
test_crl (void)
{
  g_autoptr (VcPkiFolder) folder = good ();
  g_autofree char *fine = sign_crl (client, ca, ca_key, NOW - DAY, NOW + DAY);
  g_autofree char *late = sign_crl (client, ca, ca_key, NOW - 2 * DAY, NOW - DAY);
  g_autofree char *early = sign_crl (client, ca, ca_key, NOW + DAY, NOW + 2 * DAY);
  g_autofree char *strange = sign_crl (server, third, third_key, NOW - DAY, NOW + DAY);
  g_autofree char *fake = sign_crl (server, other, other_key, NOW - DAY, NOW + DAY);

  set (folder, VC_PKI_CA_CRL, fine);
  says (folder, VC_PKI_SERVER, NULL, "");
  says (folder, VC_PKI_CLIENT, NULL,
        "/d/ca-crl.pem: warning: QEMU does not look at it where it connects: a revoked server is spoken to|"
        "/d/client-cert.pem: was revoked by CA 'CN=Our CA': it is in /d/ca-crl.pem");
  set (folder, VC_PKI_CA_CRL, late);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/ca-crl.pem: the CRL of 'CN=Our CA' is out of date since 2027-01-14 08:00:00 UTC, and so every "
        "client is "
        "refused");
  set (folder, VC_PKI_CA_CRL, early);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/ca-crl.pem: the CRL of 'CN=Our CA' is not valid before 2027-01-16 08:00:00 UTC, and so every "
        "client is "
        "refused");
  set (folder, VC_PKI_CA_CRL, strange);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/ca-crl.pem: the CRL of 'CN=Third' is signed by no CA of /d/ca-cert.pem");
  set (folder, VC_PKI_CA_CRL, fake);
  says (folder, VC_PKI_SERVER, NULL,
        "/d/ca-crl.pem: the CRL of 'CN=Our CA' is signed by no CA of /d/ca-cert.pem");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  ca_issued = vc_issue_ca ("Our CA", VC_KEY_EC, 1000, NOW - 100 * DAY, NULL);
  other_issued = vc_issue_ca ("Our CA", VC_KEY_EC, 1000, NOW - 100 * DAY, NULL);
  third_issued = vc_issue_ca ("Third", VC_KEY_EC, 1000, NOW - 100 * DAY, NULL);
  read_ca (ca_issued, &ca, &ca_key);
  read_ca (other_issued, &other, &other_key);
  read_ca (third_issued, &third, &third_key);
  server = issue (VC_PKI_SERVER, NOW, 100);
  client = issue (VC_PKI_CLIENT, NOW, 100);
  dh = vc_issue_dh_params (NULL);

  g_test_add_func ("/identity/good", test_good);
  g_test_add_func ("/identity/missing", test_missing);
  g_test_add_func ("/identity/not-pem", test_not_pem);
  g_test_add_func ("/identity/key", test_key);
  g_test_add_func ("/identity/passphrase", test_passphrase);
  g_test_add_func ("/identity/dates", test_dates);
  g_test_add_func ("/identity/chain", test_chain);
  g_test_add_func ("/identity/usage", test_usage);
  g_test_add_func ("/identity/between", test_between);
  g_test_add_func ("/identity/crl", test_crl);
  status = g_test_run ();

  vc_issued_free (ca_issued);
  vc_issued_free (other_issued);
  vc_issued_free (third_issued);
  vc_issued_free (server);
  vc_issued_free (client);
  vc_certificate_free (ca);
  vc_certificate_free (other);
  vc_certificate_free (third);
  vc_key_free (ca_key);
  vc_key_free (other_key);
  vc_key_free (third_key);
  g_free (dh);
  return status;
}
