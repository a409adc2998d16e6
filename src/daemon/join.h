/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/session.h"

/* Clients without a certificate who were invited to get one: what they say is carried to the signer of their
 * invitation, and what it answers back to them. */
typedef struct VcJoins VcJoins;

/* vc_joins_new - of a run folder
 *
 * Returns: new (free with vc_joins_free), or NULL with error.
 */
VcJoins *vc_joins_new (const char *run, GError **error);

/* vc_joins_are_open - is there an invitation, and is its CA's key hidden from us? */
gboolean vc_joins_are_open (VcJoins *self);

/* vc_joins_take - speak to one whose session is VC_TLS_JOIN; takes fd and session
 *
 * In a thread of its own; one who tries too often is refused at once.
 */
void vc_joins_take (VcJoins *self, int fd_taken, VcTlsSession *session_taken, const char *address);

/* vc_joins_free - those that are being spoken to are waited for; NULL is fine */
void vc_joins_free (VcJoins *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcJoins, vc_joins_free)
