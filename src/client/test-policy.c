/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "client/policy.h"
#include "pki/issue.h"
#include "pki/trust.h"

#define NOW     G_GINT64_CONSTANT (1800000000)
#define OTHER   "SHA256:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define UNKNOWN (VC_TLS_UNKNOWN_ISSUER | VC_TLS_SELF_SIGNED)

/* A certificate that is there, with flaws that are made up. */
static GPtrArray *chain;
static const char *key;
static char *folder, *path;

/* What is asked, and what is said. */
static guint times, asked_faults;
static VcDecision decision;

static VcDecision
answer (const VcServer *server, gpointer data)
{
  times++;
  asked_faults = vc_tls_flaws_sum (server->flaws);
  g_assert_cmpstr (server->host, ==, "web");
  g_assert_cmpuint (server->port, ==, 1);
  return decision;
}

static void
set_up (void)
{
  g_autoptr (VcIssued) made = vc_issue_ca ("CA", VC_KEY_EC, 10, NOW, NULL);

  chain = vc_certificates_read_text (made->certificate, strlen (made->certificate), "c", NULL);
  key = ((const VcCertificate *) chain->pdata[0])->key_fingerprint;
  folder = g_dir_make_tmp ("vc-policy-XXXXXX", NULL);
  path = g_build_filename (folder, "known", NULL);
}

static void
tear_down (void)
{
  g_autofree char *lock = g_strconcat (path, ".lock", NULL);

  g_remove (path);
  g_remove (lock);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
  g_free (path);
  g_ptr_array_unref (chain);
}

/* The list holds that key, or none. */
static void
know (const char *fingerprint)
{
  g_remove (path);
  if (fingerprint != NULL)
    g_assert_true (vc_trust_remember (path, "web", 1, fingerprint, FALSE, NULL));
}

static char *
known (void)
{
  g_autoptr (VcTrust) list = vc_trust_load (path, NULL);
  const VcTrusted *one = vc_trust_find (list, "web", 1);

  return one != NULL ? g_strdup (one->fingerprint) : NULL;
}

/* Returns: NULL when the server is accepted, else why not. */
static char *
judge_with (const VcPolicy *policy, guint faults)
{
  g_autoptr (GPtrArray) flaws = vc_tls_flaws_new ();
  const VcServer server = { "web", 1, chain, flaws };
  g_autoptr (GError) error = NULL;

  times = 0;
  for (guint bit = 0; bit < 12; bit++)
    if ((faults & 1u << bit) != 0)
      vc_tls_flaws_add (flaws, 1u << bit, "flaw %u", bit);
  if (vc_policy_judge (policy, &server, &error))
    return NULL;
  g_assert_nonnull (error);
  return g_strdup (error->message);
}

static char *
judge (VcPolicySort sort, guint faults)
{
  const VcPolicy policy = { .sort = sort, .list = path, .ask = answer };

  return judge_with (&policy, faults);
}

static void
assert_good (VcPolicySort sort, guint faults, guint n_times)
{
  g_autofree char *why = judge (sort, faults);

  g_assert_cmpstr (why, ==, NULL);
  g_assert_cmpuint (times, ==, n_times);
}

static void
assert_bad (VcPolicySort sort, guint faults, guint n_times, const char *pattern)
{
  g_autofree char *why = judge (sort, faults);

  g_assert_nonnull (why);
  if (!g_pattern_match_simple (pattern, why))
    g_error ("'%s' is not like '%s'", why, pattern);
  g_assert_cmpuint (times, ==, n_times);
}

static void
test_ca (void)
{
  know (key);
  assert_good (VC_POLICY_CA, 0, 0);
  for (guint bit = 0; bit < 10; bit++)
    {
      g_autofree char *words = g_strdup_printf ("flaw %u", bit);

      assert_bad (VC_POLICY_CA, 1u << bit, 0, words);
    }
}

static void
test_remembered (void)
{
  VcPolicySort sort = VC_POLICY_CA_OR_REMEMBERED;

  know (NULL);
  assert_good (sort, 0, 0);
  assert_bad (sort, UNKNOWN, 0, "flaw 0");
  know (key);
  assert_good (sort, 0, 0);
  assert_good (sort, UNKNOWN | VC_TLS_WRONG_NAME, 0);
  /* What a key does not stand in for. */
  assert_bad (sort, UNKNOWN | VC_TLS_EXPIRED, 0, "flaw 2");
  assert_bad (sort, UNKNOWN | VC_TLS_NOT_YET_VALID, 0, "flaw 3");
  assert_bad (sort, UNKNOWN | VC_TLS_REVOKED, 0, "flaw 5");
  assert_bad (sort, UNKNOWN | VC_TLS_UNKNOWN_REVOKED, 0, "flaw 6");
  assert_bad (sort, UNKNOWN | VC_TLS_WEAK, 0, "flaw 7");
  assert_bad (sort, UNKNOWN | VC_TLS_WRONG_PURPOSE, 0, "flaw 8");
  assert_bad (sort, UNKNOWN | VC_TLS_OTHER, 0, "flaw 9");
}

