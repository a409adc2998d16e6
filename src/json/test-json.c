/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json/json.h"

#include <string.h>

#include "base/error.h"

static void
test_order (void)
{
  static const char text[]
      = "{\"z\":1,\"a\":{\"y\":[true,null],\"b\":\"\\u00fc\"},\"m\":-9223372036854775808}";
  static const char want[]
      = "{\"z\":1,\"a\":{\"y\":[true,null],\"b\":\"\303\274\"},\"m\":-9223372036854775808}";
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) json = vc_json_read (text, strlen (text), &error);
  g_autofree char *printed = NULL;

  g_assert_no_error (error);
  printed = vc_json_print (json);
  g_assert_cmpstr (printed, ==, want);
}

static void
test_refused (void)
{
  static const char *const rows[] = {
    "",
    "{",
    "{} {}",
    "{}x",
    "{\"a\":1,\"a\":2}",
    "{'a':1}",
    "\"\\u0000\"",
    "\"\377\"",
    "[1,]",
    "nul",
    "18446744073709551616",
  };
  g_autofree char *deep = NULL;
  g_autofree char *large = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_json_read (rows[i], strlen (rows[i]), &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_PROTOCOL);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }

  deep = g_strnfill (100000, '[');
  g_assert_null (vc_json_read (deep, 100000, NULL));
  large = g_strnfill (VC_JSON_MAX_BYTES + 1, ' ');
  large[0] = '1';
  g_assert_null (vc_json_read (large, VC_JSON_MAX_BYTES + 1, NULL));
}

/* What QEMU says of a balloon whose driver has told it nothing. */
static void
test_wide (void)
{
  static const char text[] = "{\"a\":18446744073709551615,\"b\":\"18446744073709551615\\\"\",\"c\":7,"
                             "\"d\":[9223372036854775807,-1,1.5e3]}";
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) json = vc_json_read_wide (text, strlen (text), &error);
  gint64 number = 0;

  g_assert_no_error (error);
  g_assert_false (vc_json_int (json, "a", &number));
  g_assert_cmpfloat (json_real_value (vc_json_get (json, "a")), ==, 18446744073709551616.0);
  g_assert_cmpstr (vc_json_str (json, "b"), ==, "18446744073709551615\"");
  g_assert_true (vc_json_int (json, "c", &number));
  g_assert_cmpint (number, ==, 7);
  g_assert_cmpint (json_integer_value (json_array_get (vc_json_get (json, "d"), 0)), ==, G_MAXINT64);
  g_assert_null (vc_json_read_wide ("1e999", 5, NULL));
  g_assert_null (vc_json_read_wide ("[18446744073709551615,\"a]", 25, NULL));
}

static void
test_getters (void)
{
  static const char text[] = "{\"s\":\"x\",\"i\":7,\"t\":true,\"f\":false,\"r\":1.5,\"o\":{}}";
  g_autoptr (json_t) json = vc_json_read (text, strlen (text), NULL);
  gboolean flag = FALSE;
  gint64 number = -1;

  g_assert_cmpstr (vc_json_str (json, "s"), ==, "x");
  g_assert_null (vc_json_str (json, "i"));
  g_assert_null (vc_json_str (json, "none"));
  g_assert_null (vc_json_str (NULL, "s"));
  g_assert_null (vc_json_str (vc_json_get (json, "s"), "s"));

  g_assert_true (vc_json_int (json, "i", &number));
  g_assert_cmpint (number, ==, 7);
  g_assert_false (vc_json_int (json, "r", &number));
  g_assert_false (vc_json_int (json, "t", &number));
  g_assert_cmpint (number, ==, 7);

  g_assert_true (vc_json_bool (json, "t", &flag));
  g_assert_true (flag);
  g_assert_true (vc_json_bool (json, "f", &flag));
  g_assert_false (flag);
  g_assert_false (vc_json_bool (json, "i", &flag));
  g_assert_true (json_is_object (vc_json_get (json, "o")));
}

static void
test_put (void)
{
  g_autoptr (json_t) json = json_object ();
  g_autoptr (GError) error = NULL;
  g_autofree char *printed = NULL;

  g_assert_true (vc_json_put_str (json, "a", "q\"\\\n\1\303\274", &error));
  g_assert_no_error (error);
  g_assert_false (vc_json_put_str (json, "b", "\377", &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
  printed = vc_json_print (json);
  g_assert_cmpstr (printed, ==, "{\"a\":\"q\\\"\\\\\\n\\u0001\303\274\"}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/order", test_order);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/wide", test_wide);
  g_test_add_func ("/json/getters", test_getters);
  g_test_add_func ("/json/put", test_put);
  return g_test_run ();
}
