/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/path.h"

static void
assert_step (const char **at, const char *name, gboolean is_attr, gboolean repeated)
{
  VcStep step;

  g_assert_true (vc_step (at, &step));
  g_assert_cmpstr (step.name, ==, name);
  g_assert_true (step.is_attr == is_attr);
  g_assert_true (step.repeated == repeated);
}

static void
test_steps (void)
{
  const char *at = "source/reconnect/@timeout";
  VcStep step;

  assert_step (&at, "source", FALSE, FALSE);
  assert_step (&at, "reconnect", FALSE, FALSE);
  assert_step (&at, "timeout", TRUE, FALSE);
  g_assert_false (vc_step (&at, &step));
  at = "certificate[]";
  assert_step (&at, "certificate", FALSE, TRUE);
  g_assert_false (vc_step (&at, &step));
  at = "";
  g_assert_false (vc_step (&at, &step));
}

static void
test_chosen (void)
{
  const char *at = "source[mode=connect]/@host";
  VcStep step;

  g_assert_true (vc_step (&at, &step));
  g_assert_cmpstr (step.name, ==, "source");
  g_assert_cmpstr (step.attr, ==, "mode");
  g_assert_cmpstr (step.value, ==, "connect");
  assert_step (&at, "host", TRUE, FALSE);
  g_assert_cmpstr (at, ==, "");
}

/* A row that does not fit the grammar is noticed, not misread. */
static void
test_mistakes (void)
{
  static const char *const wrong[]
      = { "/a", "@", "a[b=c", "@a/b", "a[]b", "a-name-that-is-longer-than-any-libvirt-has" };

  if (g_test_subprocess ())
    {
      const char *at = g_getenv ("VC_TEST_PATH");
      VcStep step;

      while (vc_step (&at, &step))
        continue;
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_setenv ("VC_TEST_PATH", wrong[i], TRUE);
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_failed ();
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/path/steps", test_steps);
  g_test_add_func ("/path/chosen", test_chosen);
  g_test_add_func ("/path/mistakes", test_mistakes);
  return g_test_run ();
}
