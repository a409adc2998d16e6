/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/cache.h"
#include "qemu/probe.h"

#include <glib/gstdio.h>

/* A real QEMU, asked for real. */
#define QEMU   "/usr/bin/qemu-system-x86_64"
#define ROUNDS 200

static gboolean
have_qemu (void)
{
  if (g_file_test (QEMU, G_FILE_TEST_IS_EXECUTABLE))
    return TRUE;
  g_test_skip (QEMU " is not installed");
  return FALSE;
}

static void
test_probe (void)
{
  static const char *const types[]
      = { "usb-ccid",       "ccid-card-emulated", "ccid-card-passthru", "qemu-xhci",   "secret",
          "tls-creds-x509", "memory-backend-ram", "chardev-socket",     "chardev-pty", "tcg-accel" };
  g_autoptr (GError) error = NULL;
  g_autoptr (VcCaps) caps = NULL;
  const VcMachine *pc;
  const VcMachine *q35;
  guint defaults = 0;

  if (!have_qemu ())
    return;
  caps = vc_probe (QEMU, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (caps->arch, ==, "x86_64");
  g_assert_cmpuint (caps->release, >=, VC_CAPS_MIN_RELEASE);

  pc = vc_caps_machine (caps, "pc");
  q35 = vc_caps_machine (caps, "q35");
  g_assert_true (g_str_has_prefix (pc->name, "pc-i440fx-"));
  g_assert_true (g_str_has_prefix (q35->name, "pc-q35-"));
  g_assert_true (vc_caps_machine (caps, pc->name) == pc);
  g_assert_cmpstr (pc->default_cpu, ==, "qemu64");
  g_assert_cmpstr (pc->default_ram, ==, "pc.ram");
  g_assert_cmpuint (pc->max_cpus, >, 1);
  for (guint n = 0; n < caps->machines->len; n++)
    defaults += ((const VcMachine *) g_ptr_array_index (caps->machines, n))->is_default != FALSE;
  g_assert_cmpuint (defaults, ==, 1);

  for (gsize n = 0; n < G_N_ELEMENTS (types); n++)
    g_assert_true (vc_caps_has (caps, types[n]));
  g_assert_false (vc_caps_has (caps, "qemu64-x86_64-cpu"));
  g_assert_true (g_hash_table_contains (caps->cpus, "qemu64"));
  g_assert_true (g_hash_table_contains (caps->cpus, "Skylake-Client"));
}

static void
test_cached (void)
{
  g_autofree char *folder = g_dir_make_tmp ("virtcard-caps-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcCaps) cold = NULL;
  g_autofree char *text = NULL;
  g_autofree char *remove = NULL;
  gint64 start = g_get_monotonic_time ();
  gint64 asked;
  gint64 read;

  if (!have_qemu ())
    return;
  cold = vc_caps_find (QEMU, folder, &error);
  g_assert_no_error (error);
  text = vc_caps_print (cold);
  asked = g_get_monotonic_time () - start;

  start = g_get_monotonic_time ();
  for (guint n = 0; n < ROUNDS; n++)
    {
      g_autoptr (VcCaps) warm = NULL;
      g_autofree char *again = NULL;

      vc_caps_forget ();
      warm = vc_caps_find (QEMU, folder, NULL);
      again = n == 0 ? vc_caps_print (warm) : NULL;
      g_assert_true (again == NULL || g_str_equal (again, text));
    }
  read = (g_get_monotonic_time () - start) / ROUNDS;
  g_test_message ("asked in %" G_GINT64_FORMAT " us, read in %" G_GINT64_FORMAT " us, %zu bytes", asked, read,
                  strlen (text));
  g_assert_cmpint (read, <, asked / 10);

  remove = g_strdup_printf ("rm -r %s", folder);
  g_assert_true (g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live-probe/probe", test_probe);
  g_test_add_func ("/live-probe/cached", test_cached);
  return g_test_run ();
}
