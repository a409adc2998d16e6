/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "client/uri.h"

static void
assert_read (const char *text, VcUriPlace place, const char *socket, const char *root, const char *printed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUri) uri = vc_uri_read (text, &error);
  g_autofree char *again = uri != NULL ? vc_uri_print (uri) : NULL;

  g_assert_no_error (error);
  g_assert_cmpint (uri->place, ==, place);
  g_assert_cmpstr (uri->socket, ==, socket);
  g_assert_cmpstr (uri->root, ==, root);
  g_assert_cmpstr (again, ==, printed);
}

static void
test_good (void)
{
  assert_read ("qemu:///system", VC_URI_SYSTEM, NULL, NULL, "qemu:///system");
  assert_read ("qemu+unix:///system", VC_URI_SYSTEM, NULL, NULL, "qemu:///system");
  assert_read ("qemu:///session", VC_URI_SESSION, NULL, NULL, "qemu:///session");
  assert_read ("qemu:/embed", VC_URI_EMBED, NULL, NULL, "qemu:///embed");
  assert_read ("qemu+unix:///system?socket=/run/x", VC_URI_SYSTEM, "/run/x", NULL,
               "qemu+unix:///system?socket=/run/x");
  assert_read ("qemu:///system?socket=/run/x", VC_URI_SYSTEM, "/run/x", NULL,
               "qemu+unix:///system?socket=/run/x");
  assert_read ("qemu:///embed?root=/a%20b%26c", VC_URI_EMBED, NULL, "/a b&c",
               "qemu:///embed?root=/a%20b%26c");
  assert_read ("qemu:///embed?root=%2Fa", VC_URI_EMBED, NULL, "/a", "qemu:///embed?root=/a");
  assert_read ("qemu:///session?root=/a", VC_URI_SESSION, NULL, "/a", "qemu:///session?root=/a");
  assert_read ("QEMU:///system", VC_URI_SYSTEM, NULL, NULL, "qemu:///system");
}

/* Printed as it was read. */
static void
assert_tls (const char *text, const char *user, const char *host, guint port, const char *printed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUri) uri = vc_uri_read (text, &error);
  g_autofree char *again = uri != NULL ? vc_uri_print (uri) : NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (uri->user, ==, user);
  g_assert_cmpstr (uri->host, ==, host);
  g_assert_cmpuint (uri->port, ==, port);
  g_assert_cmpstr (again, ==, printed != NULL ? printed : text);
}

static void
test_tls (void)
{
  g_autoptr (VcUri) uri = vc_uri_read (
      "qemu+tls://h/system?no_sanity=0&pkipath=/a%20b&no_verify=1&tls_priority=NORMAL:%2BX&auth=sasl.PLAIN",
      NULL);
  g_autofree char *again = NULL;

  assert_tls ("qemu+tls://host/system", NULL, "host", 16514, NULL);
  assert_tls ("qemu+tls://a.b.c:16514/session", NULL, "a.b.c", 16514, "qemu+tls://a.b.c/session");
  assert_tls ("qemu+tls://10.0.0.1:1/system", NULL, "10.0.0.1", 1, NULL);
  assert_tls ("qemu+tls://[fd00::1]/system", NULL, "fd00::1", 16514, NULL);
  assert_tls ("qemu+tls://[fe80::1%25eth0]/system", NULL, "fe80::1%eth0", 16514, NULL);
  assert_tls ("qemu+tls://bob@[::1]:65535/system", "bob", "::1", 65535, NULL);
  assert_tls ("qemu+tls://a%40b@h/system", "a@b", "h", 16514, NULL);
  assert_tls ("qemu://host/system", NULL, "host", 16514, "qemu+tls://host/system");
  g_assert_cmpstr (uri->pkipath, ==, "/a b");
  g_assert_cmpstr (uri->tls_priority, ==, "NORMAL:+X");
  g_assert_true (uri->no_verify);
  g_assert_false (uri->no_sanity);
  again = vc_uri_print (uri);
  g_assert_cmpstr (
      again, ==, "qemu+tls://h/system?pkipath=/a%20b&tls_priority=NORMAL%3A%2BX&auth=sasl.PLAIN&no_verify=1");
}

