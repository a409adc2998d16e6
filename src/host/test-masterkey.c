/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/masterkey.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static char *top, *path;

static VcPlan *
new_plan (void)
{
  VcPlan *plan = vc_plan_new ();
  VcProps *props = vc_plan_add (plan, VC_Q_OBJECT, "secret", "masterKey0");

  vc_props_str (props, "file", path);
  for (guint n = 0; n < 2; n++)
    {
      props = vc_plan_add (plan, VC_Q_OBJECT, "secret", n == 0 ? "a" : "b");
      vc_props_str (props, "data", "");
      vc_props_str (props, "keyid", "masterKey0");
      vc_props_str (props, "iv", "");
    }
  return plan;
}

static const char *
get (const VcPlan *plan, guint nth, const char *name)
{
  return vc_props_get (vc_plan_nth (plan, nth)->props, name)->text;
}

static void
test_make (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUser) us = vc_user_self (), nobody = vc_user_get ("nobody", NULL, NULL);
  g_autofree char *first = NULL, *second = NULL;
  const VcUser *user = geteuid () == 0 ? nobody : us;
  gsize len;
  struct stat st;

  g_assert_true (vc_master_key_make (top, user, &error));
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, 0600);
  g_assert_cmpint (st.st_uid, ==, user->uid);
  g_assert_cmpint (st.st_size, ==, 32);
  g_assert_true (g_file_get_contents (path, &first, &len, NULL));
  g_assert_false (vc_master_key_make (top, user, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_EXISTS);
  g_unlink (path);
  g_assert_true (vc_master_key_make (top, user, NULL));
  g_assert_true (g_file_get_contents (path, &second, &len, NULL));
  g_assert_cmpint (memcmp (first, second, 32), !=, 0);
  g_unlink (path);
}

static void
test_seal (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUser) us = vc_user_self ();
  g_autoptr (VcPlan) plan = new_plan (), empty = vc_plan_new ();
  g_autofree char *before = NULL;

  g_assert_true (vc_master_key_make (top, us, &error));
  g_assert_true (vc_master_key_wants (plan));
  g_assert_false (vc_master_key_wants (empty));
  g_assert_true (vc_master_key_seal (top, "open sesame", plan, &error));
  g_assert_no_error (error);
  g_assert_false (vc_master_key_wants (plan));
  g_assert_cmpuint (strlen (get (plan, 1, "data")), ==, 24);
  g_assert_cmpuint (strlen (get (plan, 1, "iv")), ==, 24);
  g_assert_cmpstr (get (plan, 1, "iv"), !=, get (plan, 2, "iv"));
  g_assert_cmpstr (get (plan, 1, "data"), !=, get (plan, 2, "data"));
  before = g_strdup (get (plan, 1, "data"));
  g_assert_true (vc_master_key_seal (top, "other", plan, &error));
  g_assert_cmpstr (get (plan, 1, "data"), ==, before);
  g_unlink (path);
}

static void
check_refused (const char *ending, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcPlan) plan = new_plan ();

  g_assert_false (vc_master_key_seal (top, "x", plan, &error));
  g_assert_error (error, VC_ERROR, code);
  g_assert_nonnull (strstr (error->message, ending));
  g_assert_true (vc_master_key_wants (plan));
}

/* QEMU can write to its folder. */
static void
test_refused (void)
{
  check_refused ("master-key.aes': No such file or directory", VC_ERROR_NOT_FOUND);
  g_assert_true (g_file_set_contents (path, "short", -1, NULL));
  check_refused ("master-key.aes' is no master key: no file of 32 bytes", VC_ERROR_INVALID);
  g_unlink (path);
  g_assert_cmpint (symlink ("/dev/zero", path), ==, 0);
  check_refused ("master-key.aes': Too many levels of symbolic links", VC_ERROR_FAILED);
  g_unlink (path);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  check_refused ("master-key.aes' is no master key: no file of 32 bytes", VC_ERROR_INVALID);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  top = g_dir_make_tmp ("masterkey-XXXXXX", NULL);
  path = vc_master_key_path (top);
  g_test_add_func ("/masterkey/make", test_make);
  g_test_add_func ("/masterkey/seal", test_seal);
  g_test_add_func ("/masterkey/refused", test_refused);
  status = g_test_run ();
  g_rmdir (top);
  g_free (path);
  g_free (top);
  return status;
}
