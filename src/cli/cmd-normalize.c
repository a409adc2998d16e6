/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/input.h"
#include "cli/say.h"

typedef struct
{
  gboolean inactive, live, migratable, status;
  char *file;
} Normalize;

static const VcField options[] = {
  VC_FLAG (Normalize, inactive, "--inactive", .doc = "what a user may edit; the usual"),
  VC_FLAG (Normalize, live, "--live", .doc = "as a running guest shows it, with what qemu.conf decides"),
  VC_FLAG (Normalize, migratable, "--migratable",
           .doc = "for another host, without what came from this qemu.conf"),
  VC_FLAG (Normalize, status, "--status", .doc = "as a manager that comes back keeps it, with all of that"),
  VC_FILE (Normalize, file, "[--file] FILE", .flags = VC_REQUIRED,
           .doc = "domain XML to read; - is the standard input"),
  { 0 }
};

static int
run (const VcCli *cli, gconstpointer data)
{
  const Normalize *self = data;
  VcPrint how = self->live         ? VC_PRINT_LIVE
                : self->status     ? VC_PRINT_STATUS
                : self->migratable ? VC_PRINT_MIGRATABLE
                                   : VC_PRINT_INACTIVE;
  g_autoptr (VcDescription) description = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (self->inactive + self->live + self->migratable + self->status > 1)
    {
      vc_say ("normalize: --inactive, --live, --migratable and --status exclude each other");
      return VC_EXIT_USAGE;
    }
  description = vc_input_describe (cli, self->file, FALSE);
  if (description == NULL)
    return VC_EXIT_FAILED;
  if (how != VC_PRINT_INACTIVE && !vc_describe_as_started (description, cli->paths, &error))
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  text = vc_domain_print (description->domain, how);
  return vc_put (text) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_normalize = {
  .name = "normalize",
  .summary = "print domain XML with all that it left open",
  .about
  = "Prints the XML with defaults, addresses and the hardware every machine has, as virsh define and then "
    "virsh dumpxml --inactive would. Of several errors only the first is said; virtcard validate says "
    "all.\n\n"
    "What a description leaves to the host's qemu.conf, such as tls on a tcp source, is decided at the start "
    "of "
    "the guest: --live, --migratable and --status show what would become of it here.",
  .options = options,
  .size = sizeof (Normalize),
  .run = run,
};
