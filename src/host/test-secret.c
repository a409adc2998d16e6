/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/secret.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"

#define A "11111111-2222-3333-4444-555555555555"
#define B "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

static VcPaths *paths;

static VcSecret *
read_text (const char *text, GError **error)
{
  return vc_secret_read (text, strlen (text), "s.xml", error);
}

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcSecret) self = read_text ("<secret ephemeral='no' private='yes'>\n"
                                         "  <description>key of the server</description>\n"
                                         "  <uuid>11111111222233334444555555555555</uuid>\n"
                                         "  <usage type='tls'><name>chardev</name></usage>\n"
                                         "</secret>\n",
                                         &error);
  g_autofree char *text = NULL;
  g_autoptr (VcSecret) small = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (self->uuid, ==, A);
  g_assert_cmpstr (self->name, ==, "chardev");
  text = vc_secret_print (self);
  g_assert_cmpstr (text, ==,
                   "<secret ephemeral='no' private='yes'>\n"
                   "  <uuid>" A "</uuid>\n"
                   "  <description>key of the server</description>\n"
                   "  <usage type='tls'>\n"
                   "    <name>chardev</name>\n"
                   "  </usage>\n"
                   "</secret>\n");
  small = read_text ("<secret><usage type='tls'><name>x</name></usage></secret>", &error);
  g_assert_no_error (error);
  g_assert_true (g_uuid_string_is_valid (small->uuid));
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text, *message;
    int code;
  } list[] = {
    { "<domain/>", "s.xml:1: <domain>: this is not a secret", VC_ERROR_INVALID },
    { "<secret/>", "s.xml:1: <secret>: needs usage/@type, the sort of use", VC_ERROR_INVALID },
    { "<secret><usage type='tls'/></secret>", "s.xml:1: <usage>: needs name, the name of its use",
      VC_ERROR_INVALID },
    { "<secret>\n<usage type='tls'><name/></usage></secret>",
      "s.xml:1: <secret>: the <name> of its <usage> is empty", VC_ERROR_INVALID },
    { "<secret><usage type='ceph'><name>x</name></usage></secret>",
      "s.xml:1: <usage>: @type: 'ceph' is none of: tls", VC_ERROR_INVALID },
    { "<secret ephemeral='yes'><usage type='tls'><name>x</name></usage></secret>",
      "s.xml:1: <secret>: ephemeral='yes' is not supported: there is no process that could keep it",
      VC_ERROR_UNSUPPORTED },
    { "<secret colour='red'><usage type='tls'><name>x</name></usage></secret>",
      "s.xml:1: <secret>: unknown attribute 'colour'", VC_ERROR_INVALID },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (list); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text (list[i].text, &error));
      g_assert_cmpstr (error->message, ==, list[i].message);
      g_assert_error (error, VC_ERROR, list[i].code);
    }
}

static VcSecret *
make (const char *uuid, const char *name, VcTri is_private)
{
  VcSecret *self = g_new0 (VcSecret, 1);

  self->uuid = g_strdup (uuid);
  self->name = g_strdup (name);
  self->is_private = is_private;
  self->usage = 1;
  return self;
}

static mode_t
mode_of (const char *path)
{
  g_autofree char *full = g_build_filename (paths->etc, path, NULL);
  struct stat st;

  g_assert_cmpint (stat (full, &st), ==, 0);
  return st.st_mode & 07777;
}

static void
fails (gboolean done, GError **error, int code, const char *message)
{
  g_assert_false (done);
  g_assert_cmpstr ((*error)->message, ==, message);
  g_assert_error (*error, VC_ERROR, code);
  g_clear_error (error);
}

