/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/wipe.h"
#include "cli/command.h"
#include "cli/passphrase.h"
#include "cli/reach.h"
#include "cli/say.h"

#define MAX_TOKEN 512u

typedef struct
{
  char *token;
  char *dir;
  gboolean force;
} Options;

static const VcField options[] = {
  VC_NAME (Options, token, "TOKEN",
           .doc = "what virtcard invite has printed; without it, or with '-', it is read from the standard "
                  "input, a terminal is asked for it"),
  VC_FOLDER (Options, dir, "--dir DIR",
             .doc
             = "folder for key and certificates; without it where libvirt's clients look: ~/.pki/libvirt, "
               "for root /etc/pki"),
  VC_FLAG (Options, force, "--force", .doc = "replace files that are there"),
  { 0 }
};

static int
run (const VcCli *cli, gconstpointer data)
{
  const Options *self = data;
  gboolean is_given = self->token != NULL && strcmp (self->token, "-") != 0;
  g_autoptr (GError) error = NULL;
  gsize len = 0;
  char *token = is_given ? g_strdup (self->token) : vc_passphrase_read (NULL, FALSE, MAX_TOKEN, &len, &error);
  g_autofree char *uri
      = token != NULL ? virtcard_join (token, self->dir, self->force ? VIRTCARD_JOIN_REPLACE : 0, &error)
                      : NULL;

  vc_wipe_text (token);
  if (uri == NULL)
    {
      vc_say ("%s%s", error->message,
              g_error_matches (error, VIRTCARD_ERROR, VIRTCARD_ERROR_EXISTS) ? "; --force replaces it" : "");
      return VC_EXIT_FAILED;
    }
  return vc_reach_put ("Joined: virtcard -c '%s' list", uri);
}

const VcCommand vc_command_join = {
  .name = "join",
  .summary = "get a certificate from a server that has invited this client",
  .about = "Makes a key, has it certified by the server whose invitation TOKEN is (virtcard invite), and "
           "stores key, "
           "certificate and the CA's certificate for libvirt's clients and virtcard: after that virsh -c "
           "qemu+tls://HOST/system "
           "and virtcard -c qemu+tls://HOST/system connect.\n\n"
           "The token has the print of the server's key in it: nothing is said to any other server. It is "
           "good once and for "
           "a quarter of an hour, so that it may stand on the command line; where others could see it there "
           "and be faster, "
           "let it be asked for.",
  .options = options,
  .size = sizeof (Options),
  .run = run,
};
