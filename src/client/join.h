/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "join/token.h"
#include "pki/key.h"

/* Getting a certificate from a server that has invited us. */
typedef struct
{
  char *certificate;     /* PEM, checked: it is of our key, signed by the CA                   */
  char *ca;              /* PEM, one or more                                                   */
  VcCertificate *own;    /* what certificate says                                              */
  VcCertificate *server; /* the server's own                                                   */
} VcJoined;

/* vc_join - connect to the server of a token and ask for a certificate of key
 *
 * Nothing is said to a server that has another key than the token says, nor, with VC_ERROR_EXISTS, to one
 * whose certificate is of none of cas (VcCertificate), where that is not NULL.
 *
 * Returns: new (free with vc_joined_free), or NULL with error: "HOST:PORT (ADDRESS): …".
 */
VcJoined *vc_join (const VcToken *token, const VcKey *key, const GPtrArray *cas, guint timeout_s,
                   GError **error);

/* vc_join_probe - would a server at host and port, with that key, hear who was invited?
 *
 * Returns: FALSE with error: VC_ERROR_STATE when it has no invitation open.
 */
gboolean vc_join_probe (const char *host, guint port, const guint8 *key_print, guint timeout_s,
                        GError **error);

/* vc_joined_free - NULL is fine */
void vc_joined_free (VcJoined *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcJoined, vc_joined_free)
