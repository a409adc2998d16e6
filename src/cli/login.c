/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/login.h"

#include "cli/passphrase.h"
#include "cli/say.h"

static char *
ask (VirtcardCredential what, const char *user, const char *host, gpointer data)
{
  const char *where = host != NULL ? host : "this host";
  g_autofree char *question = what == VIRTCARD_CREDENTIAL_USER
                                  ? g_strdup_printf ("user at %s: ", where)
                                  : g_strdup_printf ("password of '%s' at %s: ", user, where);
  g_autofree char *safe = vc_say_safe (question, FALSE);

  return vc_passphrase_ask (safe, what == VIRTCARD_CREDENTIAL_PASSWORD, NULL);
}

VirtcardAuth *
vc_login_new (const char *user, const char *file, GError **error)
{
  g_autoptr (VirtcardAuth) auth = virtcard_auth_new ();

  virtcard_auth_set_callback (auth, ask, NULL);
  virtcard_auth_set_user (auth, user);
  if (file != NULL && !virtcard_auth_set_password_file (auth, file, error))
    return NULL;
  return g_steal_pointer (&auth);
}
