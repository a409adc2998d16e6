/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "api/invite.h"
#include "base/error.h"
#include "base/wipe.h"
#include "cli/passphrase.h"
#include "cli/pki.h"
#include "cli/reach.h"
#include "cli/say.h"
#include "join/note.h"

#define USUAL_DAYS     730u
#define USUAL_MINUTES  15u
#define MAX_PASSPHRASE 1024u

typedef struct
{
  char *name;
  char *dir, *address, *config, *passphrase_file, *cancel;
  VcU32 minutes, days;
  gboolean list;
} Options;

static const VcField options[] = {
  VC_NAME (Options, name, "NAME", .doc = "name of the client, its certificate's common name"),
  VC_FOLDER (
      Options, dir, "--dir CA-DIR",
      .doc = "folder of the CA, with cacert.pem and private/cakey.pem; without it the folder of virtcardd's "
             "ca_file"),
  VC_NAME (Options, address, "--address HOST[:PORT]",
           .doc = "where the client reaches virtcardd; without it a name in its certificate, and tls_port"),
  VC_U32 (Options, minutes, "--minutes N", .min = 1, .max = USUAL_MINUTES,
          .doc = "how long the invitation is good; without it 15"),
  VC_U32 (Options, days, "--days DAYS", .min = 1, .max = VC_PKI_MAX_DAYS,
          .doc = "how long the certificate is valid, at most as long as its CA; without it 730"),
  VC_FILE (
      Options, passphrase_file, "--ca-passphrase-file FILE",
      .doc
      = "file with the passphrase of the CA's key, if that is encrypted; without it a terminal is asked"),
  VC_FILE (Options, config, "--config FILE",
           .doc = "virtcardd's settings, if they are not in virtcardd.conf"),
  VC_FLAG (Options, list, "--list", .doc = "show the invitations that are open, and do nothing else"),
  VC_NAME (Options, cancel, "--cancel NAME", .doc = "end an invitation, by its name or number"),
  { 0 }
};

static int
list (const VcCli *cli)
{
  g_autoptr (GPtrArray) notes = vc_invite_list (cli->paths);

  for (guint i = 0; i < notes->len; i++)
    {
      const VcNote *note = notes->pdata[i];
      g_autofree char *until = vc_pki_time_print (note->until);

      if (vc_reach_put ("%s  until %s  %s", note->id, until, note->name) != VC_EXIT_OK)
        return VC_EXIT_FAILED;
    }
  return VC_EXIT_OK;
}

static int
cancel (const VcCli *cli, const char *what)
{
  g_autoptr (GError) error = NULL;

  if (vc_invite_cancel (cli->paths, what, &error))
    return vc_reach_put ("Invitation of '%s' cancelled", what);
  vc_say ("%s", error->message);
  return VC_EXIT_FAILED;
}

static char *
get_passphrase (const char *path, gpointer data, GError **error)
{
  const Options *self = data;
  gsize len = 0;

  if (self->passphrase_file == NULL && !isatty (STDIN_FILENO))
    return vc_fail_null (error, VC_ERROR_DENIED,
                         "%s: the key is encrypted; --ca-passphrase-file says where its passphrase is", path);
  if (self->passphrase_file == NULL)
    vc_say ("%s: the key is encrypted, its passphrase is the value", path);
  return vc_passphrase_read (self->passphrase_file, FALSE, MAX_PASSPHRASE, &len, error);
}

static int
invite (const VcCli *cli, const Options *self)
{
  guint minutes = self->minutes.set ? self->minutes.value : USUAL_MINUTES;
  const VcInviteQuestion question = { .name = self->name,
                                      .ca = self->dir,
                                      .config = self->config,
                                      .address = self->address,
                                      .minutes = minutes,
                                      .days = self->days.set ? self->days.value : USUAL_DAYS,
                                      .passphrase = get_passphrase,
                                      .data = (gpointer) self };
  g_autoptr (GError) error = NULL;
  g_autoptr (VcInvited) invited = vc_invite (cli->paths, &question, &error);

  if (invited == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  vc_say ("'%s' has %u minute%s, once, at %s: virtcard join TOKEN", self->name, minutes,
          minutes == 1 ? "" : "s", invited->where);
  return vc_reach_put ("%s", invited->token);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Options *self = data;

  if ((self->name != NULL) + (self->cancel != NULL) + self->list != 1)
    {
      vc_say ("invite: one of NAME, --list and --cancel");
      return VC_EXIT_USAGE;
    }
  return self->list ? list (cli) : self->cancel != NULL ? cancel (cli, self->cancel) : invite (cli, self);
}

const VcCommand vc_command_invite = {
  .name = "invite",
  .summary = "let a client of another host get a certificate, once",
  .about = "Prints a token for virtcard join. On the host of a virtcardd that serves TLS, as the user it "
           "runs as. The token "
           "holds the address, the print of virtcardd's key and a secret, of which nothing but a hash is "
           "kept here: who has it "
           "first gets a certificate for NAME. It is good once, for a quarter of an hour, and not after five "
           "wrong tries.\n\n"
           "The CA's key goes to a process of its own, virtcard-signer, which ends with the invitation. "
           "virtcardd carries "
           "what is said, and cannot read the key: as root it hides the file from itself and its guests. "
           "Where it is not root "
           "the key has to be encrypted.",
  .options = options,
  .size = sizeof (Options),
  .run = run,
};
