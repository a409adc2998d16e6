/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

typedef struct
{
  gboolean disable;
  char *domain;
} Autostart;

static const VcField options[]
    = { VC_FLAG (Autostart, disable, "--disable", .doc = "do not start it with the host"),
        VC_DOMAIN (Autostart, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        { 0 } };

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  return virtcard_domain_set_autostart (domain, !((const Autostart *) data)->disable, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Autostart *self = data;

  return vc_reach_act (cli, self->domain, act, data,
                       self->disable ? "unmarked as autostarted" : "marked as autostarted");
}

const VcCommand vc_command_autostart = {
  .name = "autostart",
  .summary = "start a guest with the host",
  .about = "Has the daemon start the guest when the host has booted, or no more. A guest without a "
           "definition cannot be.",
  .options = options,
  .size = sizeof (Autostart),
  .connects = TRUE,
  .run = run,
};