static void
test_changed (void)
{
  g_autofree char *like = g_strdup_printf ("ITS KEY HAS CHANGED: it is %s now, and was " OTHER
                                           " when it was first trusted on 20* (%s:2); *",
                                           key, path);
  g_autofree char *after = NULL;

  know (OTHER);
  decision = VC_DECISION_REMEMBER;
  assert_bad (VC_POLICY_CA_OR_REMEMBERED, UNKNOWN, 0, like);
  assert_bad (VC_POLICY_ASK, UNKNOWN, 0, like);
  assert_bad (VC_POLICY_ASK, 0, 0, "*:2), although a CA vouches for the new one; *");
  after = known ();
  g_assert_cmpstr (after, ==, OTHER);
  /* Who decides alone is told, and may have it replaced. */
  decision = VC_DECISION_REJECT;
  assert_bad (VC_POLICY_ASK_ALWAYS, UNKNOWN, 1, "flaw 0");
  g_assert_cmpuint (asked_faults, ==, UNKNOWN | VC_TLS_CHANGED);
  decision = VC_DECISION_REMEMBER;
  assert_good (VC_POLICY_ASK_ALWAYS, UNKNOWN, 1);
  assert_good (VC_POLICY_CA_OR_REMEMBERED, UNKNOWN, 0);
}

static void
test_ask (void)
{
  g_autofree char *after = NULL;
  g_autofree char *last = NULL;
  const VcPolicy nobody = { .sort = VC_POLICY_ASK, .list = path };

  know (NULL);
  decision = VC_DECISION_REJECT;
  assert_good (VC_POLICY_ASK, 0, 0);
  assert_bad (VC_POLICY_ASK, UNKNOWN, 1, "flaw 0");
  g_assert_cmpuint (asked_faults, ==, UNKNOWN | VC_TLS_NOT_TRUSTED_BEFORE);
  decision = VC_DECISION_ONCE;
  assert_good (VC_POLICY_ASK, UNKNOWN, 1);
  after = known ();
  g_assert_null (after);
  decision = VC_DECISION_REMEMBER;
  assert_good (VC_POLICY_ASK, UNKNOWN, 1);
  last = known ();
  g_assert_cmpstr (last, ==, key);
  assert_good (VC_POLICY_ASK, UNKNOWN, 0);
  /* Remembered, and still something new. */
  assert_good (VC_POLICY_ASK, UNKNOWN | VC_TLS_EXPIRED, 1);
  assert_good (VC_POLICY_ASK_ALWAYS, 0, 1);
  g_assert_cmpuint (asked_faults, ==, 0);
  know (NULL);
  g_free (last);
  last = judge_with (&nobody, UNKNOWN);
  g_assert_cmpstr (last, ==, "flaw 0");
}

/* Whoever says so. */
static void
test_revoked (void)
{
  know (key);
  decision = VC_DECISION_REMEMBER;
  assert_bad (VC_POLICY_ASK, VC_TLS_REVOKED, 0, "flaw 5");
  assert_bad (VC_POLICY_ASK_ALWAYS, VC_TLS_REVOKED | VC_TLS_EXPIRED, 1, "flaw 5");
  know (NULL);
  assert_bad (VC_POLICY_ASK_ALWAYS, VC_TLS_REVOKED, 1, "flaw 5");
  g_assert_null (known ());
}

/* In the place of the list. */
static void
test_fingerprint (void)
{
  VcPolicy policy = { .sort = VC_POLICY_ASK, .list = path, .fingerprint = OTHER, .ask = answer };
  g_autofree char *other = NULL;
  g_autofree char *dated = NULL;
  g_autofree char *revoked = NULL;
  g_autofree char *like = g_strdup_printf ("the fingerprint of its key is %s, and not " OTHER "*", key);

  know (OTHER);
  other = judge_with (&policy, 0);
  g_assert_true (g_pattern_match_simple (like, other));
  policy.no_verify = TRUE;
  g_free (other);
  other = judge_with (&policy, 0);
  g_assert_true (g_pattern_match_simple (like, other));
  policy.fingerprint = key;
  g_assert_null (judge_with (&policy, VC_TLS_EXPIRED));
  revoked = judge_with (&policy, VC_TLS_EXPIRED | VC_TLS_REVOKED);
  g_assert_cmpstr (revoked, ==, "flaw 5");
  policy.no_verify = FALSE;
  g_assert_null (judge_with (&policy, UNKNOWN | VC_TLS_WRONG_NAME));
  dated = judge_with (&policy, UNKNOWN | VC_TLS_EXPIRED);
  g_assert_cmpstr (dated, ==, "flaw 2");
  g_assert_cmpuint (times, ==, 0);
}

static void
test_damaged (void)
{
  know (NULL);
  g_assert_true (g_file_set_contents (path, "x\n", -1, NULL));
  decision = VC_DECISION_ONCE;
  assert_bad (VC_POLICY_CA_OR_REMEMBERED, 0, 0, "the list of trusted servers cannot be used: *known:1: *");
  assert_bad (VC_POLICY_ASK, 0, 0, "the list of trusted servers cannot be used: *");
  assert_bad (VC_POLICY_ASK_ALWAYS, 0, 0, "the list of trusted servers cannot be used: *");
  assert_good (VC_POLICY_CA, 0, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  set_up ();
  g_test_add_func ("/policy/ca", test_ca);
  g_test_add_func ("/policy/remembered", test_remembered);
  g_test_add_func ("/policy/changed", test_changed);
  g_test_add_func ("/policy/ask", test_ask);
  g_test_add_func ("/policy/revoked", test_revoked);
  g_test_add_func ("/policy/fingerprint", test_fingerprint);
  g_test_add_func ("/policy/damaged", test_damaged);
  status = g_test_run ();
  tear_down ();
  return status;
}
