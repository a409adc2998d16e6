/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resources/volume.h"

#include <string.h>

#include "base/error.h"
#include "resources/types.h"
#include "xml/xml.h"

static const VcField rows[] = {
  VC_STR (VcVolume, type, "@type", .doc = "sort of volume"),
  VC_STR (VcVolume, name, "name", .flags = VC_REQUIRED, .doc = "name, in its pool"),
  VC_STR (VcVolume, key, "key", .doc = "name among all volumes"),
  VC_BYTES (VcVolume, capacity, "capacity", .doc = "size of the disk"),
  VC_BYTES (VcVolume, allocation, "allocation", .doc = "bytes that are taken from the host"),
  VC_BYTES (VcVolume, physical, "physical", .doc = "size of the file"),
  VC_STR (VcVolume, path, "target/path", .doc = "path of the file"),
  VC_STR (VcVolume, format, "target/format/@type", .doc = "format of the image"),
  VC_MODE (VcVolume, mode, "target/permissions/mode", .doc = "permissions of the file"),
  VC_OWNER (VcVolume, owner, "target/permissions/owner", .doc = "number of the user whose it is"),
  VC_OWNER (VcVolume, group, "target/permissions/group", .doc = "number of the group whose it is"),
  VC_IGNORED ("target/permissions/label", .doc = "label of a security module"),
  VC_STR (VcVolume, atime, "target/timestamps/atime", .doc = "time of the last reading"),
  VC_STR (VcVolume, mtime, "target/timestamps/mtime", .doc = "time of the last writing"),
  VC_STR (VcVolume, ctime, "target/timestamps/ctime", .doc = "time of the last change"),
  VC_IGNORED ("target/timestamps/btime", .doc = "time it was made at"),
  VC_STR (VcVolume, compat, "target/compat", .doc = "version of the format, 0.10 or 1.1"),
  VC_FLAG (VcVolume, lazy_refcounts, "target/features/lazy_refcounts",
           .doc = "choice of lazy reference counts"),
  VC_STR (VcVolume, backing, "backingStore/path", .doc = "path of the image below"),
  VC_STR (VcVolume, backing_format, "backingStore/format/@type", .doc = "format of the image below"),
  VC_IGNORED ("backingStore/permissions", .doc = "permissions of the image below"),
  VC_IGNORED ("backingStore/timestamps", .doc = "times of the image below"),
  { 0 },
};

gboolean
vc_volume_check_name (const char *name, GError **error)
{
  if (strchr (name, '/') != NULL)
    return vc_fail (error, VC_ERROR_STATE, "volume name '%s' cannot contain '/'", name);
  if (*name == '\0' || strlen (name) > VC_VOLUME_MAX_NAME || strcmp (name, ".") == 0
      || strcmp (name, "..") == 0 || g_str_has_prefix (name, ".virtcard-"))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' cannot be the name of a volume", name);
  if (!g_utf8_validate (name, -1, NULL))
    return vc_fail (error, VC_ERROR_INVALID, "the name of a volume must be UTF-8");
  for (const char *at = name; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      return vc_fail (error, VC_ERROR_INVALID, "the name of a volume cannot have control characters");
  return TRUE;
}

static gboolean
check_format (const char *format)
{
  return format == NULL || strcmp (format, "raw") == 0 || strcmp (format, "qcow2") == 0;
}

static gboolean
check_backing (const VcVolume *self, gboolean is_qcow2, VcNode *root, GError **error)
{
  if (self->backing == NULL)
    return TRUE;
  if (!is_qcow2)
    return vc_node_fail (root, error, "a raw volume has no backing store");
  if (*self->backing != '/')
    return vc_node_fail (root, error, "<backingStore>: '%s' is not an absolute path", self->backing);
  if (self->backing_format == NULL)
    return vc_node_fail (root, error, "<backingStore>: needs <format type=.../>: it is never guessed");
  if (!check_format (self->backing_format))
    return vc_node_fail_code (root, error, VC_ERROR_UNSUPPORTED,
                              "<backingStore>: the format '%s' is not supported: raw and qcow2 are",
                              self->backing_format);
  return TRUE;
}

static gboolean
check (const VcVolume *self, VcNode *root, GError **error)
{
  gboolean is_qcow2 = g_strcmp0 (self->format, "qcow2") == 0;

  if (self->type != NULL && strcmp (self->type, "file") != 0)
    return vc_node_fail_code (root, error, VC_ERROR_UNSUPPORTED,
                              "@type: '%s' is not supported: a volume is a file", self->type);
  if (!vc_volume_check_name (self->name, error))
    return FALSE;
  if (self->mode.set && self->mode.value > 0777)
    return vc_node_fail (root, error, "<mode>: '%04o' is more than 0777", self->mode.value);
  if (!check_format (self->format))
    return vc_node_fail_code (root, error, VC_ERROR_UNSUPPORTED,
                              "<format>: '%s' cannot be made: raw and qcow2 can", self->format);
  if (self->compat != NULL && strcmp (self->compat, "0.10") != 0 && strcmp (self->compat, "1.1") != 0)
    return vc_node_fail (root, error, "<compat>: '%s' is neither 0.10 nor 1.1", self->compat);
  if (!is_qcow2 && (self->compat != NULL || self->lazy_refcounts))
    return vc_node_fail (root, error, "<compat> and <features> are about qcow2");
  if (self->lazy_refcounts && g_strcmp0 (self->compat, "0.10") == 0)
    return vc_node_fail (root, error, "lazy_refcounts needs compat 1.1");
  if (!self->capacity.set && self->backing == NULL)
    return vc_node_fail (root, error, "needs <capacity>, the size of the disk");
  return check_backing (self, is_qcow2, root, error);
}

VcVolume *
vc_volume_read (const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (VcXml) xml = vc_xml_read (text, len, origin, error);
  g_autoptr (VcVolume) self = g_new0 (VcVolume, 1);
  VcNode *root = xml != NULL ? vc_xml_root (xml) : NULL;

  if (root == NULL)
    return NULL;
  if (strcmp (vc_node_name (root), "volume") != 0)
    {
      vc_node_fail (root, error, "this is not a volume");
      return NULL;
    }
  if (!vc_fields_read (rows, self, root, error) || !vc_node_done (root, NULL, error)
      || !vc_fields_missing (rows, self, root, error) || !check (self, root, error))
    return NULL;
  return g_steal_pointer (&self);
}

char *
vc_volume_print (const VcVolume *self)
{
  g_autoptr (VcXml) xml = vc_xml_new ("volume");

  vc_fields_print (rows, self, vc_xml_root (xml), VC_PRINT_LIVE);
  return vc_xml_print (xml);
}

void
vc_volume_free (VcVolume *self)
{
  if (self == NULL)
    return;
  vc_fields_clear (rows, self);
  g_free (self);
}
