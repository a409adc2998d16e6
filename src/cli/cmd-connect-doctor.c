/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <virtcard/doctor.h>

#include "cli/command.h"
#include "cli/login.h"
#include "cli/say.h"
#include "cli/server.h"

typedef struct
{
  char *uri;
  gboolean read_only;
} Doctor;

static const VcField options[]
    = { VC_NAME (Doctor, uri, "[--uri] URI",
                 .doc = "connection to try; without it that of --connect, or the usual one"),
        VC_FLAG (Doctor, read_only, "--read-only", .doc = "try a connection that can change nothing"),
        { 0 } };

static void
put_step (const char *step, VirtcardStepResult result, const char *words, const char *advice, gpointer data)
{
  static const char *const results[] = { "ok", "failed", "skipped" };
  gboolean *is_put = data;
  g_autofree char *safe = words != NULL ? vc_say_safe (words, FALSE) : NULL;
  g_autofree char *line = g_strconcat (results[result], " ", step, safe != NULL ? ": " : "",
                                       safe != NULL ? safe : "", "\n", NULL);
  g_autofree char *remedy = advice != NULL ? g_strconcat ("  what to do: ", advice, "\n", NULL) : NULL;

  *is_put = *is_put && vc_put (line) && (remedy == NULL || vc_put (remedy));
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Doctor *self = data;
  g_autoptr (GError) error = NULL;
  const char *given = self->uri != NULL ? self->uri : cli->connect;
  g_autofree char *uri = given != NULL ? g_strdup (given) : virtcard_connect_choose (cli->root, &error);
  g_autoptr (GString) hint = g_string_new (NULL);
  g_autoptr (VirtcardTls) tls = uri != NULL ? vc_server_tls (cli, hint, &error) : NULL;
  g_autoptr (VirtcardAuth) auth = tls != NULL ? vc_login_new (cli->user, cli->password, &error) : NULL;
  gboolean is_put = TRUE, is_well;

  if (auth == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  is_well = virtcard_connect_doctor (uri, self->read_only ? VIRTCARD_CONNECT_READ_ONLY : 0, tls, auth,
                                     put_step, &is_put);
  if (!is_well && hint->len > 0)
    vc_say ("%s", hint->str);
  return is_well && is_put ? VC_EXIT_OK : VC_EXIT_FAILED;
}

static const VcStatus statuses[] = { { VC_EXIT_OK, "it can be connected to" },
                                     { VC_EXIT_FAILED, "it cannot; the first step that failed says why" },
                                     { 0 } };

const VcCommand vc_command_connect_doctor = {
  .name = "connect-doctor",
  .summary = "say what keeps a connection from being made",
  .about = "Connects as every other command does, one step after the other, and has a line on the standard "
           "output for "
           "each: 'ok', 'failed' or 'skipped', the step, and what was found. Under a step that failed stands "
           "what to do.\n\n"
           "Steps over TLS are address (the URI), certificates (our own files: where they are, and whether "
           "they are any "
           "good), name, port, handshake, chain (who signed the server's certificate, revoked, weak, "
           "purpose), dates, "
           "server name, client certificate (what the server says of ours), authentication and authorisation "
           "(a call that "
           "changes nothing); over a unix socket address, socket, authentication and authorisation.",
  .options = options,
  .size = sizeof (Doctor),
  .connects = TRUE,
  .takes_uri = TRUE,
  .statuses = statuses,
  .run = run,
};
