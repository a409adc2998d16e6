/* SPDX-License-Identifier: LGPL-2.1-or-later */
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
  assert_refused ("qemu+tls://host/system", VC_ERROR_UNSUPPORTED,
                  "transport 'tls' is not supported yet: use unix");
  assert_refused ("qemu+ssh://root@host/system?socket=/x", VC_ERROR_UNSUPPORTED,
                  "transport 'ssh' is not supported yet: use unix");
  assert_refused ("qemu+pigeon:///system", VC_ERROR_INVALID, "unknown transport 'pigeon'");
  assert_refused ("qemu+:///system", VC_ERROR_INVALID, "unknown transport ''");
  assert_refused ("qemu://host/system", VC_ERROR_INVALID,
                  "a host, user or port needs a transport over the network");
  assert_refused ("qemu://:1/system", VC_ERROR_INVALID,
                  "a host, user or port needs a transport over the network");
  assert_refused ("qemu+unix://user@/system", VC_ERROR_INVALID,
                  "a host, user or port needs a transport over the network");
  assert_refused ("qemu:///", VC_ERROR_INVALID, "'/' is none of /system, /session and /embed");
  assert_refused ("qemu:///system/", VC_ERROR_INVALID, "'/system/' is none of /system, /session and /embed");
  assert_refused ("qemu:///system#1", VC_ERROR_INVALID, "nothing can follow '#'");
  assert_refused ("qemu:///system?pkipath=/x", VC_ERROR_INVALID, "unknown parameter 'pkipath'");
  assert_refused ("qemu:///system?socket=x", VC_ERROR_INVALID, "parameter 'socket': 'x' is no absolute path");
  assert_refused ("qemu:///embed?root=", VC_ERROR_INVALID, "parameter 'root': '' is no absolute path");
  assert_refused ("qemu:///embed?root=/a&root=/a", VC_ERROR_INVALID, "parameter 'root' is given twice");
  assert_refused ("qemu:///embed?socket=/a", VC_ERROR_INVALID, "/embed is in this process and has no socket");
  assert_refused ("qemu+unix:///embed", VC_ERROR_INVALID, "/embed is in this process and has no transport");
  assert_refused ("qemu:///system?root=/a&socket=/b", VC_ERROR_INVALID,
                  "parameters 'root' and 'socket' exclude each other");
  assert_refused (long_one, VC_ERROR_LIMIT, "it has more than 4096 bytes");
}

/* GLib's own words, so only the code. */
static void
test_broken (void)
{
  static const char *const broken[]
      = { "qemu:///system?root", "qemu:///system?root=%", "qemu:///%zz", "qemu:///system?root=/%00",
          "qemu:// /",           "qemu://[/system",       "\xff\xfe" };

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
  g_test_add_func ("/uri/bad", test_bad);
  g_test_add_func ("/uri/broken", test_broken);
  return g_test_run ();
}
