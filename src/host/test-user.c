/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/user.h"

#include <pwd.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

/* What vc_user_find does as root needs root; the rest runs as anybody. */

static VcUser *
find (const char *text, GError **error)
{
  g_autoptr (VcQemuConf) conf = vc_qemu_conf_read_text (text, strlen (text), "q", error);

  g_assert_nonnull (conf);
  return vc_user_find (conf, error);
}

static void
test_get (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUser) nobody = vc_user_get ("nobody", NULL, &error);
  g_autoptr (VcUser) root = vc_user_get ("0", "+7", &error);
  g_autoptr (VcUser) nameless = vc_user_get ("+4123456", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (nobody->uid, ==, 65534);
  g_assert_cmpuint (nobody->gid, ==, 65534);
  g_assert_cmpuint (nobody->n_groups, >=, 1);
  g_assert_cmpstr (root->name, ==, "root");
  g_assert_cmpuint (root->gid, ==, 7);
  g_assert_cmpuint (nameless->uid, ==, 4123456);
  g_assert_cmpuint (nameless->gid, ==, 4123456);
  g_assert_cmpstr (nameless->name, ==, "+4123456");

  static const char *const bad[]
      = { "no such user", "+", "+x", "-1", "+-1", "4294967295", "99999999999", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_clear_error (&error);
      g_assert_null (vc_user_get (bad[i], NULL, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
    }
}

static void
test_find (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUser) user = find ("user = 'nobody'\ngroup = '+12'\n", &error);

  g_assert_no_error (error);
  if (geteuid () != 0)
    {
      g_assert_cmpuint (user->uid, ==, geteuid ());
      g_assert_true (user->self);
      g_test_skip ("the rest of this test needs root");
      return;
    }
  g_assert_cmpstr (user->name, ==, "nobody");
  g_assert_cmpuint (user->gid, ==, 12);
  g_assert_false (user->self);

  static const struct
  {
    const char *text, *message;
  } rows[] = {
    { "\nuser = 'no such'", "q:2: there is no user 'no such'" },
    { "user = ''", "q:1: 'user' is empty" },
    { "user = 'nobody'\ngroup = 'no such'", "q:2: there is no group 'no such'" },
    { "user = 'nobody'\ngroup = ''", "q:2: 'group' is empty" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_clear_error (&error);
      g_assert_null (find (rows[i].text, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, rows[i].message);
    }

  g_clear_error (&error);
  g_clear_pointer (&user, vc_user_free);
  user = find ("user = '+0'", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (user->uid, ==, 0);
  g_clear_pointer (&user, vc_user_free);

  /* Nothing written: one of the usual users, and if there is none, how to make it. */
  user = vc_user_find (NULL, &error);
  if (getpwnam ("libvirt-qemu") || getpwnam ("virtcard-qemu"))
    g_assert_cmpuint (user->uid, !=, 0);
  else
    {
      g_assert_error (error, VC_ERROR, VC_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "systemd-sysusers virtcard.conf"));
    }
}

static void
test_become (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUser) user = geteuid () == 0 ? vc_user_get ("nobody", "+12", &error) : vc_user_self ();
  int status = 0;
  pid_t pid = fork ();

  if (pid == 0)
    {
      gid_t groups[VC_USER_MAX_GROUPS];

      if (vc_user_become (user) != 0)
        _exit (1);
      _exit (getuid () != user->uid || geteuid () != user->uid || getegid () != user->gid
             || getgroups (VC_USER_MAX_GROUPS, groups) != (int) user->n_groups
             || (user->uid != 0 && setuid (0) == 0));
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/user/get", test_get);
  g_test_add_func ("/user/find", test_find);
  g_test_add_func ("/user/become", test_become);
  return g_test_run ();
}
