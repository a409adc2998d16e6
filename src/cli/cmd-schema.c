/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"
#include "cli/say.h"

static int
run (const VcCli *cli, gconstpointer data)
{
  g_autofree char *text = vc_schema_print ();

  return vc_put (text) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_schema = {
  .name = "schema",
  .summary = "print a RELAX NG schema of the domain XML",
  .about
  = "Prints a schema of the domain XML that virtcard reads, for editors and for checks without virtcard. "
    "Rules over several facts are not in it: virtcard validate knows them all.",
  .run = run,
};
