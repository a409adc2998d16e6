/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "join/invitation.h"

#include <gnutls/gnutls.h>
#include <string.h>

#include "base/error.h"

#define HEAD (1 + VC_JOIN_HASH) /* of an answer */

/* One wrong request less. */
static gpointer
fail_try (VcInvitation *self, GError **error)
{
  self->tries--;
  self->is_over = self->tries == 0;
  vc_prefix (error, self->is_over ? "the invitation is void now: " : "");
  return NULL;
}

static GByteArray *
grant (VcInvitation *self, const VcJoinBound *bound, gint64 now, GError **error)
{
  char *const names[] = { self->name, NULL };
  g_autoptr (VcRequest) request = vc_request_read (bound->request, bound->request_len, error);
  g_autoptr (VcIssued) issued = request != NULL ? vc_issue_requested (self->ca, self->ca_key, VC_PKI_CLIENT,
                                                                      names, request, self->days, now, error)
                                                : NULL;
  GByteArray *answer;
  guint32 len;

  if (issued == NULL)
    return fail_try (self, error);
  self->is_over = TRUE;
  answer = g_byte_array_new ();
  g_byte_array_set_size (answer, HEAD);
  answer->data[0] = VC_JOIN_GRANTED;
  len = GUINT32_TO_BE ((guint32) strlen (issued->certificate));
  g_byte_array_append (answer, (const guint8 *) &len, sizeof len);
  g_byte_array_append (answer, (const guint8 *) issued->certificate, (guint) strlen (issued->certificate));
  g_byte_array_append (answer, (const guint8 *) self->ca_text, (guint) strlen (self->ca_text));
  vc_join_answer (&self->hashes, bound, answer->data + HEAD, answer->len - HEAD, answer->data + 1);
  return answer;
}

GByteArray *
vc_invitation_answer (VcInvitation *self, const guint8 *channel, const guint8 *request, gsize len,
                      gint64 clock_ms, gint64 now, GError **error)
{
  VcJoinBound bound = { self->id, self->key_print, channel, NULL, 0 };

  if (self->is_over)
    return vc_fail_null (error, VC_ERROR_STATE, "the invitation was used, or is void");
  if (clock_ms >= self->until_ms)
    return vc_fail_null (error, VC_ERROR_STATE, "the invitation has expired");
  if (len < VC_JOIN_HEAD || len > VC_JOIN_MAX_REQUEST || memcmp (request, self->id, sizeof self->id) != 0)
    {
      vc_fail (error, VC_ERROR_PROTOCOL, "the request is not for this invitation");
      return fail_try (self, error);
    }
  bound.request = request + VC_JOIN_HEAD;
  bound.request_len = len - VC_JOIN_HEAD;
  if (!vc_join_is_proven (&self->hashes, &bound, request + VC_TOKEN_ID))
    {
      vc_fail (error, VC_ERROR_DENIED, "the secret is wrong, or it was meant for another server");
      return fail_try (self, error);
    }
  return grant (self, &bound, now, error);
}

gboolean
vc_invitation_read_answer (const guint8 *secret, const VcJoinBound *bound, const guint8 *answer, gsize len,
                           char **ret_certificate, char **ret_ca, GError **error)
{
  const guint8 *text = answer + HEAD;
  guint8 proof[VC_JOIN_HASH];
  VcJoinHashes hashes;
  guint32 first;

  if (len < HEAD + sizeof first || answer[0] != VC_JOIN_GRANTED)
    return vc_fail (error, VC_ERROR_PROTOCOL, "it answered what nobody can read");
  vc_join_hash (secret, &hashes);
  vc_join_answer (&hashes, bound, text, len - HEAD, proof);
  explicit_bzero (&hashes, sizeof hashes);
  if (gnutls_memcmp (proof, answer + 1, sizeof proof) != 0)
    return vc_fail (error, VC_ERROR_DENIED, "what it answered is not from whoever made the invitation");
  memcpy (&first, text, sizeof first);
  first = GUINT32_FROM_BE (first);
  if (first > len - HEAD - sizeof first)
    return vc_fail (error, VC_ERROR_PROTOCOL, "it answered what nobody can read");
  *ret_certificate = g_strndup ((const char *) text + sizeof first, first);
  *ret_ca = g_strndup ((const char *) text + sizeof first + first, len - HEAD - sizeof first - first);
  return TRUE;
}

void
vc_invitation_free (VcInvitation *self)
{
  if (self == NULL)
    return;
  explicit_bzero (&self->hashes, sizeof self->hashes);
  g_free (self->name);
  g_free (self->ca_text);
  vc_certificate_free (self->ca);
  vc_key_free (self->ca_key);
  g_free (self);
}
