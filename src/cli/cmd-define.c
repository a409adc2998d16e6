/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"
#include "cli/input.h"
#include "cli/say.h"

typedef struct
{
  char *file;
} Define;

static const VcField options[] = { VC_FILE (Define, file, "[--file] FILE", .flags = VC_REQUIRED,
                                            .doc = "domain XML to read; - is the standard input"),
                                   { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Define *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VirtcardConnect) connect = NULL;
  g_autoptr (VirtcardDomain) domain = NULL;
  g_autofree char *xml = NULL;
  gsize len;

  xml = vc_input_read (self->file, &len, &error);
  if (xml == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  connect = vc_reach (cli);
  if (connect == NULL)
    return VC_EXIT_FAILED;
  domain = virtcard_domain_define (connect, xml, &error);
  if (domain == NULL)
    {
      vc_say ("%s: %s", vc_input_origin (self->file), error->message);
      return VC_EXIT_FAILED;
    }
  return vc_reach_put ("Domain '%s' defined from %s", virtcard_domain_name (domain),
                       vc_input_origin (self->file));
}

const VcCommand vc_command_define = {
  .name = "define",
  .summary = "add a guest, or change its definition",
  .about = "Checks the domain XML and keeps it. A definition of the same name and UUID is replaced; a guest "
           "that runs gets the new one with its next start. What virtcard validate refuses is refused.",
  .options = options,
  .size = sizeof (Define),
  .connects = TRUE,
  .run = run,
};
