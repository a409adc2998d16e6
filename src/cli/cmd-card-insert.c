/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/card.h"

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_card_run (cli, data, virtcard_domain_insert_card, "Card inserted successfully");
}

const VcCommand vc_command_card_insert = {
  .name = "card-insert",
  .words = "card insert",
  .summary = "put a card back into a guest's reader",
  .about = "Puts a smartcard that was ejected back into its reader. The host is checked as at a start; what "
           "fails leaves the card out.\n\n"
           "With mode='passthrough' the guest sees the card when its provider has connected again and says "
           "that there is one; a provider that QEMU connects to has to be there.",
  .options = vc_card_options,
  .size = sizeof (VcCardOptions),
  .connects = TRUE,
  .run = run,
};
