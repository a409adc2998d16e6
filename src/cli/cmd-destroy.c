/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

typedef struct
{
  gboolean graceful;
  char *domain;
} Destroy;

static const VcField options[] = { VC_FLAG (Destroy, graceful, "--graceful",
                                            .doc = "ask QEMU to end, and do not kill it when it does not"),
                                   VC_DOMAIN (Destroy, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                                              .doc = "name, UUID or number of the guest"),
                                   { 0 } };

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  return virtcard_domain_destroy (domain, ((const Destroy *) data)->graceful ? VIRTCARD_DESTROY_GRACEFUL : 0,
                                  error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const Destroy *) data)->domain, act, data, "destroyed");
}

const VcCommand vc_command_destroy = {
  .name = "destroy",
  .summary = "end a guest at once",
  .about = "Ends the guest as pulling its plug would: what its system has not written yet is lost. Its "
           "definition stays; a transient guest is gone.",
  .options = options,
  .size = sizeof (Destroy),
  .connects = TRUE,
  .run = run,
};
