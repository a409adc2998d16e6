/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  return virtcard_domain_reset (domain, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const VcReachOptions *) data)->domain, act, data, "was reset");
}

const VcCommand vc_command_reset = {
  .name = "reset",
  .summary = "press a guest's reset button",
  .about = "Begins the machine again at once, as its reset button would: what its system has not written yet "
           "is lost.",
  .options = vc_reach_options,
  .size = sizeof (VcReachOptions),
  .connects = TRUE,
  .run = run,
};
