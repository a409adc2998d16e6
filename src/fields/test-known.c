/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/known.h"

#include <string.h>

#include "fields/known-tables.h"

static void
check_order (const VcKnown *table, gsize n)
{
  g_assert_cmpuint (n, >, 100);
  for (gsize i = 1; i < n; i++)
    g_assert_cmpint (strcmp (table[i - 1].key, table[i].key), <, 0);
}

/* A key out of order would not be found. */
static void
test_order (void)
{
  check_order (vc_known_elements, vc_known_n_elements);
  check_order (vc_known_attributes, vc_known_n_attributes);
  check_order (vc_known_values, vc_known_n_values);
}

static void
test_found (void)
{
  g_assert_true (vc_known_element ("devices", "vsock"));
  g_assert_true (vc_known_element ("acpi", "table"));
  g_assert_true (vc_known_attr ("zpci", "uid"));
  g_assert_true (vc_known_value ("disk", "device", "lun"));
  g_assert_true (vc_known_value ("controller", "model", "pcie-switch-downstream-port"));
  g_assert_true (vc_known_value ("on_reboot", NULL, "preserve"));
  g_assert_false (vc_known_element ("devices", "sock"));
  g_assert_false (vc_known_element ("nonsense", "table"));
  g_assert_false (vc_known_attr ("zpci", ""));
  g_assert_false (vc_known_attr ("disk", "lun"));
  g_assert_false (vc_known_value ("controller", "model", "downstream-port"));
  g_assert_false (vc_known_value ("disk", NULL, "lun"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/known/order", test_order);
  g_test_add_func ("/known/found", test_found);
  return g_test_run ();
}
