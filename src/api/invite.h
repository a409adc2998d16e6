/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/paths.h"

/* Inviting a client of another host to get a certificate, on the host of a virtcardd. */
typedef struct
{
  const char *name;    /* of the certificate                                            */
  const char *ca;      /* folder of the CA; NULL: the one of ca_file                    */
  const char *config;  /* virtcardd's settings; NULL: the usual place                   */
  const char *address; /* HOST[:PORT] for the client; NULL: as the certificate and the settings say */
  guint minutes, days;
  /* Asks for the passphrase of the CA's key.  Returns: new (free with vc_wipe_text), or NULL with error. */
  char *(*passphrase) (const char *path, gpointer data, GError **error);
  gpointer data;
} VcInviteQuestion;

typedef struct
{
  char *token;
  char *where; /* HOST:PORT that the client goes to */
} VcInvited;

/* vc_invite - start a signer that waits for the client, and see that virtcardd would hear it
 *
 * Returns: new (free with vc_invited_free), or NULL with error, and nothing was begun.
 */
VcInvited *vc_invite (const VcPaths *paths, const VcInviteQuestion *question, GError **error);

/* vc_invite_list - those that are open; Returns: new array of VcNote (join/note.h) */
GPtrArray *vc_invite_list (const VcPaths *paths);

/* vc_invite_cancel - end the one of that name or id */
gboolean vc_invite_cancel (const VcPaths *paths, const char *what, GError **error);

/* vc_invited_free - wipes it; NULL is fine */
void vc_invited_free (VcInvited *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcInvited, vc_invited_free)
