/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"
#include "cli/input.h"
#include "cli/say.h"

typedef struct
{
  gboolean paused, console;
  char *file;
} Create;

static const VcField options[]
    = { VC_FLAG (Create, paused, "--paused", .doc = "hold the guest before its first instruction"),
        VC_FLAG (Create, console, "--console",
                 .doc = "join its first console to the terminal; Ctrl-] leaves it"),
        VC_FILE (Create, file, "[--file] FILE", .flags = VC_REQUIRED,
                 .doc = "domain XML to read; - is the standard input"),
        { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Create *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VirtcardConnect) connect = NULL;
  g_autoptr (VirtcardDomain) domain = NULL;
  g_autofree char *xml = NULL;
  gsize len;
  int status;

  xml = vc_input_read (self->file, &len, &error);
  if (xml == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  connect = vc_reach (cli);
  if (connect == NULL)
    return VC_EXIT_FAILED;
  domain = virtcard_domain_create (connect, xml, self->paused ? VIRTCARD_START_PAUSED : 0, &error);
  if (domain == NULL)
    {
      vc_say ("%s: %s", vc_input_origin (self->file), error->message);
      return VC_EXIT_FAILED;
    }
  status = vc_reach_put ("Domain '%s' created from %s", virtcard_domain_name (domain),
                         vc_input_origin (self->file));
  return status == VC_EXIT_OK && self->console ? vc_reach_console (connect, domain, NULL, 0) : status;
}

const VcCommand vc_command_create = {
  .name = "create",
  .summary = "run a guest that is gone when it ends",
  .about
  = "Starts a guest from domain XML without keeping a definition: when it ends, nothing of it is left.",
  .options = options,
  .size = sizeof (Create),
  .connects = TRUE,
  .run = run,
};
