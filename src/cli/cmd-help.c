/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/help.h"

typedef struct
{
  const VcCommand *command;
} Help;

static const VcField options[]
    = { VC_ROW (Help, command, const VcCommand *, vc_type_command, "[--command] COMMAND",
                .doc = "command to tell about; without it all are listed"),
        { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Help *self = data;

  return self->command != NULL ? vc_help_put_command (self->command) : vc_help_put_all ();
}

const VcCommand vc_command_help = {
  .name = "help",
  .summary = "say what the commands do",
  .about
  = "Lists the commands, or tells about one: what it does, its options and arguments, and its exit statuses.",
  .options = options,
  .size = sizeof (Help),
  .run = run,
};
