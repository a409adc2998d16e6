/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  return virtcard_domain_resume (domain, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const VcReachOptions *) data)->domain, act, data, "resumed");
}

const VcCommand vc_command_resume = {
  .name = "resume",
  .summary = "let a held guest go on",
  .about = "Lets a guest go on that virtcard suspend or start --paused has held.",
  .options = vc_reach_options,
  .size = sizeof (VcReachOptions),
  .connects = TRUE,
  .run = run,
};
