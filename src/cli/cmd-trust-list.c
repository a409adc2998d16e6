/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/say.h"
#include "cli/server.h"
#include "pki/certificate.h"
#include "pki/fingerprint.h"
#include "pki/trust.h"

static int
run (const VcCli *cli, gconstpointer data)
{
  g_autofree char *path = vc_trust_default_path ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VcTrust) list = vc_trust_load (path, &error);
  g_autoptr (GString) out = g_string_new (NULL);

  if (list == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  g_string_append_printf (out, " %-*s   %-23s   %s\n", (int) VC_FINGERPRINT_CHARS, "Fingerprint",
                          "First seen", "Server");
  for (guint i = 0; i < VC_FINGERPRINT_CHARS + 45; i++)
    g_string_append_c (out, '-');
  g_string_append_c (out, '\n');
  for (guint i = 0; i < vc_trust_count (list); i++)
    {
      const VcTrusted *one = vc_trust_get (list, i);
      g_autofree char *server = vc_server_print (one->host, one->port);
      g_autofree char *time = vc_pki_time_print (one->first_seen);

      g_string_append_printf (out, " %s   %s   %s\n", one->fingerprint, time, server);
    }
  return vc_put (out->str) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_trust_list = {
  .name = "trust-list",
  .words = "trust list",
  .summary = "list the servers that are trusted by their keys",
  .about = "Lists the servers of other hosts that were trusted when they were first spoken to, or added: the "
           "fingerprint of the key, when it was first seen, and the server. They stand in known_servers in "
           "XDG_CONFIG_HOME/virtcard.",
  .run = run,
};
