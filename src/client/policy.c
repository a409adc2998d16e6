/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/policy.h"

#include <string.h>

#include "base/error.h"
#include "pki/trust.h"

/* What a key that somebody vouches for stands in for. */
#define PINNED (VC_TLS_UNKNOWN_ISSUER | VC_TLS_SELF_SIGNED | VC_TLS_WRONG_NAME | VC_TLS_NOT_TRUSTED_BEFORE)

static const char *
get_key (const VcServer *server)
{
  return ((const VcCertificate *) server->chain->pdata[0])->key_fingerprint;
}

/* The first flaw with faults beyond those; NULL: there is none. */
static const VcTlsFlaw *
find_beyond (const VcServer *server, guint faults)
{
  for (guint i = 0; i < server->flaws->len; i++)
    {
      const VcTlsFlaw *flaw = server->flaws->pdata[i];

      if ((flaw->faults & ~faults) != 0)
        return flaw;
    }
  return NULL;
}

static const VcTlsFlaw *
find_fault (const VcServer *server, guint fault)
{
  return find_beyond (server, ~fault);
}

static gboolean
fail_flaw (const VcTlsFlaw *flaw, GError **error)
{
  return flaw == NULL || vc_fail (error, VC_ERROR_DENIED, "%s", flaw->words);
}

static gboolean
judge_fingerprint (const VcPolicy *policy, const VcServer *server, GError **error)
{
  if (strcmp (policy->fingerprint, get_key (server)) != 0)
    return vc_fail (error, VC_ERROR_DENIED, "the fingerprint of its key is %s, and not %s, which is wanted",
                    get_key (server), policy->fingerprint);
  return fail_flaw (policy->no_verify ? find_fault (server, VC_TLS_REVOKED) : find_beyond (server, PINNED),
                    error);
}

/* What the list has to say, added to the flaws; *ret_is_known: this very key is in it. */
static gboolean
look_up (const char *path, const VcServer *server, gboolean *ret_is_known, GError **error)
{
  g_autoptr (VcTrust) list = vc_trust_load (path, error);
  const VcTrusted *one = list != NULL ? vc_trust_find (list, server->host, server->port) : NULL;
  g_autofree char *since = one != NULL ? vc_pki_time_print (one->first_seen) : NULL;

  if (list == NULL)
    return vc_prefix (error, "the list of trusted servers cannot be used: ");
  *ret_is_known = one != NULL && strcmp (one->fingerprint, get_key (server)) == 0;
  if (one == NULL && server->flaws->len > 0)
    vc_tls_flaws_add (server->flaws, VC_TLS_NOT_TRUSTED_BEFORE,
                      "it was not trusted before: %s has no key of it", path);
  if (one != NULL && !*ret_is_known)
    vc_tls_flaws_add (
        server->flaws, VC_TLS_CHANGED,
        "ITS KEY HAS CHANGED: it is %s now, and was %s when it was first trusted on %s (%s:%u)%s; "
        "somebody may be pretending to be it. Ask those who run it for its fingerprint; "
        "when it has this new one, 'virtcard trust remove' forgets the old one",
        get_key (server), one->fingerprint, since, path, one->line,
        find_beyond (server, VC_TLS_CHANGED) == NULL ? ", although a CA vouches for the new one" : "");
  return TRUE;
}

static gboolean
ask (const VcPolicy *policy, const char *path, const VcServer *server, GError **error)
{
  const VcTlsFlaw *revoked = find_fault (server, VC_TLS_REVOKED);
  const VcTlsFlaw *first = find_beyond (server, 0);
  VcDecision decision = policy->ask != NULL ? policy->ask (server, policy->data) : VC_DECISION_REJECT;

  if (decision == VC_DECISION_REJECT)
    return first != NULL ? fail_flaw (first, error)
                         : vc_fail (error, VC_ERROR_DENIED, "its certificate was rejected");
  if (revoked != NULL)
    return fail_flaw (revoked, error);
  if (decision == VC_DECISION_ONCE)
    return TRUE;
  return vc_trust_remember (path, server->host, server->port, get_key (server), TRUE, error)
         || vc_prefix (error, "it cannot be remembered: ");
}

gboolean
vc_policy_judge (const VcPolicy *policy, const VcServer *server, GError **error)
{
  g_autofree char *path = policy->list != NULL ? g_strdup (policy->list) : vc_trust_default_path ();
  gboolean is_known = FALSE;
  const VcTlsFlaw *flaw;

  if (policy->fingerprint != NULL)
    return judge_fingerprint (policy, server, error);
  if (policy->no_verify && policy->sort != VC_POLICY_ASK_ALWAYS)
    return TRUE;
  if (policy->sort != VC_POLICY_CA && !look_up (path, server, &is_known, error))
    return FALSE;
  if (policy->sort == VC_POLICY_ASK_ALWAYS)
    return ask (policy, path, server, error);
  flaw = find_fault (server, VC_TLS_REVOKED);
  if (flaw == NULL)
    flaw = find_fault (server, VC_TLS_CHANGED);
  if (flaw != NULL)
    return fail_flaw (flaw, error);
  flaw = find_beyond (server, is_known ? PINNED : 0);
  return flaw != NULL && policy->sort == VC_POLICY_ASK ? ask (policy, path, server, error)
                                                       : fail_flaw (flaw, error);
}
