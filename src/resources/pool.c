/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resources/pool.h"

#include <string.h>

#include "base/error.h"
#include "resources/shelf.h"
#include "resources/types.h"
#include "xml/xml.h"

static const VcField rows[] = {
  VC_STR (VcPoolDef, type, "@type", .flags = VC_REQUIRED, .doc = "sort of pool"),
  VC_STR (VcPoolDef, name, "name", .flags = VC_REQUIRED, .doc = "name"),
  VC_UUID (VcPoolDef, uuid, "uuid", .doc = "UUID"),
  VC_BYTES (VcPoolDef, capacity, "capacity", .doc = "size of the file system"),
  VC_BYTES (VcPoolDef, allocation, "allocation", .doc = "bytes of it that are in use"),
  VC_BYTES (VcPoolDef, available, "available", .doc = "bytes of it that are free"),
  VC_FLAG (VcPoolDef, has_source, "source", .doc = "nothing: a folder has no other source"),
  VC_PATH (VcPoolDef, path, "target/path", .flags = VC_REQUIRED, .doc = "folder"),
  VC_MODE (VcPoolDef, mode, "target/permissions/mode", .doc = "permissions of the folder"),
  VC_OWNER (VcPoolDef, owner, "target/permissions/owner", .doc = "number of the user whose it is"),
  VC_OWNER (VcPoolDef, group, "target/permissions/group", .doc = "number of the group whose it is"),
  VC_IGNORED ("target/permissions/label", .doc = "label of a security module"),
  { 0 },
};

/* Two spellings of one folder would be two pools. */
static void
tidy (VcPoolDef *self)
{
  char *path = g_canonicalize_filename (self->path, "/");

  g_free (self->path);
  self->path = path;
  self->capacity.set = self->allocation.set = self->available.set = FALSE;
  self->has_source = TRUE;
  if (self->uuid == NULL)
    self->uuid = g_uuid_string_random ();
}

VcPoolDef *
vc_pool_def_read (const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (VcXml) xml = vc_xml_read (text, len, origin, error);
  g_autoptr (VcPoolDef) self = g_new0 (VcPoolDef, 1);
  VcNode *root = xml != NULL ? vc_xml_root (xml) : NULL;
  const char *type;

  if (root == NULL)
    return NULL;
  if (strcmp (vc_node_name (root), "pool") != 0)
    {
      vc_node_fail (root, error, "this is not a storage pool");
      return NULL;
    }
  type = vc_node_attr (root, "type");
  if (type != NULL && strcmp (type, "dir") != 0) /* its other elements would only confuse */
    {
      vc_node_fail_code (root, error, VC_ERROR_UNSUPPORTED,
                         "@type: pools of type '%s' are not supported: 'dir' is", type);
      return NULL;
    }
  if (!vc_fields_read (rows, self, root, error) || !vc_node_done (root, NULL, error)
      || !vc_fields_missing (rows, self, root, error))
    return NULL;
  if (!vc_shelf_check_name (self->name, error))
    {
      vc_prefix (error, "%s:%u: <name>: ", origin, vc_node_line (root));
      return NULL;
    }
  tidy (self);
  return g_steal_pointer (&self);
}

char *
vc_pool_def_print (const VcPoolDef *self)
{
  g_autoptr (VcXml) xml = vc_xml_new ("pool");

  vc_fields_print (rows, self, vc_xml_root (xml), VC_PRINT_INACTIVE);
  return vc_xml_print (xml);
}

VcPoolDef *
vc_pool_def_copy (const VcPoolDef *self)
{
  VcPoolDef *copy = g_memdup2 (self, sizeof *self);

  copy->type = g_strdup (self->type);
  copy->name = g_strdup (self->name);
  copy->uuid = g_strdup (self->uuid);
  copy->path = g_strdup (self->path);
  return copy;
}

void
vc_pool_def_free (VcPoolDef *self)
{
  if (self == NULL)
    return;
  vc_fields_clear (rows, self);
  g_free (self);
}
