/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"
#include "cli/say.h"
#include "lib/tlsplace.h"

static int
run (const VcCli *cli, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = vc_secrets_list (cli->paths, &error);
  g_autoptr (GString) out = g_string_new (" UUID                                   Usage\n"
                                          "---------------------------------------------------\n");

  if (list == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  for (guint i = 0; i < list->len; i++)
    {
      const VcSecret *secret = list->pdata[i];

      g_string_append_printf (out, " %s   tls %s%s\n", secret->uuid, secret->name,
                              secret->has_value ? "" : " (no value)");
    }
  return vc_put (out->str) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_secret_list = {
  .name = "secret-list",
  .summary = "list the secrets",
  .about = "Lists the UUID and the usage of every secret, as virsh does, and those that have no value yet. "
           "Values are never shown.",
  .run = run,
};
