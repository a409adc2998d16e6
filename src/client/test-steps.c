/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "client/advice.h"
#include "client/steps.h"

static void
on_step (VcStep step, VcWent went, const char *words, const char *advice, gpointer data)
{
  g_string_append_printf (data, "%s%u%s%s\n", vc_step_name (step), (guint) went, words != NULL ? " " : "",
                          words != NULL ? words : "");
  g_assert_cmpint (advice != NULL, ==, went == VC_WENT_WRONG);
}

static void
assert_told (GString *told, const char *want)
{
  g_assert_cmpstr (told->str, ==, want);
  g_string_free (told, TRUE);
}

static void
test_well (void)
{
  GString *told = g_string_new (NULL);
  VcSteps steps = { .tell = on_step, .data = told };

  vc_steps_set_way (&steps, VC_WAY_SOCKET);
  vc_steps_ok (&steps, VC_STEP_ADDRESS, "qemu:%s", "x");
  vc_steps_ok (&steps, VC_STEP_SOCKET, NULL);
  vc_steps_ok (&steps, VC_STEP_AUTHENTICATION, NULL);
  vc_steps_ok (&steps, VC_STEP_AUTHORISATION, NULL);
  g_assert_true (vc_steps_end (&steps, NULL));
  assert_told (told, "address0 qemu:x\nsocket0\nauthentication0\nauthorisation0\n");
}

/* The first step nobody told of is the one. */
static void
test_wrong (void)
{
  g_autoptr (GError) error = NULL;
  GString *told = g_string_new (NULL);
  VcSteps steps = { .tell = on_step, .data = told };

  vc_fail (&error, VC_ERROR_GONE, "nobody");
  vc_steps_set_way (&steps, VC_WAY_TLS);
  vc_steps_ok (&steps, VC_STEP_ADDRESS, NULL);
  vc_steps_ok (&steps, VC_STEP_CERTIFICATES, NULL);
  vc_steps_ok (&steps, VC_STEP_NAME, NULL);
  g_assert_false (vc_steps_end (&steps, error));
  assert_told (told,
               "address0\ncertificates0\nname0\nport1 nobody\nhandshake2\nchain2\ndates2\nserver name2\n"
               "client certificate2\nauthentication2\nauthorisation2\n");
}

static void
test_wrong_at_once (void)
{
  g_autoptr (GError) error = NULL;
  GString *told = g_string_new (NULL);
  VcSteps steps = { .tell = on_step, .data = told };

  vc_fail (&error, VC_ERROR_INVALID, "no URI");
  g_assert_false (vc_steps_end (&steps, error));
  assert_told (told, "address1 no URI\n");
}

/* Several were told of: the error is one of them. */
static void
test_several (void)
{
  g_autoptr (GError) error = NULL;
  GString *told = g_string_new (NULL);
  VcSteps steps = { .tell = on_step, .data = told };

  vc_fail (&error, VC_ERROR_DENIED, "where: old");
  vc_steps_set_way (&steps, VC_WAY_TLS);
  for (VcStep step = VC_STEP_ADDRESS; step <= VC_STEP_HANDSHAKE; step++)
    vc_steps_ok (&steps, step, NULL);
  vc_steps_fail (&steps, VC_STEP_CHAIN, "whose");
  vc_steps_fail (&steps, VC_STEP_DATES, "old");
  vc_steps_past (&steps, VC_STEP_HOST, "never mind");
  g_assert_false (vc_steps_end (&steps, error));
  g_assert_nonnull (g_strstr_len (
      told->str, -1, "chain1 whose\ndates1 old\nserver name2 never mind\nclient certificate2\n"));
  g_string_free (told, TRUE);
}

/* Told to nobody. */
static void
test_none (void)
{
  vc_steps_set_way (NULL, VC_WAY_TLS);
  vc_steps_set_socket (NULL, "/x");
  vc_steps_ok (NULL, VC_STEP_NAME, "x");
  vc_steps_fail (NULL, VC_STEP_NAME, "x");
  g_assert_true (vc_steps_end (NULL, NULL));
}

static void
test_advice (void)
{
  /* Where it is not the server's administrator who has to do something. */
  static const struct
  {
    VcStep step;
    const char *words;
  } of_ours[] = {
    { VC_STEP_CHAIN, "h:1: the fingerprint of its key is SHA256:a, and not SHA256:b, which is wanted" },
    { VC_STEP_CHAIN, "h:1: the list of trusted servers cannot be used: /k:3: 'x' is no port" },
    { VC_STEP_CHAIN, "h:1: it cannot be remembered: /k: Permission denied" },
    { VC_STEP_CHAIN, "h:1: its certificate was rejected" },
    { VC_STEP_CHAIN, "and there is no certificate of a CA to check it with: /ca is not there" },
    { VC_STEP_AUTHENTICATION, "the server wants user 'fred' to log in, and no password was given" },
    { VC_STEP_AUTHENTICATION, "there is no mechanism of SASL in common: the server has 'PLAIN'" },
  };

  for (VcStep step = 0; step < VC_N_STEPS; step++)
    g_assert_cmpstr (vc_advice (step, ""), !=, "");
  g_assert_cmpstr (vc_advice (VC_STEP_PORT, "x:1: nobody listens there"), !=,
                   vc_advice (VC_STEP_PORT, "no answer"));
  /* Whatever else is wrong with it: nobody is told to trust another key. */
  g_assert_nonnull (strstr (
      vc_advice (VC_STEP_CHAIN, "signed by CA 'x', which is not trusted here; ITS KEY HAS CHANGED: it is"),
      "ask those who run the server"));
  for (guint i = 0; i < G_N_ELEMENTS (of_ours); i++)
    g_assert_cmpstr (vc_advice (of_ours[i].step, of_ours[i].words), !=, vc_advice (of_ours[i].step, ""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/steps/well", test_well);
  g_test_add_func ("/steps/wrong", test_wrong);
  g_test_add_func ("/steps/wrong-at-once", test_wrong_at_once);
  g_test_add_func ("/steps/several", test_several);
  g_test_add_func ("/steps/none", test_none);
  g_test_add_func ("/steps/advice", test_advice);
  return g_test_run ();
}
