/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "join/hand.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* Strings with the zero at their end, one after the other, and then bytes of known length: both ends are of
 * one build. */
#define N_STRINGS 7u

typedef struct
{
  guint8 key_print[VC_TOKEN_KEY_PRINT];
  VcJoinHashes hashes;
  guint32 days, seconds;
} Fixed;

char *
vc_hand_write (const VcHand *self, gsize *ret_len)
{
  const char *const strings[N_STRINGS]
      = { self->folder, self->id, self->name, self->ca_path, self->ca_text, self->key_path, self->key_text };
  Fixed fixed = { .hashes = self->hashes, .days = self->days, .seconds = self->seconds };
  gsize len = sizeof fixed;
  char *bytes, *at;

  memcpy (fixed.key_print, self->key_print, sizeof fixed.key_print);
  for (guint i = 0; i < N_STRINGS; i++)
    len += strlen (strings[i]) + 1;
  at = bytes = g_malloc (len);
  for (guint i = 0; i < N_STRINGS; i++)
    at = mempcpy (at, strings[i], strlen (strings[i]) + 1);
  memcpy (at, &fixed, sizeof fixed);
  explicit_bzero (&fixed, sizeof fixed);
  *ret_len = len;
  return bytes;
}

gboolean
vc_hand_read (const char *bytes, gsize len, VcHand *ret_hand)
{
  const char *strings[N_STRINGS];
  const char *at = bytes, *end = bytes + len;
  Fixed fixed;

  for (guint i = 0; i < N_STRINGS; i++)
    {
      const char *zero = memchr (at, 0, (gsize) (end - at));

      if (zero == NULL)
        return FALSE;
      strings[i] = at;
      at = zero + 1;
    }
  if ((gsize) (end - at) != sizeof fixed)
    return FALSE;
  memcpy (&fixed, at, sizeof fixed);
  *ret_hand
      = (VcHand){ strings[0],   strings[1], strings[2],   strings[3],
                  strings[4],   strings[5], strings[6],   (const guint8 *) at + offsetof (Fixed, key_print),
                  fixed.hashes, fixed.days, fixed.seconds };
  explicit_bzero (&fixed, sizeof fixed);
  return TRUE;
}

static gboolean
read_id (const char *digits, guint8 *id)
{
  if (strlen (digits) != 2 * VC_TOKEN_ID)
    return FALSE;
  for (guint i = 0; i < VC_TOKEN_ID; i++)
    {
      int high = g_ascii_xdigit_value (digits[2 * i]), low = g_ascii_xdigit_value (digits[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      id[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

VcInvitation *
vc_hand_invite (const VcHand *self, gint64 clock_ms, gint64 now, GError **error)
{
  g_autoptr (VcInvitation) invitation = g_new0 (VcInvitation, 1);
  g_autoptr (GPtrArray) cas
      = vc_certificates_read_text (self->ca_text, strlen (self->ca_text), self->ca_path, error);
  char *names[] = { NULL, NULL };

  if (cas == NULL)
    return NULL;
  invitation->ca = g_ptr_array_steal_index (cas, 0);
  invitation->ca_text = g_strdup (self->ca_text);
  invitation->name = names[0] = g_strdup (self->name);
  invitation->hashes = self->hashes;
  invitation->days = self->days;
  invitation->tries = VC_INVITATION_TRIES;
  invitation->until_ms = clock_ms + (gint64) MIN (self->seconds, VC_INVITATION_SECONDS) * 1000;
  memcpy (invitation->key_print, self->key_print, sizeof invitation->key_print);
  if (!read_id (self->id, invitation->id))
    return vc_fail_null (error, VC_ERROR_INVALID, "'%s' is not the id of an invitation", self->id);
  invitation->ca_key
      = vc_key_read_text (self->key_text, strlen (self->key_text), NULL, self->key_path, error);
  if (invitation->ca_key == NULL
      || !vc_issue_check (invitation->ca, invitation->ca_key, VC_PKI_CLIENT, names, now, error))
    return NULL;
  return g_steal_pointer (&invitation);
}
