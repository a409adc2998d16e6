/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/ssh.h"

/* The first of these that is there; "$R" is where a user's own sockets are. */
static const char *
find_places (const VcUri *uri, gboolean is_read_only)
{
  if (uri->place == VC_URI_SESSION)
    return "R=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}; "
           "for S in \"$R/virtcard/virtcard-sock\" \"$R/libvirt/libvirt-sock\"; ";
  if (is_read_only)
    return "for S in /run/virtcard/virtcard-sock-ro /run/libvirt/libvirt-sock-ro; ";
  return "for S in /run/virtcard/virtcard-sock /run/libvirt/libvirt-sock; ";
}

/* Not every netcat ends when its input does; those that have to be told so have -q. */
static char *
print_script (const VcUri *uri, gboolean is_read_only)
{
  g_autofree char *netcat = g_shell_quote (uri->netcat != NULL ? uri->netcat : "nc");
  GString *script = g_string_new (NULL);

  if (uri->socket != NULL)
    {
      g_autofree char *socket = g_shell_quote (uri->socket);

      g_string_append_printf (script, "S=%s; ", socket);
    }
  else
    g_string_append_printf (script, "%sdo test -S \"$S\" && break; done; ", find_places (uri, is_read_only));
  g_string_append_printf (script,
                          "if %s -q 2>&1 | grep -q \"requires an argument\"; then Q=-q0; else Q=; fi; "
                          "exec %s $Q -U \"$S\"",
                          netcat, netcat);
  return g_string_free (script, FALSE);
}

char **
vc_ssh_argv (const VcUri *uri, gboolean is_read_only)
{
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  g_autofree char *script = print_script (uri, is_read_only);
  g_autofree char *quoted = g_shell_quote (script);
  g_autofree char *remote = g_strconcat ("sh -c ", quoted, NULL);

  g_strv_builder_add_many (argv, uri->command != NULL ? uri->command : "ssh", "-T", "-e", "none", NULL);
  if (uri->port != 0)
    {
      g_autofree char *port = g_strdup_printf ("%u", uri->port);

      g_strv_builder_add_many (argv, "-p", port, NULL);
    }
  if (uri->user != NULL)
    g_strv_builder_add_many (argv, "-l", uri->user, NULL);
  if (uri->keyfile != NULL)
    g_strv_builder_add_many (argv, "-i", uri->keyfile, NULL);
  if (uri->no_tty)
    g_strv_builder_add_many (argv, "-o", "BatchMode=yes", NULL);
  if (uri->no_verify)
    g_strv_builder_add_many (argv, "-o", "StrictHostKeyChecking=no", NULL);
  g_strv_builder_add_many (argv, "--", uri->host, remote, NULL);
  return g_strv_builder_end (argv);
}

VcTunnel *
vc_ssh_dial (const VcUri *uri, gboolean is_read_only, int *ret_fd, GError **error)
{
  g_auto (GStrv) argv = vc_ssh_argv (uri, is_read_only);

  return vc_tunnel_new ((const char *const *) argv, g_strdup (uri->host), ret_fd, error);
}
