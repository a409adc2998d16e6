/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"
#include "cli/say.h"

typedef struct
{
  gboolean console, paused;
  char *domain;
} Start;

static const VcField options[]
    = { VC_FLAG (Start, console, "--console",
                 .doc = "join its first console to the terminal; Ctrl-] leaves it"),
        VC_FLAG (Start, paused, "--paused", .doc = "hold the guest before its first instruction"),
        VC_DOMAIN (Start, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        { 0 } };

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  return virtcard_domain_start (domain, ((const Start *) data)->paused ? VIRTCARD_START_PAUSED : 0, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Start *self = data;
  g_autoptr (VirtcardConnect) connect = NULL;
  g_autoptr (VirtcardDomain) domain = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!self->console)
    return vc_reach_act (cli, self->domain, act, data, "started");
  connect = vc_reach (cli);
  domain = connect != NULL ? vc_reach_domain (connect, self->domain) : NULL;
  if (domain == NULL)
    return VC_EXIT_FAILED;
  if (!act (domain, data, NULL, &error))
    {
      vc_say ("domain '%s': %s", virtcard_domain_name (domain), error->message);
      return VC_EXIT_FAILED;
    }
  status = vc_reach_put ("Domain '%s' started", virtcard_domain_name (domain));
  return status == VC_EXIT_OK ? vc_reach_console (connect, domain, NULL, 0) : status;
}

const VcCommand vc_command_start = {
  .name = "start",
  .summary = "start a guest",
  .about = "Starts a guest that is defined and off, and returns when it runs or is held. It runs on when the "
           "command, or a daemon that was asked, ends.",
  .options = options,
  .size = sizeof (Start),
  .connects = TRUE,
  .run = run,
};
