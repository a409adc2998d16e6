/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/secure-tell.h"

#include <string.h>

static const struct
{
  VcStep step;
  guint faults;
} parts[] = {
  { VC_STEP_CHAIN,
    ~(guint) (VC_TLS_EXPIRED | VC_TLS_NOT_YET_VALID | VC_TLS_WRONG_NAME | VC_TLS_NOT_TRUSTED_BEFORE) },
  { VC_STEP_DATES, VC_TLS_EXPIRED | VC_TLS_NOT_YET_VALID },
  { VC_STEP_HOST, VC_TLS_WRONG_NAME },
};

/* Returns: what is wrong of these faults, new string, or NULL. */
static char *
join (const GPtrArray *flaws, guint faults)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < flaws->len; i++)
    {
      const VcTlsFlaw *flaw = flaws->pdata[i];

      if ((flaw->faults & faults) != 0)
        g_string_append_printf (out, "%s%s", out->len > 0 ? "; " : "", flaw->words);
    }
  return out->len > 0 ? g_strdup (out->str) : NULL;
}

/* Is it refused for one of the flaws?  A list that cannot be read, or another key than the one that was asked
 * for, is none. */
static gboolean
is_for_a_flaw (const GPtrArray *flaws, const GError *why)
{
  for (guint i = 0; i < flaws->len; i++)
    if (strstr (why->message, ((const VcTlsFlaw *) flaws->pdata[i])->words) != NULL)
      return TRUE;
  return FALSE;
}

static void
tell_good (const VcSecureQuestion *question, const VcCertificate *peer, VcStep step)
{
  g_autofree char *names = g_strjoinv (", ", peer->names);
  g_autofree char *by_cn
      = g_strdup_printf ("'%s', by its subject only, which other programs do not count", peer->subject);
  g_autofree char *begin = vc_pki_time_print (peer->not_before);
  g_autofree char *end = vc_pki_time_print (peer->not_after);

  if (step == VC_STEP_DATES)
    vc_steps_ok (question->steps, step, "valid from %s until %s", begin, end);
  else if (step == VC_STEP_HOST)
    vc_steps_ok (question->steps, step, "it is for %s", *names != '\0' ? names : by_cn);
  else
    vc_steps_ok (question->steps, step, "'%s', SHA-256 %s, was signed by '%s', which is trusted here%s",
                 peer->subject, peer->fingerprint, peer->issuer,
                 vc_credential_has_crl (question->credential) ? ", and is not revoked"
                                                              : "; there is no list of revoked ones");
}

void
vc_secure_tell_peer (const VcSecureQuestion *question, const VcTlsCaller *caller, const GPtrArray *flaws,
                     const GError *why)
{
  if (question->steps == NULL || (why != NULL && !is_for_a_flaw (flaws, why)))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *wrong = join (flaws, parts[i].faults);

      if (wrong == NULL)
        tell_good (question, g_ptr_array_index (vc_tls_caller_chain (caller), 0), parts[i].step);
      else if (why == NULL)
        vc_steps_past (question->steps, parts[i].step, "accepted all the same (%s): %s",
                       question->policy->no_verify ? "no_verify=1" : "its key is trusted", wrong);
      else
        vc_steps_fail (question->steps, parts[i].step, wrong);
    }
}

void
vc_secure_tell_own (const VcSecureQuestion *question, const VcTlsCaller *caller)
{
  const VcCertificate *own = vc_credential_own (question->credential);

  if (!vc_tls_caller_was_asked (caller))
    vc_steps_ok (question->steps, VC_STEP_CLIENT, "it asked for none, and confirmed the connection");
  else if (own == NULL)
    vc_steps_ok (question->steps, VC_STEP_CLIENT, "it asked for one, and confirmed the connection without");
  else
    vc_steps_ok (question->steps, VC_STEP_CLIENT,
                 "it asked for one, has seen '%s' (%s), and confirmed the connection", own->subject,
                 own->origin);
}
