/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "join/token.h"

/* How a client proves that it was invited, and the signer that it invited it, without showing the secret.
 *
 * As in SCRAM (RFC 5802): who signs keeps hashes, with which nobody can join.  Both proofs hold for one TLS
 * connection, to one server, and for one request only. */
#define VC_JOIN_HASH    32u
#define VC_JOIN_CHANNEL 32u

typedef struct
{
  guint8 client[VC_JOIN_HASH]; /* the hash of what the client proves to have */
  guint8 signer[VC_JOIN_HASH]; /* the key of the signer's proof              */
} VcJoinHashes;

typedef struct
{
  const guint8 *id;        /* VC_TOKEN_ID bytes        */
  const guint8 *key_print; /* VC_TOKEN_KEY_PRINT bytes */
  const guint8 *channel;   /* VC_JOIN_CHANNEL bytes    */
  const guint8 *request;   /* DER                      */
  gsize request_len;
} VcJoinBound;

/* vc_join_hash - what is kept of a secret */
void vc_join_hash (const guint8 *secret, VcJoinHashes *ret_hashes);

/* vc_join_prove - by the client: VC_JOIN_HASH bytes */
void vc_join_prove (const guint8 *secret, const VcJoinBound *bound, guint8 *ret_proof);

/* vc_join_is_proven - does the client know the secret? */
gboolean vc_join_is_proven (const VcJoinHashes *hashes, const VcJoinBound *bound, const guint8 *proof);

/* vc_join_answer - by the signer: VC_JOIN_HASH bytes for what it answers */
void vc_join_answer (const VcJoinHashes *hashes, const VcJoinBound *bound, const guint8 *text, gsize len,
                     guint8 *ret_proof);
