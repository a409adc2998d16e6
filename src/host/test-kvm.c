/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/kvm.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* A shell script in the place of QEMU, so that the result does not hang on this machine's KVM. */

typedef struct
{
  char *dir, *binary;
  VcUser *user;
} Place;

static void
put_binary (const Place *place, const char *script)
{
  g_assert_true (g_file_set_contents (place->binary, script, -1, NULL));
  g_assert_cmpint (chmod (place->binary, 0755), ==, 0);
}

static guint
count_asked (const Place *place)
{
  g_autofree char *path = g_build_filename (place->dir, "asked", NULL);
  g_autofree char *text = NULL;
  gsize len = 0;

  g_file_get_contents (path, &text, &len, NULL);
  return len;
}

/* The script counts how often it was run; the answers are kept for one that did not change. */
static void
test_asked_once (void)
{
  g_autoptr (GError) error = NULL;
  Place place = { .dir = g_dir_make_tmp ("kvm-XXXXXX", NULL), .user = vc_user_self () };
  g_autofree char *script = NULL;
  g_autofree char *slow = NULL;

  place.binary = g_build_filename (place.dir, "qemu", NULL);
  script = g_strdup_printf ("#!/bin/sh\nprintf x >> %s/asked\nexit 33\n", place.dir);
  slow = g_strdup_printf ("#!/bin/sh\nprintf x >> %s/asked\nexec sleep 60\n", place.dir);

  VcKvm kvm = {
    .binary = place.binary, .folder = place.dir, .user = place.user, .device = "/dev/null", .timeout_ms = 300
  };

  kvm.timeout_ms = 5000;
  put_binary (&place, script);
  for (int i = 0; i < 3; i++)
    {
      g_assert_true (vc_kvm_check (&kvm, &error));
      g_assert_no_error (error);
    }
  g_assert_cmpuint (count_asked (&place), ==, 1);

  /* Another binary in its place is another question; what hangs is killed and remembered. */
  kvm.timeout_ms = 300;
  put_binary (&place, slow);
  for (int i = 0; i < 3; i++)
    {
      g_clear_error (&error);
      g_assert_false (vc_kvm_check (&kvm, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, "did not answer in 0.3 seconds"));
      g_assert_nonnull (strstr (error->message, "to have it asked again"));
    }
  g_assert_cmpuint (count_asked (&place), ==, 2);

  kvm.folder = "/no/such/folder";
  g_clear_error (&error);
  g_assert_false (vc_kvm_check (&kvm, &error));
  g_assert_null (strstr (error->message, "to have it asked again"));

  g_autofree char *command = g_strdup_printf ("rm -r %s", place.dir);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_free (place.dir);
  g_free (place.binary);
  vc_user_free (place.user);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *script, *end;
    int code;
  } rows[] = {
    { "#!/bin/sh\necho qemu: no KVM >&2\nexit 1\n", "' with KVM ended with status 1: qemu: no KVM",
      VC_ERROR_QEMU },
    { "#!/bin/sh\nexit 0\n", "' with KVM ended with status 0: it said nothing", VC_ERROR_QEMU },
    { "#!/bin/sh\nkill -SEGV $$\n", "' with KVM died of signal 11: it said nothing", VC_ERROR_QEMU },
    { "#!/no/such/thing\n", "'", VC_ERROR_DENIED },
  };
  Place place = { .dir = g_dir_make_tmp ("kvm-XXXXXX", NULL), .user = vc_user_self () };

  place.binary = g_build_filename (place.dir, "qemu", NULL);

  VcKvm kvm = {
    .binary = place.binary, .folder = place.dir, .user = place.user, .device = "/dev/null", .timeout_ms = 5000
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      put_binary (&place, rows[i].script);
      g_assert_false (vc_kvm_check (&kvm, &error));
      g_assert_error (error, VC_ERROR, rows[i].code);
      g_assert_true (g_str_has_suffix (error->message, rows[i].end));
    }

  g_autoptr (GError) error = NULL;

  kvm.device = "/no/device";
  g_assert_false (vc_kvm_check (&kvm, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_UNSUPPORTED);
  unlink (place.binary);
  rmdir (place.dir);
  g_free (place.dir);
  g_free (place.binary);
  vc_user_free (place.user);
}

/* A device only root may use; needs root, to have another user. */
static void
test_rights (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUser) user = NULL;
  g_autofree char *device = NULL;
  int fd;

  if (geteuid () != 0)
    {
      g_test_skip ("needs root: two users");
      return;
    }
  user = vc_user_get ("nobody", NULL, NULL);
  fd = g_file_open_tmp ("kvm-XXXXXX", &device, NULL);
  close (fd);

  VcKvm kvm = { .binary = "/bin/true", .user = user, .device = device };
  g_autofree char *want
      = g_strdup_printf ("KVM is not available: user nobody cannot read and write '%s'", device);

  g_assert_false (vc_kvm_check (&kvm, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
  g_assert_cmpstr (error->message, ==, want);
  unlink (device);
}

/* The real one: what it says depends on the machine, that it comes back does not. */
static void
test_real (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUser) user = vc_user_self ();
  g_autofree char *binary = g_find_program_in_path ("qemu-system-x86_64");
  gint64 begin = g_get_monotonic_time ();

  if (!binary || access ("/dev/kvm", R_OK | W_OK) < 0)
    {
      g_test_skip ("no QEMU or no KVM here");
      return;
    }

  VcKvm kvm = { .binary = binary, .user = user, .timeout_ms = 500 };

  g_test_message ("%s", vc_kvm_check (&kvm, &error) ? "works" : error->message);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 6 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kvm/asked-once", test_asked_once);
  g_test_add_func ("/kvm/refused", test_refused);
  g_test_add_func ("/kvm/rights", test_rights);
  g_test_add_func ("/kvm/real", test_real);
  return g_test_run ();
}
