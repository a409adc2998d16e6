/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  return virtcard_domain_shutdown (domain, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const VcReachOptions *) data)->domain, act, data, "is being shutdown");
}

const VcCommand vc_command_shutdown = {
  .name = "shutdown",
  .summary = "ask a guest to shut down",
  .about = "Presses the guest's power button; what its system does then is its own affair. Does not wait for "
           "its end: virtcard event tells of it.",
  .options = vc_reach_options,
  .size = sizeof (VcReachOptions),
  .connects = TRUE,
  .run = run,
};
