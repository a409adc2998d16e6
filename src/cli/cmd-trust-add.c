/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "cli/reach.h"
#include "cli/say.h"
#include "cli/server.h"
#include "pki/trust.h"

typedef struct
{
  char *server;
  char *fingerprint;
} Add;

static const VcField options[]
    = { VC_NAME (Add, server, "[--server] SERVER", .flags = VC_REQUIRED,
                 .doc = "HOST or HOST:PORT, as it stands in the URI; without a port 16514"),
        VC_NAME (Add, fingerprint, "[--key] FINGERPRINT", .flags = VC_REQUIRED,
                 .doc = "SHA256:..., as virtcard pki show tells it of the server's certificate"),
        { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Add *self = data;
  g_autofree char *path = vc_trust_default_path ();
  g_autofree char *host = NULL;
  g_autofree char *server = NULL;
  g_autoptr (GError) error = NULL;
  guint port = 0;

  if (!vc_server_read (self->server, &host, &port, &error)
      || !vc_trust_remember (path, host, port, self->fingerprint, FALSE, &error))
    {
      vc_say ("%s%s", error->message,
              error->code == VC_ERROR_EXISTS ? "; 'virtcard trust remove' forgets it" : "");
      return VC_EXIT_FAILED;
    }
  server = vc_server_print (host, port);
  return vc_reach_put ("Server '%s' is trusted by its key", server);
}

const VcCommand vc_command_trust_add = {
  .name = "trust-add",
  .words = "trust add",
  .summary = "trust a server by its key",
  .about
  = "Adds a server of another host to those that are spoken to when they have that key, also where no CA "
    "vouches for it. The server is not asked. One that is there with another key is left as it is.",
  .options = options,
  .size = sizeof (Add),
  .run = run,
};
