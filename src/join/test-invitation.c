/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/wipe.h"
#include "join/hand.h"
#include "join/note.h"

#define NOW   G_GINT64_CONSTANT (1800000000)
#define CLOCK G_GINT64_CONSTANT (5000000)

static const guint8 secret[VC_TOKEN_SECRET] = "0123456789abcdef",
                    print[VC_TOKEN_KEY_PRINT] = "the server's key";
static const guint8 channel[VC_JOIN_CHANNEL] = "this connection",
                    other[VC_JOIN_CHANNEL] = "another connection";
static const guint8 id[VC_TOKEN_ID] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static VcIssued *ca;

static VcInvitation *
invite (guint seconds)
{
  VcHand hand = { "/run", "0102030405060708", "desk", "ca.pem", ca->certificate, "key.pem", ca->key, print };
  g_autoptr (GError) error = NULL;
  VcHand read;
  gsize len;
  char *bytes;
  VcInvitation *invitation;

  vc_join_hash (secret, &hand.hashes);
  hand.days = 100;
  hand.seconds = seconds;
  bytes = vc_hand_write (&hand, &len);
  g_assert_false (vc_hand_read (bytes, len - 1, &read));
  g_assert_true (vc_hand_read (bytes, len, &read));
  invitation = vc_hand_invite (&read, CLOCK, NOW, &error);
  g_assert_no_error (error);
  vc_wipe_free (bytes, len);
  return invitation;
}

/* What a client sends over that connection; bound borrows from it. */
static GByteArray *
ask (const VcKey *key, const guint8 *with, const guint8 *over, const guint8 *server, VcJoinBound *ret_bound)
{
  GByteArray *asked = g_byte_array_new ();
  g_autoptr (GBytes) request = vc_request_new (key, NULL);
  gsize len;
  const guint8 *bytes = g_bytes_get_data (request, &len);

  g_byte_array_append (asked, id, sizeof id);
  g_byte_array_set_size (asked, VC_JOIN_HEAD);
  g_byte_array_append (asked, bytes, (guint) len);
  *ret_bound = (VcJoinBound){ id, server, over, asked->data + VC_JOIN_HEAD, len };
  vc_join_prove (with, ret_bound, asked->data + VC_TOKEN_ID);
  return asked;
}

static void
assert_refused (VcInvitation *invitation, const GByteArray *asked, gint64 clock, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (vc_invitation_answer (invitation, channel, asked->data, asked->len, clock, NOW, &error));
  g_assert_error (error, VC_ERROR, code);
}

