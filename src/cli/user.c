/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/user.h"

#include "sasl/options.h"

char *
vc_user_database (const VcCli *cli, GError **error)
{
  g_autoptr (VcSaslOptions) options = vc_sasl_options_find (cli->paths->etc, error);

  return options != NULL ? g_strdup (vc_sasl_options_get (options, "sasldb_path")) : NULL;
}
