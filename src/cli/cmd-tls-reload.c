/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"
#include "cli/say.h"

static int
run (const VcCli *cli, gconstpointer data)
{
  g_autoptr (VirtcardConnect) connect = vc_reach (cli);
  g_autoptr (GError) error = NULL;
  g_autofree char *served = connect != NULL ? virtcard_connect_reload_tls (connect, &error) : NULL;

  if (served != NULL)
    return vc_reach_put ("%s", served);
  if (connect != NULL)
    vc_say ("%s", error->message);
  return VC_EXIT_FAILED;
}

const VcCommand vc_command_tls_reload = {
  .name = "tls-reload",
  .summary = "have the daemon read its certificates again",
  .about
  = "Has virtcardd read its TLS certificate, key, CA and list of revoked certificates now, and says what "
    "is served then. Nobody is disconnected, but for clients that would not be let in any more. When the "
    "files are no good, what was there before stays, and the reason is told.\n\n"
    "virtcardd also does so by itself when the files change, and on SIGHUP.",
  .connects = TRUE,
  .run = run,
};
