/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/card.h"

const VcField vc_card_options[]
    = { VC_DOMAIN (VcCardOptions, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        VC_NAME (VcCardOptions, alias, "[--alias] ALIAS",
                 .doc = "the card's <alias>, as virtcard card list has it; the usual: the only card"),
        { 0 } };

typedef struct
{
  VcCardFn fn;
  const char *alias;
} Act;

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  const Act *self = data;

  return self->fn (domain, self->alias, error);
}

int
vc_card_run (const VcCli *cli, const VcCardOptions *options, VcCardFn fn, const char *done_words)
{
  const Act self = { .fn = fn, .alias = options->alias };
  int status = vc_reach_act (cli, options->domain, act, &self, NULL);

  return status == VC_EXIT_OK ? vc_reach_put ("%s", done_words) : status;
}
