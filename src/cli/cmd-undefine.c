/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  return virtcard_domain_undefine (domain, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const VcReachOptions *) data)->domain, act, data, "has been undefined");
}

const VcCommand vc_command_undefine = {
  .name = "undefine",
  .summary = "forget a guest's definition",
  .about = "Removes the definition, and with it that the guest starts with the host. A guest that runs is "
           "not touched: it becomes transient and is gone when it ends.",
  .options = vc_reach_options,
  .size = sizeof (VcReachOptions),
  .connects = TRUE,
  .run = run,
};