static void
test_once (void)
{
  g_autoptr (VcInvitation) invitation = invite (900);
  g_autoptr (VcKey) key = vc_key_new (VC_KEY_EC, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *certificate = NULL;
  g_autofree char *cas = NULL;
  g_autoptr (GPtrArray) list = NULL;
  VcJoinBound bound;
  g_autoptr (GByteArray) asked = ask (key, secret, channel, print, &bound);
  g_autoptr (GByteArray) answer
      = vc_invitation_answer (invitation, channel, asked->data, asked->len, CLOCK + 899999, NOW, &error);
  const VcCertificate *own;

  g_assert_no_error (error);
  g_assert_true (
      vc_invitation_read_answer (secret, &bound, answer->data, answer->len, &certificate, &cas, &error));
  g_assert_cmpstr (cas, ==, ca->certificate);
  list = vc_certificates_read_text (certificate, strlen (certificate), "c", &error);
  g_assert_no_error (error);
  own = list->pdata[0];
  g_assert_cmpstr (own->subject, ==, "CN=desk");
  g_assert_true (own->may_connect && !own->may_serve && !own->is_ca && vc_key_fits (key, own));
  assert_refused (invitation, asked, CLOCK, VC_ERROR_STATE);
  g_assert_true (invitation->is_over);
  /* nobody between the two has written it */
  for (guint i = 0; i < answer->len; i += 7)
    {
      g_autofree char *a = NULL;
      g_autofree char *b = NULL;

      answer->data[i] ^= 1;
      g_assert_false (vc_invitation_read_answer (secret, &bound, answer->data, answer->len, &a, &b, NULL));
      answer->data[i] ^= 1;
    }
}

static void
test_expired (void)
{
  g_autoptr (VcInvitation) invitation
      = invite (1000000); /* no longer than 15 minutes, whatever is handed over */
  g_autoptr (VcKey) key = vc_key_new (VC_KEY_EC, NULL);
  VcJoinBound bound;
  g_autoptr (GByteArray) asked = ask (key, secret, channel, print, &bound);

  assert_refused (invitation, asked, CLOCK + 900000, VC_ERROR_STATE);
  g_assert_cmpuint (invitation->tries, ==, VC_INVITATION_TRIES);
}

static void
test_void_after_wrong_ones (void)
{
  const guint8 wrong[VC_TOKEN_SECRET] = "another secret";
  g_autoptr (VcInvitation) invitation = invite (900);
  g_autoptr (VcKey) key = vc_key_new (VC_KEY_EC, NULL);
  VcJoinBound bound;
  g_autoptr (GByteArray) asked = ask (key, wrong, channel, print, &bound);
  g_autoptr (GByteArray) good = ask (key, secret, channel, print, &bound);

  for (guint i = 0; i < VC_INVITATION_TRIES; i++)
    assert_refused (invitation, asked, CLOCK, VC_ERROR_DENIED);
  assert_refused (invitation, good, CLOCK, VC_ERROR_STATE);
}

/* One who has heard a proof, or was meant for another server, or puts his own request in its place. */
static void
test_bound (void)
{
  const guint8 server[VC_TOKEN_KEY_PRINT] = "another server's key";
  g_autoptr (VcInvitation) invitation = invite (900);
  g_autoptr (VcKey) key = vc_key_new (VC_KEY_EC, NULL);
  g_autoptr (VcKey) own = vc_key_new (VC_KEY_EC, NULL);
  VcJoinBound bound;
  g_autoptr (GByteArray) elsewhere = ask (key, secret, other, print, &bound);
  g_autoptr (GByteArray) meant = ask (key, secret, channel, server, &bound);
  g_autoptr (GByteArray) heard = ask (key, secret, channel, print, &bound);
  g_autoptr (GByteArray) his = ask (own, secret, channel, print, &bound);

  assert_refused (invitation, elsewhere, CLOCK, VC_ERROR_DENIED);
  assert_refused (invitation, meant, CLOCK, VC_ERROR_DENIED);
  memcpy (his->data, heard->data, VC_JOIN_HEAD);
  assert_refused (invitation, his, CLOCK, VC_ERROR_DENIED);
  heard->data[0] ^= 1;
  assert_refused (invitation, heard, CLOCK, VC_ERROR_PROTOCOL);
  g_assert_cmpuint (invitation->tries, ==, 1);
}

static void
test_hashes_are_no_secret (void)
{
  g_autoptr (VcInvitation) invitation = invite (900);
  g_autoptr (VcKey) key = vc_key_new (VC_KEY_EC, NULL);
  VcJoinBound bound;
  g_autoptr (GByteArray) client = ask (key, invitation->hashes.client, channel, print, &bound);
  g_autoptr (GByteArray) signer = ask (key, invitation->hashes.signer, channel, print, &bound);

  assert_refused (invitation, client, CLOCK, VC_ERROR_DENIED);
  assert_refused (invitation, signer, CLOCK, VC_ERROR_DENIED);
}

/* Somebody who knows the secret and sends what is no request, or another's. */
static void
test_requests (void)
{
  g_autoptr (VcInvitation) invitation = invite (900);
  g_autoptr (VcKey) key = vc_key_new (VC_KEY_EC, NULL);
  g_autoptr (GBytes) request = vc_request_new (key, NULL);
  g_autoptr (GByteArray) bytes = g_bytes_unref_to_array (g_steal_pointer (&request));

  bytes->data[bytes->len - 1] ^= 1; /* the signature with its key */
  for (guint i = 0; i < 2; i++)
    {
      gsize len = i == 0 ? bytes->len : 3;
      VcJoinBound bound = { id, print, channel, bytes->data, len };
      g_autoptr (GByteArray) asked = g_byte_array_new ();
      guint8 proof[VC_JOIN_HASH];

      vc_join_prove (secret, &bound, proof);
      g_byte_array_append (asked, id, sizeof id);
      g_byte_array_append (asked, proof, sizeof proof);
      g_byte_array_append (asked, bytes->data, (guint) len);
      assert_refused (invitation, asked, CLOCK, VC_ERROR_INVALID);
    }
  g_assert_false (invitation->is_over);
}

static void
test_weak_keys (void)
{
  g_autoptr (VcKey) rsa = vc_key_new (VC_KEY_RSA, NULL);
  g_autoptr (GBytes) request = vc_request_new (rsa, NULL);
  gsize len;
  const guint8 *bytes = g_bytes_get_data (request, &len);
  g_autoptr (VcRequest) read = vc_request_read (bytes, len, NULL);

  g_assert_cmpstr (read->text, ==, "RSA 3072 bits");
}

static void
test_notes (void)
{
  g_autofree char *folder = g_dir_make_tmp ("notes-XXXXXX", NULL);
  g_autofree char *stale = g_build_filename (folder, "aaaaaaaaaaaaaaaa", NULL);
  VcNote note = { (char *) "0123456789abcdef", (char *) "de\"sk\n", (char *) "/ca/key.pem", NOW, NULL };
  g_autoptr (GError) error = NULL;
  int fd = vc_note_post (folder, &note, &error);
  g_autoptr (GPtrArray) notes = vc_notes_read (folder);
  const VcNote *found;

  g_assert_no_error (error);
  g_assert_cmpuint (notes->len, ==, 1);
  found = vc_notes_find (notes, "de\"sk\n");
  g_assert_true (found == vc_notes_find (notes, note.id) && found != NULL);
  g_assert_cmpstr (found->ca_key, ==, "/ca/key.pem");
  g_assert_cmpint (found->until, ==, NOW);
  g_assert_null (vc_notes_find (notes, "desk"));
  g_assert_true (g_file_set_contents (stale, "[invitation]\nname=x\nca-key=/y\nuntil=1\n", -1, NULL));
  close (fd); /* its signer has died */
  g_ptr_array_unref (notes);
  notes = vc_notes_read (folder);
  g_assert_cmpuint (notes->len, ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  ca = vc_issue_ca ("CA", VC_KEY_EC, 1000, NOW, NULL);
  g_test_add_func ("/invitation/once", test_once);
  g_test_add_func ("/invitation/expired", test_expired);
  g_test_add_func ("/invitation/void-after-wrong-ones", test_void_after_wrong_ones);
  g_test_add_func ("/invitation/bound", test_bound);
  g_test_add_func ("/invitation/hashes-are-no-secret", test_hashes_are_no_secret);
  g_test_add_func ("/invitation/requests", test_requests);
  g_test_add_func ("/invitation/weak-keys", test_weak_keys);
  g_test_add_func ("/invitation/notes", test_notes);
  status = g_test_run ();
  vc_issued_free (ca);
  return status;
}
