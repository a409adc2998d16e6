/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <errno.h>

static void
test_fail (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (vc_fail (&error, VC_ERROR_LIMIT, "%d too many", 3));
  g_assert_error (error, VC_ERROR, VC_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==, "3 too many");
  g_assert_false (vc_prefix (&error, "machine %s: ", "a"));
  g_assert_cmpstr (error->message, ==, "machine a: 3 too many");
  g_assert_null (vc_fail_null (NULL, VC_ERROR_FAILED, "nobody listens"));
  g_assert_false (vc_prefix (NULL, "x: "));
}

static void
test_errno (void)
{
  static const struct
  {
    int errsv;
    VcErrorCode code;
  } rows[] = { { ENOENT, VC_ERROR_NOT_FOUND },
               { EACCES, VC_ERROR_DENIED },
               { EPERM, VC_ERROR_DENIED },
               { EEXIST, VC_ERROR_EXISTS },
               { EIO, VC_ERROR_FAILED } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *want = g_strdup_printf ("open 'x': %s", g_strerror (rows[i].errsv));

      g_assert_false (vc_fail_errno (&error, rows[i].errsv, "open '%s'", "x"));
      g_assert_error (error, VC_ERROR, (int) rows[i].code);
      g_assert_cmpstr (error->message, ==, want);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/fail", test_fail);
  g_test_add_func ("/error/errno", test_errno);
  return g_test_run ();
}
