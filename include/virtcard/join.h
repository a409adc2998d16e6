/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <virtcard/virtcard.h>

G_BEGIN_DECLS

/* libvirtcard on its first visit: a certificate by invitation. */

typedef enum
{
  VIRTCARD_JOIN_REPLACE = 1, /* what is there, files and a known server's key, instead of failing */
} VirtcardJoinFlags;

/* virtcard_join - get a certificate from a server that has invited this client ("virtcard invite" there)
 *
 * token is what was printed there; it is good once.  A server with another key than it says is told nothing.
 * Makes a key and stores it, which nobody else can read then, its certificate and the CA's in dir, named as
 * libvirt has them; dir NULL: where libvirt's clients look for those of this user, or of the system as root.
 * A CA's certificate that is there already stays, if it is of the server's CA.  The server's key goes into
 * the list of known servers.  flags: VirtcardJoinFlags.
 *
 * Returns: new string, the URI to connect to, or NULL with error: VIRTCARD_ERROR_DENIED, VIRTCARD_ERROR_STATE
 * for an invitation that is not good (any more); with VIRTCARD_ERROR_EXISTS and VIRTCARD_ERROR_INVALID it was
 * not used.
 */
char *virtcard_join (const char *token, const char *dir, guint flags, GError **error);

G_END_DECLS
