/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/certificate.h"
#include "pki/folder.h"
#include "pki/problem.h"

/* Who is at the other end?  Connects as a TLS client, as QEMU would with the same folder, and says what can
 * be known from here. */
typedef struct
{
  const char *host; /* also what the peer's certificate must be for */
  const char *port;
  const VcPkiFolder *folder; /* of the CA to trust and of our own certificate, if it has one */
  const char *passphrase;    /* of our key, or NULL                                          */
  guint timeout_ms;          /* for everything together                                      */
  gint64 now;
} VcPeerQuestion;

typedef struct
{
  char *session;           /* "(TLS1.3)-(ECDHE-…)…": GnuTLS' words; NULL: no session   */
  GPtrArray *certificates; /* VcCertificate, its own first; NULL: none was shown       */
  gboolean asks;           /* it asked for a certificate                               */
  gboolean given;          /* and was given ours                                       */
  GPtrArray *problems;     /* VcPkiProblem: "HOST:PORT: …"                             */
} VcPeer;

#define VC_PEER_VERDICT_MS 2000 /* how long it is given to refuse us after the handshake */

/* vc_peer_read_address - "HOST:PORT", "[IPV6]:PORT"
 *
 * Writes new strings.  Returns: FALSE with VC_ERROR_INVALID.
 */
gboolean vc_peer_read_address (const char *text, char **ret_host, char **ret_port, GError **error);

/* vc_peer_ask - connect, shake hands, look, and wait a moment for a refusal
 *
 * The peer sees a connection that ends without data.
 *
 * Returns: new (free with vc_peer_free); NULL with error only for what is wrong here: the folder's files,
 * or a host that cannot be found.
 */
VcPeer *vc_peer_ask (const VcPeerQuestion *question, GError **error);

/* vc_peer_free - NULL is fine */
void vc_peer_free (VcPeer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcPeer, vc_peer_free)
