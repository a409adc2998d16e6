/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xml/space.h"

#include "base/error.h"

static void
test_set (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *one = vc_space_set (NULL, "metadata", "http://a/", "a", "<x y='1'><z/></x>", &error);
  g_autofree char *two = vc_space_set (one, "metadata", "http://b/", "b", "<!-- c --><q/>", &error);
  g_autofree char *three = vc_space_set (two, "metadata", "http://a/", "aa", "<w/>", &error);
  g_autofree char *four = vc_space_set (three, "metadata", "http://b/", NULL, NULL, &error);
  g_autofree char *got = vc_space_get (two, "http://a/", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (one, ==, "<metadata>\n    <a:x xmlns:a=\"http://a/\" y=\"1\"><z/></a:x>\n  </metadata>");
  g_assert_cmpstr (two, ==,
                   "<metadata>\n    <a:x xmlns:a=\"http://a/\" y=\"1\"><z/></a:x>"
                   "\n    <b:q xmlns:b=\"http://b/\"/>\n  </metadata>");
  g_assert_cmpstr (three, ==,
                   "<metadata>\n    <b:q xmlns:b=\"http://b/\"/>\n    <aa:w xmlns:aa=\"http://a/\"/>\n  "
                   "</metadata>");
  g_assert_cmpstr (four, ==, "<metadata>\n    <aa:w xmlns:aa=\"http://a/\"/>\n  </metadata>");
  g_assert_cmpstr (got, ==, "<x y=\"1\"><z/></x>");
}

/* What is written stays, comments and text as well. */
static void
test_keep (void)
{
  static const char before[]
      = "<metadata><!-- mine --> text <i:j xmlns:i=\"u:i\" i:k=\"1\"><i:l/></i:j></metadata>";
  g_autoptr (GError) error = NULL;
  g_autofree char *after = vc_space_set (before, "metadata", "u:n", "n", "<m/>", &error);
  g_autofree char *got = vc_space_get (before, "u:i", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (after, ==,
                   "<metadata><!-- mine --> text <i:j xmlns:i=\"u:i\" i:k=\"1\"><i:l/></i:j>"
                   "\n    <n:m xmlns:n=\"u:n\"/>\n  </metadata>");
  g_assert_cmpstr (got, ==, "<j xmlns:i=\"u:i\" i:k=\"1\"><l/></j>");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *uri, *key, *text;
    int code;
  } rows[] = {
    { "", "a", "<x/>", VC_ERROR_INVALID },
    { "u", NULL, "<x/>", VC_ERROR_INVALID },
    { "u", "a b", "<x/>", VC_ERROR_INVALID },
    { "u", "xmlns", "<x/>", VC_ERROR_INVALID },
    { "u", "a", "<x", VC_ERROR_INVALID },
    { "u", "a", "words", VC_ERROR_INVALID },
    { "u", "p", "<x xmlns:p='v'/>", VC_ERROR_INVALID },
  };

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
          vc_space_set ("<metadata/>", "metadata", rows[n].uri, rows[n].key, rows[n].text, &error));
      g_assert_error (error, VC_ERROR, rows[n].code);
    }
  for (gsize n = 0; n < 2; n++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_space_get (n == 0 ? NULL : "<metadata><a xmlns='u'/></metadata>", "v", &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/space/set", test_set);
  g_test_add_func ("/space/keep", test_keep);
  g_test_add_func ("/space/refused", test_refused);
  return g_test_run ();
}
