/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints the pages that are made from rows: `virtcard-docs schema`, `virtcard-docs manual`,
 * `virtcard-docs calls`. */
#include <stdio.h>
#include <string.h>

#include "domain/schema.h"
#include "rpc/manual.h"

int
main (int argc, char **argv)
{
  g_autofree char *text = NULL;

  if (argc == 2 && strcmp (argv[1], "schema") == 0)
    text = vc_schema_print ();
  else if (argc == 2 && strcmp (argv[1], "manual") == 0)
    text = vc_manual_print ();
  else if (argc == 2 && strcmp (argv[1], "calls") == 0)
    text = vc_rpc_manual_print ();
  else
    {
      fputs ("virtcard-docs: schema, manual or calls\n", stderr);
      return 2;
    }
  fputs (text, stdout);
  return 0;
}
