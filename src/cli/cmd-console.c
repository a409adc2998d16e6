/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

typedef struct
{
  gboolean force, safe;
  char *domain;
  char *device;
} Console;

static const VcField options[]
    = { VC_FLAG (Console, force, "--force", .doc = "take it from whoever has it"),
        VC_FLAG (Console, safe, "--safe", .doc = "only if nobody else has it"),
        VC_DOMAIN (Console, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        VC_NAME (Console, device, "[--devname] DEVICE",
                 .doc = "alias of the device; without it the first console, or else the first serial port"),
        { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Console *self = data;
  g_autoptr (VirtcardConnect) connect = vc_reach (cli);
  g_autoptr (VirtcardDomain) domain = connect != NULL ? vc_reach_domain (connect, self->domain) : NULL;
  guint flags = (self->force ? VIRTCARD_CONSOLE_FORCE : 0u) | (self->safe ? VIRTCARD_CONSOLE_SAFE : 0u);

  return domain != NULL ? vc_reach_console (connect, domain, self->device, flags) : VC_EXIT_FAILED;
}

const VcCommand vc_command_console = {
  .name = "console",
  .summary = "join a guest's console to the terminal",
  .about = "Joins the console until Ctrl-] is typed or it ends; the guest runs on. Where the standard input "
           "is no terminal, what it holds is typed, and its end does not end the console.",
  .options = options,
  .size = sizeof (Console),
  .connects = TRUE,
  .run = run,
};
