/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/card.h"

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_card_run (cli, data, virtcard_domain_eject_card, "Card ejected successfully");
}

const VcCommand vc_command_card_eject = {
  .name = "card-eject",
  .words = "card eject",
  .summary = "take a card out of a guest's reader",
  .about
  = "Takes a smartcard of a running guest out of its reader, which stays: the guest sees an empty reader. "
    "Works for cards of every mode. The card stays out until virtcard card insert, or until the guest ends; "
    "the definition does not change.\n\n"
    "With mode='passthrough' the connection to the card's provider ends, and a socket that QEMU listens on "
    "is not there until the card is inserted.",
  .options = vc_card_options,
  .size = sizeof (VcCardOptions),
  .connects = TRUE,
  .run = run,
};