static void
test_ssh (void)
{
  g_autoptr (VcUri) uri = vc_uri_read ("qemu+ssh://bob@h:2022/system?socket=/run/s&no_verify=1&keyfile=/"
                                       "k&command=my%20ssh&netcat=ncat&no_tty=1",
                                       NULL);
  g_autofree char *again = vc_uri_print (uri);

  assert_tls ("qemu+ssh://host/system", NULL, "host", 0, NULL);
  assert_tls ("qemu+ssh://bob@host:22/session", "bob", "host", 22, NULL);
  assert_tls ("qemu+ssh://[fd00::1]/system", NULL, "fd00::1", 0, NULL);
  g_assert_cmpint (uri->transport, ==, VC_URI_SSH);
  g_assert_cmpstr (uri->socket, ==, "/run/s");
  g_assert_cmpstr (uri->command, ==, "my ssh");
  g_assert_cmpstr (uri->keyfile, ==, "/k");
  g_assert_cmpstr (uri->netcat, ==, "ncat");
  g_assert_true (uri->no_tty);
  g_assert_true (uri->no_verify);
  g_assert_cmpstr (again, ==,
                   "qemu+ssh://bob@h:2022/system?socket=/run/s&no_verify=1&command=my%20ssh&keyfile=/k"
                   "&netcat=ncat&no_tty=1");
}

static void
test_token (void)
{
  static const char text[]
      = "qemu+tls://h/"
        "system?system_ca=1&client_cert=pkcs11%3Aobject%3Dd&client_key=pkcs11%3Atoken%3Da%2520b%3Bobject%3Dc";
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUri) uri = vc_uri_read (text, &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  g_assert_true (uri->system_ca);
  g_assert_cmpstr (uri->client_key, ==, "pkcs11:token=a%20b;object=c");
  g_assert_cmpstr (uri->client_cert, ==, "pkcs11:object=d");
  again = vc_uri_print (uri);
  g_assert_cmpstr (again, ==, text);
}

