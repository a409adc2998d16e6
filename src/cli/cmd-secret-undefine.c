/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"
#include "cli/say.h"
#include "lib/tlsplace.h"

typedef struct
{
  char *secret;
} Undefine;

static const VcField options[]
    = { VC_UUID (Undefine, secret, "[--secret] UUID", .flags = VC_REQUIRED, .doc = "UUID of the secret"),
        { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Undefine *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_strdup_printf ("Secret %s deleted\n", self->secret);

  if (!vc_secret_undefine (cli->paths, self->secret, &error))
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  return vc_put (line) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_secret_undefine = {
  .name = "secret-undefine",
  .summary = "forget a secret",
  .about
  = "Removes a secret and its value. Guests that run are not touched; one that needs it will not start.",
  .options = options,
  .size = sizeof (Undefine),
  .run = run,
};
