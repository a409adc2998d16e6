/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"
#include "cli/say.h"

int
main (int argc, char **argv)
{
  vc_say_open ();
  return vc_cli_run (argc > 0 ? argv + 1 : argv);
}
