/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/ssh.h"

#include <glib/gstdio.h>

static void
assert_argv (const char *text, gboolean is_read_only, const char *want)
{
  g_autoptr (VcUri) uri = vc_uri_read (text, NULL);
  g_auto (GStrv) argv = vc_ssh_argv (uri, is_read_only);
  g_autofree char *joined = g_strjoinv (" | ", argv);

  g_assert_true (g_str_has_prefix (joined, want));
}

static void
test_argv (void)
{
  assert_argv ("qemu+ssh://host/system", FALSE,
               "ssh | -T | -e | none | -- | host | sh -c 'for S in /run/virtcard/virtcard-sock "
               "/run/libvirt/libvirt-sock; do");
  assert_argv ("qemu+ssh://host/system", TRUE,
               "ssh | -T | -e | none | -- | host | sh -c 'for S in /run/virtcard/virtcard-sock-ro "
               "/run/libvirt/libvirt-sock-ro; do");
  assert_argv ("qemu+ssh://[fd00::1]:22/session?no_tty=0", TRUE,
               "ssh | -T | -e | none | -p | 22 | -- | fd00::1 | sh -c 'R=${XDG_RUNTIME_DIR:-");
  assert_argv ("qemu+ssh://bob@host:2022/system?socket=/a&keyfile=/k&no_tty=1&no_verify=1&command=/x/ssh",
               FALSE,
               "/x/ssh | -T | -e | none | -p | 2022 | -l | bob | -i | /k | -o | BatchMode=yes | "
               "-o | StrictHostKeyChecking=no | -- | host | sh -c ");
}

/* What the other host's shells make of it. */
static void
assert_runs (const char *text, const char *want)
{
  g_autoptr (VcUri) uri = vc_uri_read (text, NULL);
  g_auto (GStrv) argv = vc_ssh_argv (uri, FALSE);
  const char *const shell[] = { "sh", "-c", argv[g_strv_length (argv) - 1], NULL };
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;

  g_spawn_sync (NULL, (char **) shell, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (out, ==, want);
}

static void
test_runs (void)
{
  assert_runs ("qemu+ssh://h/system?netcat=echo&socket=/a%20b'%22c$(id)", "-U /a b'\"c$(id)\n");
}

/* One that has to be told to end, and one that has not. */
static void
test_netcats (void)
{
  g_autofree char *folder = g_dir_make_tmp ("vc-XXXXXX", NULL);
  g_autofree char *old = g_build_filename (folder, "a b", NULL);
  g_autofree char *text = g_strdup_printf ("qemu+ssh://h/system?netcat=%s/a%%20b&socket=/s", folder);

  g_assert_true (g_file_set_contents_full (
      old, "#!/bin/sh\ntest $# = 1 && echo option -q requires an argument >&2\necho $*\n", -1,
      G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  assert_runs (text, "-q0 -U /s\n");
  g_remove (old);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ssh/argv", test_argv);
  g_test_add_func ("/ssh/runs", test_runs);
  g_test_add_func ("/ssh/netcats", test_netcats);
  return g_test_run ();
}
