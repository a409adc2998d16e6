/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/issue.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "pki/store.h"
#include "pki/text.h"

#define NOW G_GINT64_CONSTANT (1800000000)
#define DAY (24 * 3600)

typedef struct
{
  VcIssued *issued;
  VcCertificate *certificate;
  VcKey *key;
} Made;

/* Takes issued. */
static Made
take (VcIssued *issued, GError *error)
{
  Made made = { .issued = issued };
  GPtrArray *list;

  g_assert_no_error (error);
  list = vc_certificates_read_text (issued->certificate, strlen (issued->certificate), "c", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 1);
  made.certificate = g_ptr_array_steal_index (list, 0);
  g_ptr_array_unref (list);
  made.key = vc_key_read_text (issued->key, strlen (issued->key), NULL, "k", &error);
  g_assert_no_error (error);
  g_assert_true (vc_key_fits (made.key, made.certificate));
  return made;
}

static void
made_clear (Made *made)
{
  vc_issued_free (made->issued);
  vc_certificate_free (made->certificate);
  vc_key_free (made->key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Made, made_clear)

static void
test_ca (void)
{
  GError *error = NULL;
  g_auto (Made) ca = take (vc_issue_ca ("Our CA", VC_KEY_EC, 10, NOW, &error), error);
  g_auto (Made) rsa = take (vc_issue_ca ("RSA", VC_KEY_RSA, 10, NOW, &error), error);

  g_assert_cmpstr (ca.certificate->subject, ==, "CN=Our CA");
  g_assert_cmpstr (ca.certificate->issuer, ==, "CN=Our CA");
  g_assert_cmpstr (ca.certificate->key, ==, "EC 256 bits");
  g_assert_cmpstr (ca.certificate->signature, ==, "ECDSA-SHA256");
  g_assert_true (ca.certificate->is_ca && ca.certificate->may_sign_certificates
                 && ca.certificate->may_sign_crls && !ca.certificate->may_sign);
  g_assert_cmpint (ca.certificate->not_before, ==, NOW - 3600);
  g_assert_cmpint (ca.certificate->not_after, ==, NOW + 10 * DAY);
  g_assert_cmpuint (strlen (ca.certificate->serial), ==, 32);
  g_assert_cmpuint (strlen (ca.certificate->fingerprint), ==, 32 * 3 - 1);
  g_assert_cmpstr (rsa.certificate->key, ==, "RSA 3072 bits");
  g_assert_false (vc_key_fits (rsa.key, ca.certificate));
  g_assert_false (rsa.certificate->is_weak_key);
}

static void
test_ends (void)
{
  char *const hosts[]
      = { (char *) "web.example", (char *) "10.0.0.1", (char *) "fd00::1", (char *) "*.example.org", NULL };
  char *const people[] = { (char *) "card provider å", (char *) "desk.example", NULL };
  GError *error = NULL;
  g_auto (Made) ca = take (vc_issue_ca ("Our CA", VC_KEY_EC, 10, NOW, &error), error);
  g_auto (Made) server
      = take (vc_issue (ca.certificate, ca.key, VC_PKI_SERVER, hosts, VC_KEY_EC, 5, NOW, &error), error);
  g_auto (Made) client
      = take (vc_issue (ca.certificate, ca.key, VC_PKI_CLIENT, people, VC_KEY_RSA, 50, NOW, &error), error);
  g_autofree char *names = g_strjoinv (" ", server.certificate->names);
  g_autofree char *client_names = g_strjoinv (" ", client.certificate->names);
  g_autofree char *text = vc_certificate_print (server.certificate, NOW + 6 * DAY);

  g_assert_cmpstr (server.certificate->subject, ==, "CN=web.example");
  g_assert_cmpstr (server.certificate->issuer, ==, "CN=Our CA");
  g_assert_cmpstr (names, ==, "DNS:web.example IP:10.0.0.1 IP:fd00::1 DNS:*.example.org");
  g_assert_true (server.certificate->may_serve && !server.certificate->may_connect);
  g_assert_true (server.certificate->may_sign && server.certificate->usages == NULL);
  g_assert_false (server.certificate->is_ca);
  g_assert_true (vc_certificate_has_name (server.certificate, "web.example"));
  g_assert_true (vc_certificate_has_name (server.certificate, "10.0.0.1"));
  g_assert_true (vc_certificate_has_name (server.certificate, "fd00::1"));
  g_assert_true (vc_certificate_has_name (server.certificate, "a.example.org"));
  g_assert_false (vc_certificate_has_name (server.certificate, "other.example"));
  g_assert_nonnull (strstr (text, "valid until  2027-01-20 08:00:00 UTC (expired)\n"));
  g_assert_nonnull (strstr (text, "purposes     TLS server\n"));

  g_assert_cmpstr (client.certificate->common_name, ==, "card provider å");
  g_assert_cmpstr (client_names, ==, "DNS:desk.example");
  g_assert_true (client.certificate->may_connect && !client.certificate->may_serve);
  g_assert_true (client.certificate->may_sign && client.certificate->may_encipher);
  g_assert_cmpuint (g_strv_length (client.certificate->usages), ==, 2);
  /* Not longer than its CA. */
  g_assert_cmpint (client.issued->not_after, ==, ca.certificate->not_after);
}

static void
test_names (void)
{
  static const struct
  {
    const char *name, *message;
    VcPkiEnd end;
  } rows[] = {
    { "", "a name is empty", VC_PKI_CLIENT },
    { "\xff", "a name is not UTF-8", VC_PKI_CLIENT },
    { "a\nb", "a name has a control character in it", VC_PKI_CLIENT },
    { "two words", "'two words' is neither the DNS name of a host nor an IP address", VC_PKI_SERVER },
    { "10.0.0.256", "'10.0.0.256' is neither the DNS name of a host nor an IP address", VC_PKI_SERVER },
    { "a..b", "'a..b' is neither the DNS name of a host nor an IP address", VC_PKI_SERVER },
    { "-a.b", "'-a.b' is neither the DNS name of a host nor an IP address", VC_PKI_SERVER },
    { "*", "'*' is neither the DNS name of a host nor an IP address", VC_PKI_SERVER },
    { "a.*.b", "'a.*.b' is neither the DNS name of a host nor an IP address", VC_PKI_SERVER },
  };
  GError *error = NULL;
  g_auto (Made) ca = take (vc_issue_ca ("Our CA", VC_KEY_EC, 10, NOW, &error), error);
  g_auto (Made) other = take (vc_issue_ca ("Our CA", VC_KEY_EC, 10, NOW, &error), error);
  char *names[] = { (char *) "a", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      names[0] = (char *) rows[i].name;
      g_assert_null (vc_issue (ca.certificate, ca.key, rows[i].end, names, VC_KEY_EC, 1, NOW, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, rows[i].message);
      g_clear_error (&error);
    }
  names[0] = (char *) "a";
  g_assert_null (vc_issue (ca.certificate, other.key, VC_PKI_SERVER, names, VC_KEY_EC, 1, NOW, &error));
  g_assert_cmpstr (error->message, ==, "c: the CA's key is not the key of this certificate");
  g_clear_error (&error);
  g_assert_null (
      vc_issue (ca.certificate, ca.key, VC_PKI_SERVER, names, VC_KEY_EC, 1, NOW + 11 * DAY, &error));
  g_assert_cmpstr (error->message, ==, "c: the CA expired on 2027-01-25 08:00:00 UTC");
  g_clear_error (&error);
}

static void
test_dh (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = vc_issue_dh_params (&error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (text, "-----BEGIN DH PARAMETERS-----\n"));
}

static void
test_store (void)
{
  g_autofree char *top = g_dir_make_tmp ("store-XXXXXX", NULL);
  g_autofree char *dir = g_build_filename (top, "a", "b", NULL);
  g_autoptr (VcPkiFolder) folder = vc_pki_folder_new (dir, VC_PKI_LIBVIRT);
  const VcPkiPut parts[] = { { VC_PKI_SERVER_KEY, "key" }, { VC_PKI_SERVER_CERT, "cert" } };
  const VcPkiStore how = { .uid = (uid_t) -1, .gid = (gid_t) -1 };
  const VcPkiStore again = { .replace = TRUE, .uid = (uid_t) -1, .gid = (gid_t) -1 };
  g_autofree char *private = g_build_filename (dir, "private", NULL);
  g_autofree char *above = g_path_get_dirname (dir);
  g_autoptr (VcPkiFolder) got = NULL;
  g_autoptr (GError) error = NULL;
  struct stat st;

  g_assert_true (vc_pki_store (folder, parts, 2, &how, &error));
  g_assert_no_error (error);
  g_assert_true (stat (private, &st) == 0 && (st.st_mode & 07777) == 0700);
  got = vc_pki_folder_read (dir, VC_PKI_LIBVIRT);
  g_assert_cmpstr (got->files[VC_PKI_SERVER_KEY].bytes, ==, "key");
  g_assert_cmpint (got->files[VC_PKI_SERVER_KEY].mode, ==, 0600);
  g_assert_cmpint (got->files[VC_PKI_SERVER_CERT].mode, ==, 0644);

  /* All or nothing. */
  g_assert_cmpint (g_unlink (folder->files[VC_PKI_SERVER_KEY].path), ==, 0);
  g_assert_false (vc_pki_store (folder, parts, 2, &how, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_EXISTS);
  g_assert_false (g_file_test (folder->files[VC_PKI_SERVER_KEY].path, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  g_assert_true (vc_pki_store (folder, parts, 2, &again, &error));

  g_unlink (folder->files[VC_PKI_SERVER_KEY].path);
  g_unlink (folder->files[VC_PKI_SERVER_CERT].path);
  g_rmdir (private);
  g_rmdir (dir);
  g_rmdir (above);
  g_rmdir (top);
}

/* What somebody else's certificate says is shown, and controls nothing. */
static void
test_text (void)
{
  static const struct
  {
    const char *says, *shown;
  } rows[] = {
    { "CN=\303\245 b", "CN=\303\245 b" },
    { "CN=a\nok\033[2J\177", "CN=a\\x0aok\\x1b[2J\\x7f" },
    { "\302\233\342\200\256b", "\\x9b\\u202eb" },
    { "a\377", "a\357\277\275" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = vc_pki_text (rows[i].says, strlen (rows[i].says));

      g_assert_cmpstr (text, ==, rows[i].shown);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/issue/ca", test_ca);
  g_test_add_func ("/issue/ends", test_ends);
  g_test_add_func ("/issue/names", test_names);
  g_test_add_func ("/issue/dh", test_dh);
  g_test_add_func ("/issue/store", test_store);
  g_test_add_func ("/issue/text", test_text);
  return g_test_run ();
}
