/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <virtcard/virtcard.h>

G_BEGIN_DECLS

/* libvirtcard and servers that want users to log in, with passwords. */

typedef struct VirtcardAuth VirtcardAuth;

/* virtcard_connect_open_auth - virtcard_connect_open_tls, of a server that may want a user to log in (SASL)
 *
 * tls, auth: borrowed for the call; either may be NULL.  The user is auth's, else the URI's USER@, else who
 * the callback says.  A server that was not verified (no_verify=1) is never shown the password itself.
 *
 * Returns: as virtcard_connect_open; VIRTCARD_ERROR_DENIED when the server does not let the user in: it does
 * not say why.
 */
VirtcardConnect *virtcard_connect_open_auth (const char *uri, guint flags, const VirtcardTls *tls,
                                             const VirtcardAuth *auth, GError **error);

/* virtcard_auth_new - Returns: new (free with virtcard_auth_free) */
VirtcardAuth *virtcard_auth_new (void);

/* virtcard_auth_free - wipes what it holds; NULL is fine */
void virtcard_auth_free (VirtcardAuth *auth);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VirtcardAuth, virtcard_auth_free)

/* virtcard_auth_set_user - who it is, instead of the URI's; NULL: the URI's */
void virtcard_auth_set_user (VirtcardAuth *auth, const char *user);

/* virtcard_auth_set_password… - give the password: as bytes, as what a file has, or what comes from a
 * descriptor until its end, which stays open.  Of the last two one end of line at their end is not part of it
 *
 * Returns: FALSE with error: none, too long, a file that cannot be read.
 */
gboolean virtcard_auth_set_password (VirtcardAuth *auth, const char *password, gsize len, GError **error);
gboolean virtcard_auth_set_password_file (VirtcardAuth *auth, const char *path, GError **error);
gboolean virtcard_auth_set_password_fd (VirtcardAuth *auth, int fd, GError **error);

typedef enum
{
  VIRTCARD_CREDENTIAL_USER = 0,
  VIRTCARD_CREDENTIAL_PASSWORD = 1,
} VirtcardCredential;

/* VirtcardCredentialFn - say what was not given
 *
 * user: whose password; NULL while the name is asked for.  host: of the URI; NULL: this host.  Called from
 * inside virtcard_connect_open_auth, while the server waits: virtcardd for two minutes.
 *
 * Returns: new string, which is wiped and freed with g_free; NULL: nothing, and the connection is not made.
 */
typedef char *(*VirtcardCredentialFn) (VirtcardCredential what, const char *user, const char *host,
                                       gpointer data);

/* virtcard_auth_set_callback - whom to ask for what was not given; fn NULL: nobody */
void virtcard_auth_set_callback (VirtcardAuth *auth, VirtcardCredentialFn fn, gpointer data);

G_END_DECLS
