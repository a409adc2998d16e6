/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/conf.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"

static VcDaemonConf *
read_text (const char *text, GError **error)
{
  g_autofree char *folder = g_dir_make_tmp ("vc-conf.XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "c", NULL);
  VcDaemonConf *conf;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  conf = vc_daemon_conf_read (path, error);
  if (error != NULL && *error != NULL)
    {
      char *message = (*error)->message; /* without the folder */

      g_assert_true (g_str_has_prefix (message, path));
      memmove (message, message + strlen (folder) + 1, strlen (message + strlen (folder) + 1) + 1);
    }
  unlink (path);
  rmdir (folder);
  return conf;
}

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcDaemonConf) conf = vc_daemon_conf_read ("/no/such/file", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (conf->rw_mode, ==, 0700);
  g_assert_cmpuint (conf->ro_mode, ==, 0700);
  g_assert_cmpuint (conf->limits.max_clients, ==, 5000);
  g_assert_null (conf->users);
  g_assert_false (conf->ro_is_open);
}

static void
test_settings (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcDaemonConf) conf = read_text ("unix_sock_rw_perms = \"0770\" # so\n"
                                             "unix_sock_users = [ \"alice\", \"+7\" ]\n"
                                             "unix_sock_ro_open = 1\nmax_clients = 9\nmax_client_requests=2\n"
                                             "keepalive_interval = -1\nmax_domains = 3\nmax_client_memory = "
                                             "64\nlog_level=4\nauth_unix_rw = \"none\"\n"
                                             "max_workers = 20\nunix_sock_dir = \"/x\"\n",
                                             &error);

  g_assert_no_error (error);
  g_assert_cmpuint (conf->rw_mode, ==, 0770);
  g_assert_cmpstr (conf->users[0], ==, "alice");
  g_assert_cmpstr (conf->users[1], ==, "+7");
  g_assert_true (conf->ro_is_open);
  g_assert_cmpuint (conf->limits.max_clients, ==, 9);
  g_assert_cmpuint (conf->limits.max_memory, ==, 64);
  g_assert_cmpuint (conf->limits.max_requests, ==, 2);
  g_assert_cmpuint (conf->limits.keepalive_ms, ==, 0);
  g_assert_cmpuint (conf->max_domains, ==, 3);
  g_assert_cmpint (conf->log_level, ==, 4);
  g_assert_cmpstr (conf->sock_dir, ==, "/x");
}

