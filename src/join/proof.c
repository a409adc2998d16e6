/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "join/proof.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

/* How this works
 *
 *   client key    HMAC (secret, CLIENT)           only the client has it
 *   hashes.client SHA-256 (client key)            kept
 *   hashes.signer HMAC (secret, SIGNER)           kept
 *   bound         PROTOCOL, id, key print, channel, SHA-256 (request)
 *   proof         client key XOR HMAC (hashes.client, bound)
 *   answer        HMAC (hashes.signer, bound, SHA-256 (text))
 */

#define PROTOCOL "virtcard-join/1"
#define CLIENT   "virtcard-join/1 client"
#define SIGNER   "virtcard-join/1 signer"

#define BOUND (sizeof PROTOCOL - 1 + VC_TOKEN_ID + VC_TOKEN_KEY_PRINT + VC_JOIN_CHANNEL + VC_JOIN_HASH)

static void
hash (gconstpointer bytes, gsize len, guint8 *ret_hash)
{
  int rc = gnutls_hash_fast (GNUTLS_DIG_SHA256, bytes, len, ret_hash);

  g_assert (rc == 0);
}

static void
mac (const guint8 *key, gsize key_len, gconstpointer bytes, gsize len, guint8 *ret_mac)
{
  int rc = gnutls_hmac_fast (GNUTLS_MAC_SHA256, key, key_len, bytes, len, ret_mac);

  g_assert (rc == 0);
}

void
vc_join_hash (const guint8 *secret, VcJoinHashes *ret_hashes)
{
  guint8 key[VC_JOIN_HASH];

  mac (secret, VC_TOKEN_SECRET, CLIENT, sizeof CLIENT - 1, key);
  hash (key, sizeof key, ret_hashes->client);
  mac (secret, VC_TOKEN_SECRET, SIGNER, sizeof SIGNER - 1, ret_hashes->signer);
  explicit_bzero (key, sizeof key);
}

static void
bind_all (const VcJoinBound *bound, guint8 *ret_bytes)
{
  guint8 *to = mempcpy (ret_bytes, PROTOCOL, sizeof PROTOCOL - 1);

  to = mempcpy (to, bound->id, VC_TOKEN_ID);
  to = mempcpy (to, bound->key_print, VC_TOKEN_KEY_PRINT);
  to = mempcpy (to, bound->channel, VC_JOIN_CHANNEL);
  hash (bound->request, bound->request_len, to);
}

/* client key, or proof: each is the other one, masked. */
static void
mask (const guint8 *client_hash, const VcJoinBound *bound, const guint8 *from, guint8 *to)
{
  guint8 bytes[BOUND], with[VC_JOIN_HASH];

  bind_all (bound, bytes);
  mac (client_hash, VC_JOIN_HASH, bytes, sizeof bytes, with);
  for (guint i = 0; i < VC_JOIN_HASH; i++)
    to[i] = from[i] ^ with[i];
}

void
vc_join_prove (const guint8 *secret, const VcJoinBound *bound, guint8 *ret_proof)
{
  guint8 key[VC_JOIN_HASH], key_hash[VC_JOIN_HASH];

  mac (secret, VC_TOKEN_SECRET, CLIENT, sizeof CLIENT - 1, key);
  hash (key, sizeof key, key_hash);
  mask (key_hash, bound, key, ret_proof);
  explicit_bzero (key, sizeof key);
}

gboolean
vc_join_is_proven (const VcJoinHashes *hashes, const VcJoinBound *bound, const guint8 *proof)
{
  guint8 key[VC_JOIN_HASH], key_hash[VC_JOIN_HASH];

  mask (hashes->client, bound, proof, key);
  hash (key, sizeof key, key_hash);
  explicit_bzero (key, sizeof key);
  return gnutls_memcmp (key_hash, hashes->client, sizeof key_hash) == 0;
}

void
vc_join_answer (const VcJoinHashes *hashes, const VcJoinBound *bound, const guint8 *text, gsize len,
                guint8 *ret_proof)
{
  guint8 bytes[BOUND + VC_JOIN_HASH];

  bind_all (bound, bytes);
  hash (text, len, bytes + BOUND);
  mac (hashes->signer, VC_JOIN_HASH, bytes, sizeof bytes, ret_proof);
}
