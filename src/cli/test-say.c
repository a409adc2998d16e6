/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/say.h"

static void
assert_safe (const char *text, gboolean keep_layout, const char *want)
{
  g_autofree char *safe = vc_say_safe (text, keep_layout);

  g_assert_cmpstr (safe, ==, want);
  g_assert_true (g_utf8_validate (safe, -1, NULL));
}

static void
test_safe (void)
{
  assert_safe ("", FALSE, "");
  assert_safe ("plain, K\xc3\xa4rtchen \xe5\x8d\xa1", FALSE, "plain, K\xc3\xa4rtchen \xe5\x8d\xa1");
  assert_safe ("\x1b[31m\x7f\a", FALSE, "\\x1b[31m\\x7f\\x07");
  assert_safe ("a\nb\tc\rd", FALSE, "a\\nb\\tc\\rd");
  assert_safe ("a\nb\tc\rd", TRUE, "a\nb\tc\\rd");
}

static void
test_unicode (void)
{
  assert_safe ("\xc2\x9b"
               "31m",
               TRUE, "\\u009b31m"); /* CSI in one character */
  assert_safe ("\xe2\x80\xae"
               "gpj.exe",
               TRUE, "\\u202egpj.exe");
  assert_safe ("\xe2\x80\xa8", TRUE, "\\u2028");
}

static void
test_broken (void)
{
  assert_safe ("\xff|\xc3", FALSE, "\\xff|\\xc3");
  assert_safe ("\xc0\xaf", FALSE, "\\xc0\\xaf");
  assert_safe ("\xed\xa0\x80", FALSE, "\\xed\\xa0\\x80"); /* half of a surrogate pair */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/say/safe", test_safe);
  g_test_add_func ("/say/unicode", test_unicode);
  g_test_add_func ("/say/broken", test_broken);
  return g_test_run ();
}
