/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "join/invitation.h"

/* What a signer is given at its start, over a pipe: an invitation, and where its note is to be. */
typedef struct
{
  const char *folder; /* of the notes; they live as long as the bytes that were read */
  const char *id;     /* in digits      */
  const char *name;
  const char *ca_path, *ca_text;
  const char *key_path, *key_text; /* the latter not encrypted */
  const guint8 *key_print;         /* VC_TOKEN_KEY_PRINT bytes */
  VcJoinHashes hashes;
  guint days, seconds;
} VcHand;

#define VC_HAND_MAX (2u * 1024u * 1024u)

/* vc_hand_write - Returns: new bytes (free with vc_wipe_free) */
char *vc_hand_write (const VcHand *self, gsize *ret_len);

/* vc_hand_read - borrows from bytes; FALSE when it is none */
gboolean vc_hand_read (const char *bytes, gsize len, VcHand *ret_hand);

/* vc_hand_invite - the invitation it makes, from clock_ms on
 *
 * Returns: new (free with vc_invitation_free), or NULL with error.
 */
VcInvitation *vc_hand_invite (const VcHand *self, gint64 clock_ms, gint64 now, GError **error);
