/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

typedef struct
{
  gboolean hmp;
  char *domain;
  char **words;
} Monitor;

static const VcField options[]
    = { VC_FLAG (Monitor, hmp, "--hmp", .doc = "the command is a line for QEMU's human monitor, not JSON"),
        VC_DOMAIN (Monitor, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        VC_NAMES (Monitor, words, "[--cmd] COMMAND...", .flags = VC_REQUIRED,
                  .doc = "the command; several words are joined by spaces"),
        { 0 } };

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  const Monitor *self = data;
  g_autofree char *text = g_strjoinv (" ", self->words);
  g_autofree char *answer = virtcard_domain_monitor (domain, text, self->hmp, error);

  if (answer != NULL)
    g_string_append_printf (out, "%s\n", answer);
  return answer != NULL;
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const Monitor *) data)->domain, act, data, NULL);
}

const VcCommand vc_command_qemu_monitor_command = {
  .name = "qemu-monitor-command",
  .summary = "send QEMU's monitor a command",
  .about = "Hands the command to QEMU as it is, and prints its answer as it is. What it changes behind "
           "virtcard's back is not noticed: for those who know what they do.",
  .options = options,
  .size = sizeof (Monitor),
  .connects = TRUE,
  .run = run,
};