static void
assert_wrong (const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_text (text, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_wrong (void)
{
  assert_wrong ("\nmax_client = 1\n", "c:2: unknown setting 'max_client'");
  assert_wrong ("max_client_memory = 1\n", "c:1: 'max_client_memory' must be from 64 to 1048576");
  assert_wrong ("max_clients = 0\n", "c:1: 'max_clients' must be from 1 to 100000");
  assert_wrong ("max_clients = \"5\"\n", "c:1: 'max_clients' must be a number");
  assert_wrong ("max_clients = 5\nmax_clients = 5\n", "c:2: 'max_clients' was set in line 1 already");
  assert_wrong ("unix_sock_rw_perms = \"0888\"\n",
                "c:1: 'unix_sock_rw_perms' must be permissions in quotes, such as \"0770\"");
  assert_wrong ("unix_sock_rw_perms = 0770\n",
                "c:1: 'unix_sock_rw_perms' must be permissions in quotes, such as \"0770\"");
  assert_wrong ("unix_sock_users = \"alice\"\n", "c:1: 'unix_sock_users' must be a list of strings");
  assert_wrong ("unix_sock_ro_open = 2\n", "c:1: 'unix_sock_ro_open' must be 0 or 1");
  assert_wrong ("unix_sock_dir = \"x\"\n", "c: unix_sock_dir: 'x' is not an absolute path");
  assert_wrong ("libvirt_sock_dir = \"x\"\n", "c: libvirt_sock_dir: 'x' is not an absolute path");
  assert_wrong ("auth_unix_rw = \"polkit\"\n", "c:1: 'auth_unix_rw' can only be \"none\" or \"sasl\"");
  assert_wrong ("listen_tcp = 1\n",
                "c:1: 'listen_tcp' can only be 0: nothing is served without TLS on a network");
  assert_wrong ("auth_tls = \"SASL\"\n", "c:1: 'auth_tls' can only be \"none\" or \"sasl\"");
  assert_wrong ("auth_tls = 1\n", "c:1: 'auth_tls' can only be \"none\" or \"sasl\"");
  assert_wrong ("sasl_allowed_username_list = [ \"alice\" ]\n",
                "c: sasl_allowed_username_list would keep nobody out: none of auth_tls, auth_unix_rw and "
                "auth_unix_ro is \"sasl\"");
  assert_wrong ("auth_tls = \"none\"\ntls_no_verify_certificate = 1\n",
                "c: tls_no_verify_certificate is 1, and auth_tls is \"none\": anybody could connect");
  assert_wrong ("tls_no_verify_certificate = 1\n",
                "c: tls_no_verify_certificate is 1, and auth_tls is \"none\": anybody could connect");
  assert_wrong ("auth_tls = \"sasl\"\ntls_no_verify_certificate = 1\ntls_allowed_dn_list = [ \"CN=a\" ]\n",
                "c: tls_no_verify_certificate is 1: tls_allowed_dn_list would keep nobody out");
  assert_wrong ("key_file = \"/k\"\ncert_file = \"/c\"\n",
                "c: key_file, cert_file and ca_file go together: ca_file is not set");
  assert_wrong ("crl_file = \"crl.pem\"\n", "c: 'crl.pem' is not an absolute path");
  assert_wrong ("tls_priority = \"no such\"\n", "c: tls_priority: 'no such' is not a priority of GnuTLS");
  assert_wrong ("max_clients = 9\nmax_tls_clients = 10\n", "c: max_tls_clients is more than max_clients");
  assert_wrong ("tls_handshake_timeout = 0\n", "c:1: 'tls_handshake_timeout' must be from 1 to 3600");
  assert_wrong ("tls_allowed_dn_list = \"*\"\n", "c:1: 'tls_allowed_dn_list' must be a list of strings");
  assert_wrong ("tls_port = 16514\n", "c:1: 'tls_port' must be a string in quotes");
}

static void
test_tls (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcDaemonConf) plain = vc_daemon_conf_read ("/no/such/file", NULL);
  g_autoptr (VcDaemonConf) conf = read_text (
      "listen_tls = 0\nlisten_addr = \"::1\"\ntls_port = \"4\"\nkey_file = \"/k\"\ncert_file = \"/c\"\n"
      "ca_file = \"/a\"\ncrl_file = \"/r\"\ntls_allowed_dn_list = []\nmax_clients = 10\nmax_tls_clients = 9\n"
      "tls_handshake_timeout = 3\nmax_anonymous_clients = 4\ntls_handshake_workers = 1\n"
      "tls_no_verify_certificate = 0\nauth_tls = \"none\"\ntls_priority = \"NORMAL\"\n",
      &error);

  g_assert_no_error (error);
  g_assert_false (conf->tls.listens);
  g_assert_cmpstr (conf->tls.address, ==, "::1");
  g_assert_cmpstr (conf->tls.port, ==, "4");
  g_assert_cmpstr (conf->tls.crl, ==, "/r");
  g_assert_nonnull (conf->tls.allowed); /* nobody, and not everybody */
  g_assert_null (conf->tls.allowed[0]);
  g_assert_cmpuint (conf->limits.max_remote, ==, 9);
  g_assert_cmpuint (conf->tls.handshake_ms, ==, 3000);
  g_assert_cmpuint (conf->tls.max_handshakes, ==, 4);
  g_assert_true (plain->tls.listens);
  g_assert_cmpstr (plain->tls.port, ==, "16514");
  g_assert_null (plain->tls.allowed);
  g_assert_cmpuint (plain->limits.max_remote, ==, 4000);
}

/* Who logs in, and who may. */
static void
test_sasl (void)
{
  const VcRpcPeer here = { 1, 0, 0 }, there = { 0, (uid_t) -1, (gid_t) -1, NULL, "192.0.2.1:4000", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (VcDaemonConf) plain = vc_daemon_conf_read ("/no/such/file", NULL);
  g_autoptr (VcDaemonConf) conf
      = read_text ("auth_tls = \"sasl\"\nauth_unix_ro = \"sasl\"\ntls_no_verify_certificate = 1\n"
                   "sasl_allowed_username_list = [ \"fred\", \"*@EXAMPLE.COM\" ]\n",
                   &error);
  g_autoptr (VcDaemonConf) closed
      = read_text ("auth_unix_rw = \"sasl\"\nsasl_allowed_username_list = []\n", &error);

  g_assert_no_error (error);
  g_assert_true (conf->tls.no_verify);
  g_assert_true (vc_daemon_conf_wants_login (conf, &there, FALSE));
  g_assert_true (vc_daemon_conf_wants_login (conf, &here, TRUE));
  g_assert_false (vc_daemon_conf_wants_login (conf, &here, FALSE));
  g_assert_true (vc_daemon_conf_wants_login (closed, &here, FALSE));
  g_assert_false (vc_daemon_conf_wants_login (closed, &there, FALSE));
  g_assert_false (vc_daemon_conf_wants_login (plain, &there, FALSE));
  g_assert_true (vc_daemon_conf_allows_user (conf, "fred"));
  g_assert_true (vc_daemon_conf_allows_user (conf, "anybody@EXAMPLE.COM"));
  g_assert_false (vc_daemon_conf_allows_user (conf, "freda"));
  g_assert_false (vc_daemon_conf_allows_user (closed, "fred")); /* nobody, and not everybody */
  g_assert_true (vc_daemon_conf_allows_user (plain, "fred"));
}

/* Who may come in: ourselves and root, and those who are named. */
static void
test_allows (void)
{
  VcRpcPeer self = { 1, getuid (), getgid () }, root = { 1, 0, 0 }, nobody = { 1, 65534, 65534 };
  g_autoptr (VcDaemonConf) plain = vc_daemon_conf_read ("/no/such/file", NULL);
  g_autoptr (VcDaemonConf) open = read_text ("unix_sock_ro_open = 1\n", NULL);
  g_autoptr (VcDaemonConf) named = read_text ("unix_sock_users = [ \"no such user\", \"nobody\" ]\n", NULL);
  g_autoptr (VcDaemonConf) group = read_text ("unix_sock_group = \"nogroup\"\n", NULL);
  g_autoptr (VcDaemonConf) groups
      = read_text ("unix_sock_groups = [ \"no such group\", \"nogroup\" ]\n", NULL);
  g_autoptr (GError) error = NULL;

  if (getuid () == nobody.uid)
    {
      g_test_skip ("needs somebody else than nobody");
      return;
    }
  g_assert_true (vc_daemon_conf_allows (plain, &self, FALSE, NULL));
  g_assert_true (vc_daemon_conf_allows (plain, &root, FALSE, NULL));
  g_assert_false (vc_daemon_conf_allows (plain, &nobody, FALSE, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
  g_assert_false (vc_daemon_conf_allows (plain, &nobody, TRUE, NULL));
  g_assert_true (vc_daemon_conf_allows (open, &nobody, TRUE, NULL));
  g_assert_false (vc_daemon_conf_allows (open, &nobody, FALSE, NULL));
  g_assert_true (vc_daemon_conf_allows (named, &nobody, FALSE, NULL));
  g_assert_true (vc_daemon_conf_allows (group, &nobody, FALSE, NULL));
  g_assert_true (vc_daemon_conf_allows (groups, &nobody, FALSE, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conf/defaults", test_defaults);
  g_test_add_func ("/conf/settings", test_settings);
  g_test_add_func ("/conf/wrong", test_wrong);
  g_test_add_func ("/conf/tls", test_tls);
  g_test_add_func ("/conf/sasl", test_sasl);
  g_test_add_func ("/conf/allows", test_allows);
  return g_test_run ();
}
