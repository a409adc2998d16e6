/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/input.h"
#include "cli/say.h"

typedef struct
{
  char *file;
} Normalize;

static const VcField options[] = { VC_FILE (Normalize, file, "[--file] FILE", .flags = VC_REQUIRED,
                                            .doc = "domain XML to read; - is the standard input"),
                                   { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Normalize *self = data;
  g_autoptr (VcDescription) description = vc_input_describe (cli, self->file, FALSE);
  g_autofree char *text = NULL;

  if (description == NULL)
    return VC_EXIT_FAILED;
  text = vc_domain_print (description->domain, VC_PRINT_INACTIVE);
  return vc_put (text) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_normalize = {
  .name = "normalize",
  .summary = "print domain XML with all that it left open",
  .about
  = "Prints the XML with defaults, addresses and the hardware every machine has, as virsh define and then "
    "virsh dumpxml --inactive would. Of several errors only the first is said; virtcard validate says all.",
  .options = options,
  .size = sizeof (Normalize),
  .run = run,
};
