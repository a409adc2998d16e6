/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/conf.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "host/settings.h"

static VcQemuConf *
read_text (const char *text, GError **error)
{
  return vc_qemu_conf_read_text (text, strlen (text), "q", error);
}

static void
test_values (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcQemuConf) conf = read_text ("# a comment\n"
                                           "user = \"+0\"   # who\n"
                                           "\n"
                                           "  group='kvm'\r\n"
                                           "chardev_tls = 1\n"
                                           "chardev_tls_x509_verify=0\n"
                                           "chardev_tls_x509_cert_dir = \"/a \\b#'\"\n"
                                           "default_tls_x509_secret_uuid = \"\"\"x\"y\"\"\"\n"
                                           "cgroup_device_acl = [ # which\n"
                                           "  \"/dev/null\", '/dev/full',\n"
                                           "\n"
                                           "  \"/dev/kvm\",\n"
                                           "]\n"
                                           "nvram=[]\n"
                                           "max_core = \"unlimited\"\n"
                                           "security_driver = [ \"selinux\", \"apparmor\" ]\n"
                                           "dynamic_ownership = 0",
                                           &error);

  g_assert_no_error (error);
  g_assert_cmpstr (conf->user, ==, "+0");
  g_assert_cmpuint (conf->user_line, ==, 2);
  g_assert_cmpstr (conf->group, ==, "kvm");
  g_assert_cmpuint (conf->group_line, ==, 4);
  g_assert_cmpint (conf->chardev_tls, ==, VC_TRI_YES);
  g_assert_cmpint (conf->chardev_tls_verify, ==, VC_TRI_NO);
  g_assert_cmpint (conf->default_tls_verify, ==, VC_TRI_UNSET);
  g_assert_cmpstr (conf->chardev_tls_cert_dir, ==, "/a \\b#'");
  g_assert_cmpstr (conf->default_tls_secret, ==, "x\"y");
  g_assert_cmpint (conf->dynamic_ownership, ==, VC_TRI_NO);
  g_assert_cmpuint (g_strv_length (conf->unused), ==, 4);
  g_assert_cmpstr (conf->unused[3], ==, "security_driver");
}

static void
test_errors (void)
{
  static const struct
  {
    const char *text, *message;
  } rows[] = {
    { "chardev_tsl = 1", "q:1: unknown setting 'chardev_tsl'" },
    { "\n# x\nuser\n", "q:3: 'user' needs '=' and a value" },
    { "user =\n", "q:1: a value is missing: a number, a string in quotes or a list" },
    { "user = root\n", "q:1: a value is missing: a number, a string in quotes or a list" },
    { "user = \"root\n\"", "q:1: a string has no closing quote" },
    { "user = \"\"\"root\n\n\"", "q:1: a string has no closing quote" },
    { "user = 5\n", "q:1: 'user' must be a string in quotes" },
    { "chardev_tls = 2\n", "q:1: 'chardev_tls' must be 0 or 1" },
    { "chardev_tls = \"1\"\n", "q:1: 'chardev_tls' must be 0 or 1" },
    { "chardev_tls = 1 1\n", "q:1: something stands after the value of 'chardev_tls'" },
    { "max_files = 99999999999999999999\n", "q:1: '99999999999999999999' is not a number" },
    { "max_files = -\n", "q:1: '-' is not a number" },
    { "nvram = [\n\"a\"\n\"b\"]", "q:3: a comma is missing in a list" },
    { "nvram = [\n\"a\",\n", "q:1: a list has no closing bracket" },
    { "nvram = [\n4]", "q:2: a list may hold only strings in quotes" },
    { "nvram = 'a'\n", "q:1: 'nvram' must be a list of strings" },
    { "security_driver = 1\n", "q:1: 'security_driver' must be a string in quotes, or a list of them" },
    { "max_core = \"all\"\n", "q:1: 'max_core' must be a number or \"unlimited\"" },
    { "user = 'a'\nuser = 'b'\n", "q:2: 'user' was set in line 1 already" },
    { "user = '\xff'\n", "q:1: a string is not UTF-8" },
    { "= 5\n", "q:1: expecting a setting: name = value" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcQemuConf) conf = read_text (rows[i].text, &error);

      g_assert_null (conf);
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, rows[i].message);
    }
}

