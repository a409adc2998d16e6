/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  return virtcard_domain_suspend (domain, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const VcReachOptions *) data)->domain, act, data, "suspended");
}

const VcCommand vc_command_suspend = {
  .name = "suspend",
  .summary = "hold a guest",
  .about = "Holds the guest's processors. It keeps its memory and devices, and goes on with virtcard resume.",
  .options = vc_reach_options,
  .size = sizeof (VcReachOptions),
  .connects = TRUE,
  .run = run,
};
