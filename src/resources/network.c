/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resources/network.h"

#include <net/if.h>
#include <string.h>

#include "base/error.h"
#include "fields/field.h"
#include "resources/shelf.h"
#include "xml/xml.h"

static const VcField rows[] = {
  VC_STR (VcNetworkDef, name, "name", .flags = VC_REQUIRED, .doc = "name"),
  VC_UUID (VcNetworkDef, uuid, "uuid", .doc = "UUID"),
  VC_STR (VcNetworkDef, mode, "forward/@mode", .doc = "way to other networks"),
  VC_STR (VcNetworkDef, bridge, "bridge/@name", .doc = "bridge of the host"),
  { 0 },
};

/* Before its other elements are looked at, for they would only confuse. */
static gboolean
check_mode (VcNode *root, GError **error)
{
  VcNode *forward;
  const char *mode;

  if (!vc_node_child (root, "forward", NULL, NULL, &forward, error))
    return FALSE;
  mode = forward != NULL ? vc_node_attr (forward, "mode") : NULL;
  if (g_strcmp0 (mode, "bridge") == 0)
    return TRUE;
  return vc_node_fail_code (
      forward != NULL ? forward : root, error, VC_ERROR_UNSUPPORTED,
      "virtcard makes no networks: only <forward mode='bridge'/> is supported, with the "
      "<bridge name='...'/> of one the host has");
}

static gboolean
check (const VcNetworkDef *self, VcNode *root, GError **error)
{
  if (self->bridge == NULL)
    return vc_node_fail (root, error, "needs <bridge name='...'/>");
  if (*self->bridge == '\0' || *self->bridge == '.' || strlen (self->bridge) >= IFNAMSIZ
      || strpbrk (self->bridge, "/ \t\n:") != NULL)
    return vc_node_fail (root, error, "<bridge>: '%s' cannot be the name of a bridge", self->bridge);
  return vc_shelf_check_name (self->name, error);
}

VcNetworkDef *
vc_network_def_read (const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (VcXml) xml = vc_xml_read (text, len, origin, error);
  g_autoptr (VcNetworkDef) self = g_new0 (VcNetworkDef, 1);
  VcNode *root = xml != NULL ? vc_xml_root (xml) : NULL;

  if (root == NULL)
    return NULL;
  if (strcmp (vc_node_name (root), "network") != 0)
    {
      vc_node_fail (root, error, "this is not a network");
      return NULL;
    }
  if (!check_mode (root, error) || !vc_fields_read (rows, self, root, error)
      || !vc_node_done (root, NULL, error) || !vc_fields_missing (rows, self, root, error)
      || !check (self, root, error))
    return NULL;
  if (self->uuid == NULL)
    self->uuid = g_uuid_string_random ();
  return g_steal_pointer (&self);
}

char *
vc_network_def_print (const VcNetworkDef *self)
{
  g_autoptr (VcXml) xml = vc_xml_new ("network");

  vc_fields_print (rows, self, vc_xml_root (xml), VC_PRINT_INACTIVE);
  return vc_xml_print (xml);
}

gboolean
vc_network_def_has_bridge (const VcNetworkDef *self)
{
  g_autofree char *path = g_build_filename ("/sys/class/net", self->bridge, "bridge", NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

void
vc_network_def_free (VcNetworkDef *self)
{
  if (self == NULL)
    return;
  vc_fields_clear (rows, self);
  g_free (self);
}