static void
test_bytes (void)
{
  static const char nul[] = "user = 'a'\0\nuser";
  g_autoptr (GError) error = NULL;
  g_autofree char *big = g_malloc0 (VC_SETTINGS_MAX_BYTES + 1);
  g_autoptr (VcQemuConf) conf = vc_qemu_conf_read_text (nul, sizeof nul - 1, "q", &error);

  g_assert_null (conf);
  g_assert_cmpstr (error->message, ==, "q:1: something stands after the value of 'user'");
  g_clear_error (&error);
  conf = vc_qemu_conf_read_text (big, VC_SETTINGS_MAX_BYTES + 1, "q", &error);
  g_assert_error (error, VC_ERROR, VC_ERROR_LIMIT);
}

static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("conf-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "qemu.conf", NULL);
  g_autoptr (VcQemuConf) none = vc_qemu_conf_read (path, &error);

  g_assert_no_error (error);
  g_assert_null (none->user);
  g_assert_cmpuint (g_strv_length (none->unused), ==, 0);

  g_assert_null (vc_qemu_conf_read (dir, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, "user = 'me'\nx = 1\n", -1, NULL));
  g_assert_null (vc_qemu_conf_read (path, &error));

  g_autofree char *want = g_strdup_printf ("%s:2: unknown setting 'x'", path);

  g_assert_cmpstr (error->message, ==, want);
  unlink (path);
  rmdir (dir);
}

/* Keys that ask for protection nobody gives here are remembered, by what they protect. */
static void
test_guards (void)
{
  static const struct
  {
    const char *text;
    VcGuards what;
    const char *why;
  } rows[] = {
    { "vnc_tls = 0\nspice_password = \"\"\nsecurity_driver = \"none\"\n", VC_GUARDS_GUEST, NULL },
    { "\nvnc_sasl = 1\n", VC_GUARDS_SPICE, NULL },
    { "\nvnc_sasl = 1\n", VC_GUARDS_VNC,
      "q:2: 'vnc_sasl' asks for protection that is not supported here: the guest's VNC server would run "
      "without it" },
    { "spice_password = \"x\"\n", VC_GUARDS_SPICE,
      "q:1: 'spice_password' asks for protection that is not supported here: the guest's SPICE server "
      "would run without it" },
    { "vnc_password = \"\"\n", VC_GUARDS_VNC,
      "q:1: 'vnc_password' asks for protection that is not supported here: the guest's VNC server would run "
      "without it" },
    { "security_driver = [ \"selinux\" ]\n", VC_GUARDS_GUEST,
      "q:1: 'security_driver' asks for protection that is not supported here: the guest would run without "
      "it" },
    { "security_driver = [ \"none\" ]\n", VC_GUARDS_GUEST, NULL },
    { "security_driver = [ ]\n", VC_GUARDS_GUEST, NULL },
    { "security_driver = [ \"none\",\n \"apparmor\" ]\n", VC_GUARDS_GUEST,
      "q:1: 'security_driver' asks for protection that is not supported here: the guest would run without "
      "it" }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcQemuConf) conf = vc_qemu_conf_read_text (rows[i].text, strlen (rows[i].text), "q", NULL);

      g_assert_true (vc_qemu_conf_guards (conf, rows[i].what, &error) == (rows[i].why == NULL));
      g_assert_cmpstr (error != NULL ? error->message : NULL, ==, rows[i].why);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conf/values", test_values);
  g_test_add_func ("/conf/errors", test_errors);
  g_test_add_func ("/conf/bytes", test_bytes);
  g_test_add_func ("/conf/files", test_files);
  g_test_add_func ("/conf/guards", test_guards);
  return g_test_run ();
}
