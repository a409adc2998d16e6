/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"
#include "cli/say.h"
#include "cli/user.h"
#include "sasl/users.h"

static int
run (const VcCli *cli, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *database = vc_user_database (cli, &error);
  g_auto (GStrv) names = database != NULL ? vc_sasl_users_list (database, &error) : NULL;
  g_autoptr (GString) out = g_string_new (NULL);

  if (names == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  for (char **name = names; *name != NULL; name++)
    g_string_append_printf (out, "%s\n", *name);
  return vc_put (out->str) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_user_list = {
  .name = "user-list",
  .words = "user list",
  .summary = "list users that can log in with a password",
  .about
  = "Lists the users that virtcard user add has added, a name a line. One that another program has added "
    "for another realm is shown as NAME@REALM, and logs in so.",
  .run = run,
};
