/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/input.h"
#include "cli/say.h"

typedef struct
{
  char **files;
} Validate;

static const VcField options[] = { VC_FILES (Validate, files, "[--file] FILE...", .flags = VC_REQUIRED,
                                             .doc = "domain XML to check; - is the standard input"),
                                   { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Validate *self = data;
  int status = VC_EXIT_OK;

  for (char **file = self->files; *file != NULL; file++)
    {
      g_autoptr (VcDescription) description = vc_input_describe (cli, *file, TRUE);
      g_autofree char *line = g_strdup_printf ("%s is valid\n", vc_input_origin (*file));

      if (description == NULL)
        status = VC_EXIT_FAILED;
      else if (!vc_put (line))
        return VC_EXIT_FAILED;
    }
  return status;
}

static const VcStatus statuses[] = { { VC_EXIT_OK, "every file is valid; there may be warnings" },
                                     { VC_EXIT_FAILED, "a file is not valid or cannot be read" },
                                     { 0 } };

const VcCommand vc_command_validate = {
  .name = "validate",
  .summary = "check domain XML",
  .about
  = "Reads each file as libvirt's domain XML and says on the standard error what is wrong with it: a line "
    "FILE:LINE: for each element with an error, in order of lines. A fault of the whole document counts as "
    "line 1. Lines that say warning do not make a file invalid. A file that cannot be read does not keep the "
    "next ones from being checked.\n\n"
    "Looks at the files alone: whether certificates, databases, disks and sockets exist on this host is not "
    "asked.",
  .options = options,
  .size = sizeof (Validate),
  .statuses = statuses,
  .run = run,
};
