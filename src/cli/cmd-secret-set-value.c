/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/wipe.h"
#include "cli/command.h"
#include "cli/passphrase.h"
#include "cli/say.h"
#include "lib/tlsplace.h"

typedef struct
{
  char *secret;
  char *file;
  gboolean base64;
} SetValue;

static const VcField options[]
    = { VC_UUID (SetValue, secret, "[--secret] UUID", .flags = VC_REQUIRED, .doc = "UUID of the secret"),
        VC_FILE (SetValue, file, "--file FILE",
                 .doc
                 = "file that holds the value; without it the standard input, a terminal is asked for it"),
        VC_FLAG (SetValue, base64, "--base64", .doc = "what is read is the value in base64"),
        { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const SetValue *self = data;
  g_autoptr (GError) error = NULL;
  gsize len = 0;
  char *value = vc_passphrase_read (self->file, self->base64, VC_SECRET_MAX_VALUE, &len, &error);
  gboolean done = value != NULL && vc_secret_set_value (cli->paths, self->secret, value, len, &error);

  vc_wipe_free (value, len);
  if (!done)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  return vc_put ("Secret value set\n") ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_secret_set_value = {
  .name = "secret-set-value",
  .summary = "give a secret its value",
  .about
  = "Reads the value and keeps it in a file that nobody else can read. It is taken as it is, but for one end "
    "of line at its end. It cannot be given on the command line, where others could see it.",
  .options = options,
  .size = sizeof (SetValue),
  .run = run,
};
