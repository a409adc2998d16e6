/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"
#include "cli/say.h"
#include "cli/user.h"
#include "sasl/users.h"

typedef struct
{
  char *name;
} UserRemove;

static const VcField options[]
    = { VC_NAME (UserRemove, name, "[--name] NAME", .flags = VC_REQUIRED, .doc = "name of the user"), { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const UserRemove *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *database = vc_user_database (cli, &error);

  if (database == NULL || !vc_sasl_users_remove (database, self->name, &error))
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  return vc_put ("User removed\n") ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_user_remove = {
  .name = "user-remove",
  .words = "user remove",
  .summary = "let a user not log in any more",
  .about = "Removes a user whom virtcard user add has added. A connection that is open stays open.",
  .options = options,
  .size = sizeof (UserRemove),
  .run = run,
};
