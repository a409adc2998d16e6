/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/internal.h"

#define MAX_NAME 255u /* bytes of a name that are told */

/* The name a domain on the wire begins with, where a signature begins with one.  Looked at before anything
 * was checked.  Returns: new string, or NULL. */
static char *
read_name (const char *signature, const guint8 *bytes, gsize len)
{
  guint32 word;

  if (*signature != 'D' || len < sizeof word)
    return NULL;
  memcpy (&word, bytes, sizeof word);
  word = GUINT32_FROM_BE (word);
  if (word > len - sizeof word)
    return NULL;
  return g_utf8_make_valid ((const char *) bytes + sizeof word, MIN (word, MAX_NAME));
}

void
change_begin (VcRpcRequest *request, const guint8 *body, gsize len)
{
  const VcRpcService *service = request->server->service;

  if (service->on_change == NULL || request->call == NULL || request->call->right != VC_MAY_WRITE)
    return;
  request->on_change = service->on_change;
  request->number = request->client->number;
  request->who = vc_rpc_client_print (request->client);
  request->domain = read_name (request->call->takes, body, len);
}

void
change_end (VcRpcRequest *request, const guint8 *ret, gsize len, const GError *error)
{
  VcRpcChange change = { request->number, request->who, request->call, NULL, error };

  if (request->who == NULL)
    return;
  if (request->domain == NULL && ret != NULL)
    request->domain = read_name (request->call->gives, ret, len);
  change.domain = request->domain;
  request->on_change (&change, request->data);
  g_clear_pointer (&request->who, g_free);
  g_clear_pointer (&request->domain, g_free);
}
