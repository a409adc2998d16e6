/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/tls.h"

#include <string.h>

/* How this works
 *
 * @tls has three values.  "yes" and "no" are the user's word; unset leaves it to the host's qemu.conf,
 * which is asked once, at the start.  From then on the connection has a definite state, and what is
 * printed depends on for whom: a running guest shows the state, its description only what the user
 * wrote, a description for another host nothing that came from this one. */

static gboolean
read_tls (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  VcTls *self = at;
  VcNode *source = NULL;
  const char *text;

  if (!vc_node_child (node, "source", NULL, NULL, &source, error))
    return FALSE;
  text = source != NULL ? vc_node_attr (source, "tls") : NULL;
  if (text == NULL)
    return TRUE;
  if (strcmp (text, "yes") != 0 && strcmp (text, "no") != 0)
    return vc_node_fail (source, error, "@tls: '%s' is neither 'yes' nor 'no'", text);
  self->wanted = strcmp (text, "yes") == 0 ? VC_TRI_YES : VC_TRI_NO;
  if (vc_node_is_found (node))
    {
      self->live = self->wanted;
      if (g_strcmp0 (vc_node_attr (source, "tlsFromConfig"), "1") == 0)
        self->wanted = VC_TRI_UNSET;
    }
  return TRUE;
}

static void
print_tls (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  const VcTls *self = at;
  gboolean live = how == VC_PRINT_LIVE || how == VC_PRINT_STATUS;
  VcTri shown = live && self->live != VC_TRI_UNSET ? self->live : self->wanted;

  if (shown != VC_TRI_UNSET)
    vc_node_set (vc_node_need (node, "source", NULL, NULL), "tls", shown == VC_TRI_YES ? "yes" : "no");
  if (how == VC_PRINT_STATUS && self->live != VC_TRI_UNSET)
    vc_node_set (vc_node_need (node, "source", NULL, NULL), "tlsFromConfig",
                 self->wanted == VC_TRI_UNSET ? "1" : "0");
}

static gboolean
is_set (gconstpointer at)
{
  return ((const VcTls *) at)->wanted != VC_TRI_UNSET;
}

static void
schema_tls (const VcField *row, GString *out)
{
  g_string_append (out, "<choice><value>yes</value><value>no</value></choice>");
}

const VcType vc_type_tls = {
  .name = "yes or no", .read_node = read_tls, .print_node = print_tls, .is_set = is_set, .schema = schema_tls
};

static gboolean
read_clients (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  VcNode *source = NULL, *child = NULL;
  gboolean any = FALSE;

  if (!vc_node_child (node, "source", NULL, NULL, &source, error))
    return FALSE;
  while (source != NULL && (child = vc_node_next (source, child, "virtcard:client")) != NULL)
    {
      const char *name = vc_node_attr (child, "name");

      if (name == NULL || *name == '\0')
        return vc_node_fail (child, error, "needs @name, the name in the certificate that may connect");
      g_strv_builder_add (list, name);
      any = TRUE;
    }
  if (any)
    *(char ***) at = g_strv_builder_end (list);
  return TRUE;
}

static void
print_clients (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  char *const *list = *(char **const *) at;

  for (; list != NULL && *list != NULL; list++)
    vc_node_set (vc_node_add (vc_node_need (node, "source", NULL, NULL), "virtcard:client"), "name", *list);
}

static void
clear_clients (gpointer at)
{
  g_clear_pointer ((char ***) at, g_strfreev);
}

static gboolean
clients_are_set (gconstpointer at)
{
  return *(char **const *) at != NULL;
}

static void
schema_clients (const VcField *row, GString *out)
{
  g_string_append (out, "<zeroOrMore><element name='client' ns='" VC_XML_NAMESPACE
                        "'><attribute name='name'/></element></zeroOrMore>");
}

const VcType vc_type_tls_clients = { .name = "list",
                                     .read_node = read_clients,
                                     .print_node = print_clients,
                                     .clear = clear_clients,
                                     .is_set = clients_are_set,
                                     .schema = schema_clients };

