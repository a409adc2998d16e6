/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "join/proof.h"
#include "pki/issue.h"

/* One invitation, as its signer has it: who may get one certificate, until when, and what it is signed with.
 */
typedef struct
{
  guint8 id[VC_TOKEN_ID];
  guint8 key_print[VC_TOKEN_KEY_PRINT]; /* of the server it was made for */
  VcJoinHashes hashes;
  char *name;       /* of the certificate                         */
  guint days;       /* how long that is good                      */
  gint64 until_ms;  /* of a clock that nobody can set             */
  guint tries;      /* wrong ones that are left                   */
  gboolean is_over; /* it was used, or has no tries left          */
  char *ca_text;    /* what is handed out with the certificate    */
  VcCertificate *ca;
  VcKey *ca_key;
} VcInvitation;

#define VC_INVITATION_TRIES   5u
#define VC_INVITATION_SECONDS 900u
/* What a client sends: id, proof, request. */
#define VC_JOIN_HEAD        (VC_TOKEN_ID + VC_JOIN_HASH)
#define VC_JOIN_MAX_REQUEST (VC_JOIN_HEAD + VC_REQUEST_MAX_BYTES)
/* What it gets, if that is it: a byte, the signer's proof, the length of the certificate, it, the CA's. */
#define VC_JOIN_GRANTED 1u
#define VC_JOIN_REFUSED 0u /* and then a sentence */

/* vc_invitation_answer - what to answer a client
 *
 * channel: VC_JOIN_CHANNEL bytes of its TLS connection.  clock_ms: of the clock of until_ms; now: seconds
 * since 1970.  A certificate ends the invitation, and so do VC_INVITATION_TRIES requests that are wrong.
 *
 * Returns: new bytes (VC_JOIN_GRANTED, …), or NULL with error, for the log: VC_ERROR_STATE when it is not
 * open any more, VC_ERROR_DENIED for a wrong secret.
 */
GByteArray *vc_invitation_answer (VcInvitation *self, const guint8 *channel, const guint8 *request, gsize len,
                                  gint64 clock_ms, gint64 now, GError **error);

/* vc_invitation_read_answer - by the client: the certificate and the CA's, in PEM, if the signer said so
 *
 * Returns: FALSE with VC_ERROR_DENIED.
 */
gboolean vc_invitation_read_answer (const guint8 *secret, const VcJoinBound *bound, const guint8 *answer,
                                    gsize len, char **ret_certificate, char **ret_ca, GError **error);

/* vc_invitation_free - wipes it; NULL is fine */
void vc_invitation_free (VcInvitation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcInvitation, vc_invitation_free)
