/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  g_autoptr (GPtrArray) cards = virtcard_domain_list_cards (domain, error);

  if (cards == NULL)
    return FALSE;
  g_string_append (out, " Alias            Mode                Reader   State\n"
                        "---------------------------------------------------------\n");
  for (guint n = 0; n < cards->len; n++)
    {
      const VirtcardCard *card = cards->pdata[n];

      g_string_append_printf (out, " %-16s %-19s ccid%-4u %s\n", card->alias, card->mode, card->reader,
                              card->is_inserted ? "inserted" : "ejected");
    }
  g_string_append_c (out, '\n');
  return TRUE;
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const VcReachOptions *) data)->domain, act, NULL, NULL);
}

const VcCommand vc_command_card_list = {
  .name = "card-list",
  .words = "card list",
  .summary = "list a guest's cards",
  .about
  = "Lists the smartcards of a running guest: alias, mode, reader, and whether the card is inserted or "
    "ejected. A card with mode='passthrough' that is inserted is there for the guest once its provider "
    "says so.",
  .options = vc_reach_options,
  .size = sizeof (VcReachOptions),
  .connects = TRUE,
  .run = run,
};
