/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/caps.h"

#include <string.h>

#include "base/error.h"

static VcCaps *
sample (void)
{
  VcCaps *caps = vc_caps_new ();
  VcMachine *pc = g_new0 (VcMachine, 1);
  VcMachine *none = g_new0 (VcMachine, 1);

  caps->binary = g_strdup ("/usr/bin/q \"x\"");
  caps->version = g_strdup ("7.2.22");
  caps->release = 7002022;
  caps->arch = g_strdup ("x86_64");
  *pc = (VcMachine){
    g_strdup ("pc-i440fx-7.2"), g_strdup ("pc"), g_strdup ("qemu64"), g_strdup ("pc.ram"), 255, TRUE
  };
  *none = (VcMachine){ g_strdup ("none"), NULL, NULL, NULL, 1, FALSE };
  g_ptr_array_add (caps->machines, pc);
  g_ptr_array_add (caps->machines, none);
  g_hash_table_add (caps->types, g_strdup ("usb-ccid"));
  g_hash_table_add (caps->types, g_strdup ("chardev-socket"));
  g_hash_table_add (caps->cpus, g_strdup ("qemu64"));
  return caps;
}

static void
test_print_read (void)
{
  g_autoptr (VcCaps) first = sample ();
  g_autoptr (VcCaps) caps = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = vc_caps_print (first);
  g_autofree char *again = NULL;
  const VcMachine *pc;

  caps = vc_caps_read (text, strlen (text), &error);
  g_assert_no_error (error);
  again = vc_caps_print (caps);
  g_assert_cmpstr (text, ==, again);

  pc = vc_caps_machine (caps, "pc");
  g_assert_true (pc == vc_caps_machine (caps, "pc-i440fx-7.2"));
  g_assert_cmpstr (pc->default_cpu, ==, "qemu64");
  g_assert_cmpstr (pc->default_ram, ==, "pc.ram");
  g_assert_cmpuint (pc->max_cpus, ==, 255);
  g_assert_true (pc->is_default);
  g_assert_null (vc_caps_machine (caps, "none")->default_cpu);
  g_assert_null (vc_caps_machine (caps, "q35"));
  g_assert_true (vc_caps_has (caps, "usb-ccid"));
  g_assert_false (vc_caps_has (caps, "usb"));
  g_assert_true (g_hash_table_contains (caps->cpus, "qemu64"));
}

/* Whatever is missing or cut off is noticed. */
static void
test_broken (void)
{
  static const char *const keys[] = { "binary ", "version ", "release ", "arch ", "machine ",
                                      "types ",  "cpus ",    "end\n",    " 255 ", " 1\n" };
  g_autoptr (VcCaps) caps = sample ();
  g_autofree char *text = vc_caps_print (caps);
  gsize len = strlen (text);

  for (gsize cut = 0; cut < len; cut++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_caps_read (text, cut, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
    }
  for (gsize n = 0; n < G_N_ELEMENTS (keys); n++)
    {
      g_autofree char *broken = g_strdup (text);

      strstr (broken, keys[n])[1] = 'X';
      g_assert_null (vc_caps_read (broken, len, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/caps/print-read", test_print_read);
  g_test_add_func ("/caps/broken", test_broken);
  return g_test_run ();
}