void
vc_tls_resolve (VcTls *self, const VcTlsFacts *tls)
{
  self->live = VC_TRI_UNSET;
  self->live = vc_tls_is_on (self, tls) ? VC_TRI_YES : VC_TRI_NO;
}

gboolean
vc_tls_is_on (const VcTls *self, const VcTlsFacts *tls)
{
  if (self->live != VC_TRI_UNSET)
    return self->live == VC_TRI_YES;
  if (self->wanted == VC_TRI_UNSET)
    return tls->on;
  return self->wanted == VC_TRI_YES;
}

gboolean
vc_tls_check (const VcTls *self, gboolean server, const VcDevice *holder, GError **error)
{
  if (self->wanted == VC_TRI_NO && (self->folder != NULL || self->priority != NULL || self->clients != NULL))
    return vc_device_fail (holder, error, "<source> says tls='no' and then how to encrypt");
  if (self->clients != NULL && !server)
    return vc_device_fail (holder, error,
                           "<virtcard:client> is for a source that waits for clients (mode='bind')");
  return TRUE;
}

static char *
creds_id (const VcDevice *holder)
{
  return g_strdup_printf ("objchar%s_tls0", holder->alias);
}

static char *
authz_id (const VcDevice *holder)
{
  return g_strdup_printf ("objchar%s_authz0", holder->alias);
}

/* What the secret is, host/masterkey.c fills in: only a start knows it. */
static void
plan_secret (const char *id, VcPlan *plan)
{
  VcProps *props = vc_plan_add (plan, VC_Q_OBJECT, "secret", id);

  vc_props_str (props, "data", "");
  vc_props_str (props, "keyid", "masterKey0");
  vc_props_str (props, "iv", "");
  vc_props_str (props, "format", "base64");
}

/* Only these names, as QEMU's authz-list has it. */
static void
plan_clients (const char *id, char *const *clients, VcPlan *plan)
{
  VcProps *props = vc_plan_add (plan, VC_Q_OBJECT, "authz-list", id), *rules;

  vc_props_str (props, "policy", "deny");
  rules = vc_props_group (props, "rules");
  for (guint i = 0; clients[i] != NULL; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);
      VcProps *rule = vc_props_group (rules, number);

      vc_props_str (rule, "match", clients[i]);
      vc_props_str (rule, "policy", "allow");
      vc_props_str (rule, "format", "exact");
    }
}

void
vc_tls_before (const VcTls *self, gboolean server, const VcDevice *holder, const VcTlsFacts *tls,
               VcPlan *plan)
{
  g_autofree char *id = creds_id (holder), *authz = authz_id (holder);
  g_autofree char *secret = g_strdup_printf ("char%s-secret0", holder->alias);
  gboolean locked = tls->has_secret && self->folder == NULL;
  VcProps *props;

  if (!vc_tls_is_on (self, tls))
    return;
  if (locked)
    plan_secret (secret, plan);
  props = vc_plan_add (plan, VC_Q_OBJECT, "tls-creds-x509", id);
  vc_props_str (props, "dir", self->folder != NULL ? self->folder : tls->folder);
  vc_props_str (props, "endpoint", server ? "server" : "client");
  vc_props_bool (props, "verify-peer", server ? tls->verify || self->clients != NULL : TRUE);
  vc_props_str (props, "priority", self->priority);
  if (locked)
    vc_props_str (props, "passwordid", secret);
  if (self->clients != NULL)
    plan_clients (authz, self->clients, plan);
}

void
vc_tls_put (const VcTls *self, const VcDevice *holder, const VcTlsFacts *tls, VcProps *props)
{
  g_autofree char *id = creds_id (holder), *authz = authz_id (holder);

  if (!vc_tls_is_on (self, tls))
    return;
  vc_props_str (props, "tls-creds", id);
  if (self->clients != NULL)
    vc_props_str (props, "tls-authz", authz);
}
