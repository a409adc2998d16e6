/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/chardevtls.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "host/secret.h"
#include "host/tlscheck.h"
#include "pki/issue.h"
#include "pki/store.h"

#define A "11111111-2222-3333-4444-555555555555"
#define B "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

static char *top; /* holds named, usual, default; none is not there */

static VcChardevTls *
find (const char *text, gboolean has_usual, GError **error)
{
  g_autoptr (VcQemuConf) conf = vc_qemu_conf_read_text (text, strlen (text), "q", error);
  const VcPkiPlaces places = { has_usual ? "usual" : "none", "default" };

  g_assert_nonnull (conf);
  return vc_chardev_tls_find (conf, &places, error);
}

static void
test_order (void)
{
  static const struct
  {
    const char *conf;
    gboolean has_usual, on, verify;
    const char *folder, *folder_origin, *secret, *looked;
  } rows[] = {
    { "", TRUE, FALSE, TRUE, "usual", NULL, NULL, "'usual'" },
    { "", FALSE, FALSE, TRUE, "default", NULL, NULL, "'none', which does not exist, and 'default'" },
    { "chardev_tls = 1\nchardev_tls_x509_verify = 0", TRUE, TRUE, FALSE, "usual", NULL, NULL, "'usual'" },
    { "chardev_tls = 0\ndefault_tls_x509_verify = 0", TRUE, FALSE, FALSE, "usual", NULL, NULL, "'usual'" },
    { "default_tls_x509_verify = 0\nchardev_tls_x509_verify = 1", TRUE, FALSE, TRUE, "usual", NULL, NULL,
      "'usual'" },
    { "\ndefault_tls_x509_cert_dir = 'named'", FALSE, FALSE, TRUE, "named", "q:2: default_tls_x509_cert_dir",
      NULL, NULL },
    { "default_tls_x509_cert_dir = 'named'", TRUE, FALSE, TRUE, "usual", NULL, NULL, "'usual'" },
    { "chardev_tls_x509_cert_dir = 'named'", TRUE, FALSE, TRUE, "named", "q:1: chardev_tls_x509_cert_dir",
      NULL, NULL },
    { "default_tls_x509_secret_uuid = '" A "'", TRUE, FALSE, TRUE, "usual", NULL, A, "'usual'" },
    { "default_tls_x509_secret_uuid = '" A "'\nchardev_tls_x509_secret_uuid = '" B "'", TRUE, FALSE, TRUE,
      "usual", NULL, B, "'usual'" },
    /* A folder of its own has no key that the other uses' passphrase would open. */
    { "default_tls_x509_secret_uuid = '" A "'\nchardev_tls_x509_cert_dir = 'named'", TRUE, FALSE, TRUE,
      "named", "q:2: chardev_tls_x509_cert_dir", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcChardevTls) self = find (rows[i].conf, rows[i].has_usual, &error);

      g_assert_no_error (error);
      g_assert_cmpint (self->on, ==, rows[i].on);
      g_assert_cmpint (self->verify, ==, rows[i].verify);
      g_assert_cmpstr (self->folder, ==, rows[i].folder);
      g_assert_cmpstr (self->folder_origin, ==, rows[i].folder_origin);
      g_assert_cmpstr (self->secret, ==, rows[i].secret);
      g_assert_cmpstr (self->looked, ==, rows[i].looked);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *conf, *message;
    int code;
  } rows[] = {
    { "\nchardev_tls_x509_cert_dir = '/no/a'",
      "q:2: chardev_tls_x509_cert_dir: folder '/no/a' does not exist", VC_ERROR_NOT_FOUND },
    { "chardev_tls_x509_cert_dir = 'named'\ndefault_tls_x509_cert_dir = '/no/b'",
      "q:2: default_tls_x509_cert_dir: folder '/no/b' does not exist", VC_ERROR_NOT_FOUND },
    { "chardev_tls_x509_secret_uuid = 'x'",
      "q:1: chardev_tls_x509_secret_uuid: malformed TLS secret uuid 'x' provided", VC_ERROR_INVALID },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (find (rows[i].conf, TRUE, &error));
      g_assert_cmpstr (error->message, ==, rows[i].message);
      g_assert_error (error, VC_ERROR, rows[i].code);
    }
}