static void
test_keep (void)
{
  g_autoptr (VcSecret) a = make (A, "one", VC_TRI_YES);
  g_autoptr (VcSecret) a_public = make (A, "one", VC_TRI_NO);
  g_autoptr (VcSecret) a_other = make (A, "two", VC_TRI_YES);
  g_autoptr (VcSecret) b_same = make (B, "one", VC_TRI_NO);
  g_autoptr (VcSecret) b = make (B, "two", VC_TRI_NO);
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GPtrArray) both = NULL;
  g_autofree char *value = NULL;
  g_autofree char *newer = NULL;
  GError *error = NULL;
  gsize len;

  none = vc_secrets_list (paths, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
  fails (vc_secret_set_value (paths, A, "x", 1, &error), &error, VC_ERROR_NOT_FOUND,
         "Secret not found: no secret with matching uuid '" A "'");
  fails (vc_secret_undefine (paths, "../../x", &error), &error, VC_ERROR_NOT_FOUND,
         "Secret not found: no secret with matching uuid '../../x'");

  g_assert_true (vc_secret_define (paths, a, &error));
  g_assert_true (vc_secret_define (paths, a, &error));
  g_assert_true (vc_secret_define (paths, b, &error));
  fails (vc_secret_define (paths, a_public, &error), &error, VC_ERROR_EXISTS,
         "cannot change private flag on existing secret");
  fails (vc_secret_define (paths, a_other, &error), &error, VC_ERROR_EXISTS,
         "a secret with UUID " A " already defined for use with one");
  fails (vc_secret_define (paths, b_same, &error), &error, VC_ERROR_EXISTS,
         "a secret with UUID " A " already defined for use with one");

  fails (vc_secret_get_value (paths, A, &len, &error) != NULL, &error, VC_ERROR_NOT_FOUND,
         "secret " A " has no value: virtcard secret-set-value " A);
  fails (vc_secret_set_value (paths, A, "", 0, &error), &error, VC_ERROR_INVALID,
         "the value of secret " A " is empty");
  fails (vc_secret_set_value (paths, A, "a\0b", 3, &error), &error, VC_ERROR_INVALID,
         "the value of secret " A " is no passphrase: it is not UTF-8");
  g_assert_true (vc_secret_set_value (paths, A, "open sesame", 11, &error));
  value = vc_secret_get_value (paths, A, &len, &error);
  g_assert_cmpstr (value, ==, "open sesame");
  g_assert_true (vc_secret_set_value (paths, A, "å", strlen ("å"), &error));
  newer = vc_secret_get_value (paths, A, &len, &error);
  g_assert_cmpstr (newer, ==, "å");
  g_assert_cmpint (mode_of ("secrets"), ==, 0700);
  g_assert_cmpint (mode_of ("secrets/" A ".value"), ==, 0600);
  g_assert_cmpint (mode_of ("secrets/" A ".xml"), ==, 0600);

  both = vc_secrets_list (paths, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (both->len, ==, 2);
  g_assert_cmpstr (((VcSecret *) both->pdata[0])->uuid, ==, A);
  g_assert_true (((VcSecret *) both->pdata[0])->has_value);
  g_assert_false (((VcSecret *) both->pdata[1])->has_value);

  g_assert_true (vc_secret_undefine (paths, A, &error));
  g_assert_true (vc_secret_undefine (paths, B, &error));
  fails (vc_secret_undefine (paths, B, &error), &error, VC_ERROR_NOT_FOUND,
         "Secret not found: no secret with matching uuid '" B "'");
}

int
main (int argc, char **argv)
{
  g_autofree char *root = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *etc = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  root = g_dir_make_tmp ("secret-XXXXXX", NULL);
  paths = vc_paths_new (root, NULL);
  g_test_add_func ("/secret/read", test_read);
  g_test_add_func ("/secret/refused", test_refused);
  g_test_add_func ("/secret/keep", test_keep);
  status = g_test_run ();
  folder = g_build_filename (paths->etc, "secrets", NULL);
  etc = g_path_get_dirname (paths->etc);
  g_rmdir (folder);
  g_rmdir (paths->etc);
  g_rmdir (etc);
  g_rmdir (root);
  vc_paths_free (paths);
  return status;
}