/* They are not said once more, to be seen by others. */
static void
test_secrets (void)
{
  static const char *const rows[][2] = {
    { "qemu+tls://h/system?client_key=pkcs11:object=a%3Fpin-value%3D1234",
      "a PIN does not belong into a PKCS#11 URI" },
    { "qemu+tls://h/system?client_key=PKCS11:object=a%3Fpin%2Dvalue%3D1234",
      "a PIN does not belong into a PKCS#11 URI" },
    { "qemu+tls://bob:1234@h/system", "a password does not belong into a URI" },
    { "qemu+ssh://bob%3A1234@h/system", "a password does not belong into a URI" },
    { "qemu+tls://bob:1234@h/sytem", "'/sytem' is none of" },
    { "qemu+unix://bob:12%334@/system", "a host, user or port needs" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_uri_read (rows[i][0], &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
      g_assert_true (g_str_has_prefix (error->message, "URI '...': "));
      g_assert_nonnull (strstr (error->message, rows[i][1]));
      g_assert_null (strstr (error->message, "1234"));
    }
}

static void
assert_refused (const char *text, VcErrorCode code, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = g_strdup_printf ("URI '%s': %s", text, why);

  g_assert_null (vc_uri_read (text, &error));
  g_assert_error (error, VC_ERROR, (gint) code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_bad (void)
{
  g_autofree char *name = g_strnfill (5000, 'x');
  g_autofree char *long_one = g_strconcat ("qemu:///embed?root=/", name, NULL);

  assert_refused ("", VC_ERROR_INVALID, "it does not begin with 'qemu:'");
  assert_refused ("/system", VC_ERROR_INVALID, "it does not begin with 'qemu:'");
  assert_refused ("xen:///system", VC_ERROR_UNSUPPORTED, "'xen' is unsupported: the only hypervisor is qemu");
  assert_refused ("test:///default", VC_ERROR_UNSUPPORTED,
                  "'test' is unsupported: the only hypervisor is qemu");
  assert_refused ("qemux:///system", VC_ERROR_UNSUPPORTED,
                  "'qemux' is unsupported: the only hypervisor is qemu");
  assert_refused ("qemu+libssh://root@host/system?socket=/x", VC_ERROR_UNSUPPORTED,
                  "transport 'libssh' is not supported: use tls, ssh or unix");
  assert_refused ("qemu+ssh:///system", VC_ERROR_INVALID, "transport ssh needs a host");
  assert_refused ("qemu+ssh://-oProxyCommand=x/system", VC_ERROR_INVALID,
                  "host '-oProxyCommand=x' cannot be given to ssh");
  assert_refused ("qemu+ssh://a%60b%60@h/system", VC_ERROR_INVALID, "user 'a`b`' cannot be given to ssh");
  assert_refused ("qemu+ssh://h/system?root=/x", VC_ERROR_INVALID,
                  "parameter 'root' is not for transport ssh");
  assert_refused ("qemu+pigeon:///system", VC_ERROR_INVALID, "unknown transport 'pigeon'");
  assert_refused ("qemu+:///system", VC_ERROR_INVALID, "unknown transport ''");
  assert_refused ("qemu+unix://host/system", VC_ERROR_INVALID,
                  "a host, user or port needs a transport over the network");
  assert_refused ("qemu://:1/system", VC_ERROR_INVALID,
                  "a host, user or port needs a transport over the network");
  assert_refused ("qemu+unix://user@/system", VC_ERROR_INVALID,
                  "a host, user or port needs a transport over the network");
  assert_refused ("qemu:///", VC_ERROR_INVALID, "'/' is none of /system, /session and /embed");
  assert_refused ("qemu:///system/", VC_ERROR_INVALID, "'/system/' is none of /system, /session and /embed");
  assert_refused ("qemu:///system#1", VC_ERROR_INVALID, "nothing can follow '#'");
  assert_refused ("qemu:///system?pkipath=/x", VC_ERROR_INVALID,
                  "parameter 'pkipath' is not for transport unix");
  assert_refused ("qemu:///system?socket=x", VC_ERROR_INVALID, "parameter 'socket': 'x' is no absolute path");
  assert_refused ("qemu:///embed?root=", VC_ERROR_INVALID, "parameter 'root': '' is no absolute path");
  assert_refused ("qemu:///embed?root=/a&root=/a", VC_ERROR_INVALID, "parameter 'root' is given twice");
  assert_refused ("qemu:///embed?socket=/a", VC_ERROR_INVALID, "/embed is in this process and has no socket");
  assert_refused ("qemu+unix:///embed", VC_ERROR_INVALID, "/embed is in this process and has no transport");
  assert_refused ("qemu:///system?root=/a&socket=/b", VC_ERROR_INVALID,
                  "parameters 'root' and 'socket' exclude each other");
  assert_refused ("qemu+tls:///system", VC_ERROR_INVALID, "transport tls needs a host");
  assert_refused ("qemu+tls://h:0/system", VC_ERROR_INVALID, "0 is no port");
  assert_refused ("qemu+tls://a%3Ab/system", VC_ERROR_INVALID, "'a:b' is no host");
  assert_refused ("qemu+tls://h/embed", VC_ERROR_INVALID, "/embed is in this process and has no transport");
  assert_refused ("qemu+tls://h/system?socket=/x", VC_ERROR_INVALID,
                  "parameter 'socket' is not for transport tls");
  assert_refused ("qemu+tls://h/system?command=/x", VC_ERROR_INVALID,
                  "parameter 'command' is not for transport tls");
  assert_refused ("qemu+tls://h/system?pkipath=x", VC_ERROR_INVALID,
                  "parameter 'pkipath': 'x' is no absolute path");
  assert_refused ("qemu+tls://h/system?client_key=/k", VC_ERROR_INVALID,
                  "parameter 'client_key': '/k' is no PKCS#11 URI: it does not begin with pkcs11:");
  assert_refused ("qemu+tls://h/system?client_cert=pkcs11:object=x", VC_ERROR_INVALID,
                  "parameter 'client_cert' needs 'client_key'");
  assert_refused ("qemu+tls://h/system?no_verify=yes", VC_ERROR_INVALID,
                  "parameter 'no_verify': 'yes' is neither 0 nor 1");
  assert_refused ("qemu+tls://h/system?no_verify=0&no_verify=1", VC_ERROR_INVALID,
                  "parameter 'no_verify' is given twice");
  assert_refused (long_one, VC_ERROR_LIMIT, "it has more than 4096 bytes");
}

/* GLib's own words, so only the code. */
static void
test_broken (void)
{
  static const char *const broken[] = { "qemu:///system?root",
                                        "qemu:///system?root=%",
                                        "qemu:///%zz",
                                        "qemu:///system?root=/%00",
                                        "qemu:// /",
                                        "qemu://[/system",
                                        "qemu+tls://h:70000/system",
                                        "qemu+tls://::1/system",
                                        "\xff\xfe" };

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_uri_read (broken[i], &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/uri/good", test_good);
  g_test_add_func ("/uri/tls", test_tls);
  g_test_add_func ("/uri/ssh", test_ssh);
  g_test_add_func ("/uri/token", test_token);
  g_test_add_func ("/uri/secrets", test_secrets);
  g_test_add_func ("/uri/bad", test_bad);
  g_test_add_func ("/uri/broken", test_broken);
  return g_test_run ();
}
