/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"
#include "cli/say.h"
#include "cli/server.h"
#include "pki/trust.h"

typedef struct
{
  char *server;
} Remove;

static const VcField options[]
    = { VC_NAME (Remove, server, "[--server] SERVER", .flags = VC_REQUIRED,
                 .doc = "HOST or HOST:PORT, as virtcard trust list has it; without a port 16514"),
        { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Remove *self = data;
  g_autofree char *path = vc_trust_default_path ();
  g_autofree char *host = NULL;
  g_autofree char *server = NULL;
  g_autoptr (GError) error = NULL;
  guint port = 0;

  if (!vc_server_read (self->server, &host, &port, &error) || !vc_trust_forget (path, host, port, &error))
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  server = vc_server_print (host, port);
  return vc_reach_put ("Server '%s' is forgotten", server);
}

const VcCommand vc_command_trust_remove = {
  .name = "trust-remove",
  .words = "trust remove",
  .summary = "forget a server's key",
  .about = "Removes a server from those that are trusted by their keys. When it is spoken to again and no CA "
           "vouches "
           "for it, its certificate is shown and asked about as the first time.",
  .options = options,
  .size = sizeof (Remove),
  .run = run,
};