static void
test_check (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcPaths) paths = vc_paths_new (top, NULL);
  g_autoptr (VcUser) user = vc_user_self ();
  g_autoptr (VcChardevTls) self = find ("", FALSE, &error);
  g_autoptr (VcChardevTls) secret = find ("chardev_tls_x509_secret_uuid = '" A "'", FALSE, &error);

  g_assert_false (vc_chardev_tls_check (self, VC_PKI_SERVER, paths, user, NULL, &error));
  g_assert_cmpstr (error->message, ==,
                   "default/ca-cert.pem: does not exist; TLS is not set up: looked in 'none', which does not "
                   "exist, and 'default'");
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (vc_chardev_tls_check (secret, VC_PKI_SERVER, paths, user, NULL, &error));
  g_assert_cmpstr (error->message, ==,
                   "q:1: chardev_tls_x509_secret_uuid: Secret not found: no secret with matching uuid '" A
                   "'");
}

/* A key that root wrote and only root can read. */
static void
test_as_user (void)
{
  char *const names[] = { (char *) "localhost", NULL };
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUser) user = vc_user_get ("nobody", NULL, &error);
  g_autofree char *dir = g_build_filename (top, "default", NULL);
  g_autoptr (VcPkiFolder) folder = vc_pki_folder_new (dir, VC_PKI_QEMU);
  g_autoptr (VcIssued) ca_issued = vc_issue_ca ("CA", VC_KEY_EC, 100, now, &error);
  g_autoptr (GPtrArray) cas
      = vc_certificates_read_text (ca_issued->certificate, strlen (ca_issued->certificate), "c", &error);
  g_autoptr (VcKey) ca_key = vc_key_read_text (ca_issued->key, strlen (ca_issued->key), NULL, "k", &error);
  g_autoptr (VcIssued) server
      = vc_issue (cas->pdata[0], ca_key, VC_PKI_SERVER, names, VC_KEY_EC, 50, now, &error);
  const VcPkiPut parts[] = { { VC_PKI_CA_CERT, ca_issued->certificate },
                             { VC_PKI_SERVER_KEY, server->key },
                             { VC_PKI_SERVER_CERT, server->certificate } };
  VcPkiStore how = { .uid = (uid_t) -1, .gid = (gid_t) -1 };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *want
      = g_strdup_printf ("%s/server-key.pem: cannot be read by user nobody: permission denied", dir);
  g_autofree char *late
      = g_strdup_printf ("%s/dh-params.pem: warning: does not exist: QEMU makes its own at every "
                         "start, which takes up to 350 ms",
                         dir);

  g_assert_no_error (error);
  g_chmod (top, 0755);
  g_assert_true (vc_pki_store (folder, parts, G_N_ELEMENTS (parts), &how, &error));
  g_assert_true (vc_tls_folder_check (dir, VC_PKI_SERVER, NULL, TRUE, NULL, warnings, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (warnings->len, ==, 1);
  g_assert_cmpstr (warnings->pdata[0], ==, late);
  if (geteuid () == 0)
    {
      g_assert_false (vc_tls_folder_check (dir, VC_PKI_SERVER, NULL, TRUE, user, NULL, &error));
      g_assert_cmpstr (error->message, ==, want);
      g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
      g_clear_error (&error);
      g_assert_true (vc_tls_folder_check (dir, VC_PKI_CLIENT, NULL, TRUE, user, NULL, &error));
      how = (VcPkiStore){ .replace = TRUE, .uid = user->uid, .gid = user->gid };
      g_assert_true (vc_pki_store (folder, parts, G_N_ELEMENTS (parts), &how, &error));
      g_assert_true (vc_tls_folder_check (dir, VC_PKI_SERVER, NULL, TRUE, user, NULL, &error));
      g_assert_no_error (error);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_unlink (folder->files[parts[i].part].path);
}

int
main (int argc, char **argv)
{
  static const char *const folders[] = { "named", "usual", "default" };
  int status;

  g_test_init (&argc, &argv, NULL);
  top = g_dir_make_tmp ("chardevtls-XXXXXX", NULL);
  g_chdir (top);
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    g_mkdir (folders[i], 0755);
  g_test_add_func ("/chardevtls/order", test_order);
  g_test_add_func ("/chardevtls/refused", test_refused);
  g_test_add_func ("/chardevtls/check", test_check);
  g_test_add_func ("/chardevtls/as-user", test_as_user);
  status = g_test_run ();
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    g_rmdir (folders[i]);
  g_chdir ("/");
  g_rmdir (top);
  g_free (top);
  return status;
}
