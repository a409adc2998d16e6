/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a stranger sends to the signer, as it is; and what one who was invited asks for, any bytes of it. */
#include <string.h>

#include "join/invitation.h"

#define NOW G_GINT64_CONSTANT (1800000000)

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

static const guint8 secret[VC_TOKEN_SECRET] = "0123456789abcdef", channel[VC_JOIN_CHANNEL] = "here";
static VcInvitation *invitation;

static void
set_up (void)
{
  g_autoptr (VcIssued) ca = vc_issue_ca ("CA", VC_KEY_EC, 1000, NOW, NULL);
  g_autoptr (GPtrArray) list
      = vc_certificates_read_text (ca->certificate, strlen (ca->certificate), "c", NULL);

  invitation = g_new0 (VcInvitation, 1);
  invitation->ca = g_ptr_array_steal_index (list, 0);
  invitation->ca_key = vc_key_read_text (ca->key, strlen (ca->key), NULL, "k", NULL);
  invitation->ca_text = g_strdup (ca->certificate);
  invitation->name = g_strdup ("desk");
  invitation->days = 10;
  invitation->until_ms = 1;
  vc_join_hash (secret, &invitation->hashes);
}

static void
ask (const guint8 *request, gsize len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) answer = NULL;

  invitation->tries = 1;
  invitation->is_over = FALSE;
  answer = vc_invitation_answer (invitation, channel, request, len, 0, NOW, &error);
  g_assert ((answer == NULL) == (error != NULL));
  g_assert (invitation->is_over);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  g_autoptr (GByteArray) asked = g_byte_array_new ();
  VcJoinBound bound;
  char *certificate = NULL, *ca = NULL;

  if (invitation == NULL)
    set_up ();
  ask (bytes, len);
  g_byte_array_append (asked, invitation->id, sizeof invitation->id);
  g_byte_array_set_size (asked, VC_JOIN_HEAD);
  g_byte_array_append (asked, bytes, (guint) len);
  bound = (VcJoinBound){ invitation->id, invitation->key_print, channel, bytes, len };
  vc_join_prove (secret, &bound, asked->data + VC_TOKEN_ID);
  ask (asked->data, asked->len);
  /* Nobody makes up an answer. */
  g_assert (!vc_invitation_read_answer (secret, &bound, bytes, len, &certificate, &ca, NULL));
  return 0;
}
