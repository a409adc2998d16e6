/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  return virtcard_domain_reboot (domain, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const VcReachOptions *) data)->domain, act, data, "is being rebooted");
}

const VcCommand vc_command_reboot = {
  .name = "reboot",
  .summary = "ask a guest to reboot",
  .about = "Asks the guest's system to shut down, and has the machine begin again when it has. virtcard "
           "reset does not ask.",
  .options = vc_reach_options,
  .size = sizeof (VcReachOptions),
  .connects = TRUE,
  .run = run,
};
