/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/props.h"

static void
test_order (void)
{
  static const char *const names[] = { "bus", "port", "on", "left", "n", "group", "out", "path" };
  g_autoptr (VcProps) props = vc_props_new ("usb-ccid", "ccid0");
  VcProps *group;

  vc_props_str (props, "bus", "usb.0");
  vc_props_strf (props, "port", "%d.%d", 1, 2);
  vc_props_bool (props, "on", 4);
  vc_props_i64 (props, "left", -5);
  vc_props_u64 (props, "n", G_MAXUINT64);
  group = vc_props_group (props, "group");
  vc_props_tri (group, "a", VC_TRI_NO);
  vc_props_file (props, "out", "/tmp/x", TRUE);
  vc_props_listen (props, "path", "/tmp/y");

  g_assert_cmpstr (vc_props_driver (props), ==, "usb-ccid");
  g_assert_cmpstr (vc_props_id (props), ==, "ccid0");
  g_assert_cmpuint (vc_props_n (props), ==, G_N_ELEMENTS (names));
  for (guint n = 0; n < G_N_ELEMENTS (names); n++)
    {
      g_assert_cmpstr (vc_props_nth (props, n)->name, ==, names[n]);
      g_assert_true (vc_props_get (props, names[n]) == vc_props_nth (props, n));
      g_assert_cmpint (vc_props_nth (props, n)->fd, ==, -1);
    }

  g_assert_cmpstr (vc_props_get (props, "port")->text, ==, "1.2");
  g_assert_true (vc_props_get (props, "on")->flag == TRUE);
  g_assert_cmpint ((gint64) vc_props_get (props, "left")->number, ==, -5);
  g_assert_true (vc_props_get (props, "group")->group == group);
  g_assert_false (vc_props_get (group, "a")->flag);
  g_assert_true (vc_props_get (props, "out")->flag);
  g_assert_null (vc_props_get (props, "a"));
}

static void
test_unset (void)
{
  g_autoptr (VcProps) props = vc_props_new (NULL, NULL);

  vc_props_str (props, "a", NULL);
  vc_props_tri (props, "a", VC_TRI_UNSET);
  vc_props_u32 (props, "a", (VcU32){ 0 });
  vc_props_file (props, "a", NULL, FALSE);
  vc_props_listen (props, "a", NULL);
  g_assert_cmpuint (vc_props_n (props), ==, 0);
  g_assert_null (vc_props_driver (props));
  g_assert_null (vc_props_id (props));

  vc_props_tri (props, "a", VC_TRI_YES);
  vc_props_u32 (props, "b", vc_u32 (0));
  g_assert_cmpuint (vc_props_n (props), ==, 2);
  vc_props_free (NULL);
}

static void
test_reset (void)
{
  g_autoptr (VcProps) props = vc_props_new (NULL, NULL);

  vc_props_str (props, "a", "1");
  vc_props_str (props, "b", "");
  vc_props_str (props, "c", "3");
  vc_props_reset_str (props, "b", "a longer text");
  g_assert_cmpuint (vc_props_n (props), ==, 3);
  g_assert_cmpstr (vc_props_nth (props, 1)->name, ==, "b");
  g_assert_cmpstr (vc_props_get (props, "b")->text, ==, "a longer text");
  g_assert_cmpstr (vc_props_get (props, "c")->text, ==, "3");
}

static void
test_twice (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (VcProps) props = vc_props_new (NULL, NULL);

      vc_props_bool (props, "a", TRUE);
      vc_props_u64 (props, "a", 1);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/props/order", test_order);
  g_test_add_func ("/props/unset", test_unset);
  g_test_add_func ("/props/reset", test_reset);
  g_test_add_func ("/props/twice", test_twice);
  return g_test_run ();
}
