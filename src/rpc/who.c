/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/internal.h"

/* What others may know and say of a client. */

gpointer
vc_rpc_client_get_data (const VcRpcClient *client)
{
  return client->data;
}

void
vc_rpc_client_set_data (VcRpcClient *client, gpointer data)
{
  client->data = data;
}

const VcRpcPeer *
vc_rpc_client_peer (const VcRpcClient *client)
{
  return &client->peer;
}

gpointer
vc_rpc_client_channel (const VcRpcClient *client)
{
  return client->channel_self;
}

char *
vc_rpc_client_print (const VcRpcClient *client)
{
  GString *out = g_string_new (NULL);

  if (client->name != NULL)
    g_string_printf (out, "'%s' at %s", client->name, client->address);
  else if (client->address != NULL)
    g_string_assign (out, client->address);
  else
    g_string_printf (out, "process %d of user %u", (int) client->peer.pid, (guint) client->peer.uid);
  if (client->user != NULL)
    g_string_append_printf (out, " as '%s'", client->user);
  return g_string_free (out, FALSE);
}

gboolean
vc_rpc_client_is_unknown (const VcRpcClient *client)
{
  return client->is_unknown;
}

/* It has the time to open a connection from now on. */
void
vc_rpc_client_log_in (VcRpcClient *client, const char *user)
{
  g_assert (client->is_unknown);
  client_forget_unknown (client);
  client->user = g_strdup (user);
  client->peer.user = client->user;
  client->born = now_ms ();
  server_set_due (client->server, client->born + client->server->limits.open_ms);
}

void
vc_rpc_client_end (VcRpcClient *client, const GError *why)
{
  client_drop (client, why);
}

guint64
vc_rpc_client_number (const VcRpcClient *client)
{
  return client->number;
}

gboolean
vc_rpc_client_is_open (const VcRpcClient *client)
{
  return client->is_open;
}

void
vc_rpc_client_open (VcRpcClient *client)
{
  client->is_open = TRUE;
}

gboolean
vc_rpc_client_is_read_only (const VcRpcClient *client)
{
  return client->is_read_only;
}

void
vc_rpc_client_set_read_only (VcRpcClient *client)
{
  client->is_read_only = TRUE;
}

void
vc_rpc_client_keep_alive (VcRpcClient *client)
{
  VcRpcServer *server = client->server;

  if (server->limits.keepalive_ms == 0)
    return;
  client->keeps_alive = TRUE;
  server_set_due (server, now_ms () + server->limits.keepalive_ms);
}

void
vc_rpc_client_leave (VcRpcClient *client)
{
  client->is_leaving = TRUE;
  client->waits_since = now_ms ();
  server_set_due (client->server, client->waits_since + client->server->limits.open_ms);
  if (!client->is_reading && client_unsent (client) == 0)
    client_drop (client, NULL);
}
