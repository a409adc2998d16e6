/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/wipe.h"
#include "fields/field.h"
#include "xml/xml.h"

static const char *const usages[] = { NULL, "tls", NULL };

static const VcField rows[] = {
  VC_TRI (VcSecret, is_ephemeral, "@ephemeral", .doc = "choice of keeping it in memory only"),
  VC_TRI (VcSecret, is_private, "@private", .doc = "choice of telling nobody its value"),
  VC_UUID (VcSecret, uuid, "uuid", .doc = "UUID"),
  VC_STR (VcSecret, description, "description", .doc = "description for people"),
  VC_CHOICE (VcSecret, usage, "usage/@type", usages, .flags = VC_REQUIRED, .doc = "sort of use"),
  VC_STR (VcSecret, name, "usage/name", .flags = VC_REQUIRED, .doc = "name of its use"),
  { 0 },
};

static char *
get_folder (const VcPaths *paths)
{
  return g_build_filename (paths->etc, "secrets", NULL);
}

static char *
get_path (const VcPaths *paths, const char *uuid, const char *ending)
{
  g_autofree char *name = g_strconcat (uuid, ending, NULL);

  return g_build_filename (paths->etc, "secrets", name, NULL);
}

char *
vc_secret_read_uuid (const char *text)
{
  char *uuid = NULL;
  g_autofree char *why = NULL;

  return vc_type_uuid.read (NULL, text, &uuid, &why) ? uuid : NULL;
}

static gboolean
check_read (const VcSecret *self, VcNode *root, GError **error)
{
  if (*self->name == '\0')
    return vc_node_fail (root, error, "the <name> of its <usage> is empty");
  if (self->is_ephemeral == VC_TRI_YES)
    return vc_node_fail_code (root, error, VC_ERROR_UNSUPPORTED,
                              "ephemeral='yes' is not supported: there is no process that could keep it");
  return TRUE;
}

VcSecret *
vc_secret_read (const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (VcXml) xml = vc_xml_read (text, len, origin, error);
  g_autoptr (VcSecret) self = g_new0 (VcSecret, 1);
  VcNode *root = xml != NULL ? vc_xml_root (xml) : NULL;

  if (root == NULL)
    return NULL;
  if (strcmp (vc_node_name (root), "secret") != 0)
    {
      vc_node_fail (root, error, "this is not a secret");
      return NULL;
    }
  if (!vc_fields_read (rows, self, root, error) || !vc_node_done (root, NULL, error)
      || !vc_fields_missing (rows, self, root, error) || !check_read (self, root, error))
    return NULL;
  if (self->uuid == NULL)
    self->uuid = g_uuid_string_random ();
  return g_steal_pointer (&self);
}

char *
vc_secret_print (const VcSecret *self)
{
  g_autoptr (VcXml) xml = vc_xml_new ("secret");
  VcSecret copy = *self;

  /* As libvirt prints it: both are always said. */
  copy.is_ephemeral = copy.is_ephemeral == VC_TRI_UNSET ? VC_TRI_NO : copy.is_ephemeral;
  copy.is_private = copy.is_private == VC_TRI_UNSET ? VC_TRI_NO : copy.is_private;
  vc_fields_print (rows, &copy, vc_xml_root (xml), VC_PRINT_INACTIVE);
  return vc_xml_print (xml);
}

static VcSecret *
read_kept (const VcPaths *paths, const char *uuid, GError **error)
{
  g_autofree char *path = get_path (paths, uuid, ".xml");
  gsize len;
  g_autofree char *text = vc_file_read (path, VC_SECRET_MAX_XML, &len, error);
  g_autoptr (VcSecret) self = text != NULL ? vc_secret_read (text, len, path, error) : NULL;

  if (self != NULL && strcmp (self->uuid, uuid) != 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: is the description of another secret, %s", path,
                         self->uuid);
  return g_steal_pointer (&self);
}

static gboolean
fail_not_found (GError **error, const char *uuid)
{
  return vc_fail (error, VC_ERROR_NOT_FOUND, "Secret not found: no secret with matching uuid '%s'", uuid);
}

static gboolean
check_there (const VcPaths *paths, const char *uuid, GError **error)
{
  g_autofree char *path = get_path (paths, uuid, ".xml");

  if (!g_uuid_string_is_valid (uuid) || (access (path, F_OK) < 0 && errno == ENOENT))
    return fail_not_found (error, uuid);
  return TRUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const VcSecret *const *) a)->uuid, (*(const VcSecret *const *) b)->uuid);
}

GPtrArray *
vc_secrets_list (const VcPaths *paths, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) vc_secret_free);
  g_autofree char *folder = get_folder (paths);
  g_autoptr (GError) why = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &why);
  const char *name;

  if (dir == NULL && g_error_matches (why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return g_steal_pointer (&list);
  if (dir == NULL)
    return vc_fail_null (error, VC_ERROR_FAILED, "%s", why->message);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *uuid = g_str_has_suffix (name, ".xml") ? g_strndup (name, strlen (name) - 4) : NULL;
      g_autofree char *value = NULL;
      VcSecret *self;

      if (uuid == NULL || !g_uuid_string_is_valid (uuid))
        continue;
      self = read_kept (paths, uuid, error);
      if (self == NULL)
        return NULL;
      value = get_path (paths, uuid, ".value");
      self->has_value = access (value, F_OK) == 0;
      g_ptr_array_add (list, self);
    }
  g_ptr_array_sort (list, compare);
  return g_steal_pointer (&list);
}

static gboolean
make_folder (const VcPaths *paths, GError **error)
{
  g_autofree char *folder = get_folder (paths);

  if (g_mkdir_with_parents (paths->etc, 0755) < 0)
    return vc_fail_errno (error, errno, "cannot make folder '%s'", paths->etc);
  if (mkdir (folder, 0700) < 0 && errno != EEXIST)
    return vc_fail_errno (error, errno, "cannot make folder '%s'", folder);
  if (chmod (folder, 0700) < 0)
    return vc_fail_errno (error, errno, "cannot close folder '%s' to others", folder);
  return TRUE;
}

static gboolean
write_file (const VcPaths *paths, const char *uuid, const char *ending, const char *bytes, gsize len,
            GError **error)
{
  g_autofree char *path = get_path (paths, uuid, ending);
  const VcFileHow how = { .mode = 0600, .replace = TRUE, .uid = (uid_t) -1, .gid = (gid_t) -1 };

  return make_folder (paths, error) && vc_file_write (path, bytes, len, &how, error);
}

gboolean
vc_secret_define (const VcPaths *paths, const VcSecret *self, GError **error)
{
  g_autoptr (GPtrArray) list = vc_secrets_list (paths, error);
  g_autofree char *text = NULL;

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < list->len; i++)
    {
      const VcSecret *other = list->pdata[i];
      gboolean same_uuid = strcmp (other->uuid, self->uuid) == 0;

      if (same_uuid != (strcmp (other->name, self->name) == 0))
        return vc_fail (error, VC_ERROR_EXISTS, "a secret with UUID %s already defined for use with %s",
                        other->uuid, other->name);
      if (same_uuid && other->is_private == VC_TRI_YES && self->is_private != VC_TRI_YES)
        return vc_fail (error, VC_ERROR_EXISTS, "cannot change private flag on existing secret");
    }
  text = vc_secret_print (self);
  return write_file (paths, self->uuid, ".xml", text, strlen (text), error);
}

gboolean
vc_secret_set_value (const VcPaths *paths, const char *uuid, const char *value, gsize len, GError **error)
{
  if (!check_there (paths, uuid, error))
    return FALSE;
  if (len == 0)
    return vc_fail (error, VC_ERROR_INVALID, "the value of secret %s is empty", uuid);
  if (len > VC_SECRET_MAX_VALUE)
    return vc_fail (error, VC_ERROR_LIMIT, "the value of secret %s has more than %u bytes", uuid,
                    VC_SECRET_MAX_VALUE);
  if (!g_utf8_validate (value, (gssize) len, NULL))
    return vc_fail (error, VC_ERROR_INVALID, "the value of secret %s is no passphrase: it is not UTF-8",
                    uuid);
  return write_file (paths, uuid, ".value", value, len, error);
}

char *
vc_secret_get_value (const VcPaths *paths, const char *uuid, gsize *ret_len, GError **error)
{
  g_autofree char *path = get_path (paths, uuid, ".value");
  g_autoptr (GError) why = NULL;
  char *value;

  if (!check_there (paths, uuid, error))
    return NULL;
  value = vc_file_read (path, VC_SECRET_MAX_VALUE, ret_len, &why);
  if (value != NULL)
    return value;
  if (why->code == VC_ERROR_NOT_FOUND)
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "secret %s has no value: virtcard secret-set-value %s",
                         uuid, uuid);
  g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

/* The value first: a description without a value can be given one, the other way round it would be lost. */
gboolean
vc_secret_undefine (const VcPaths *paths, const char *uuid, GError **error)
{
  static const char *const endings[] = { ".value", ".xml" };

  if (!check_there (paths, uuid, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = get_path (paths, uuid, endings[i]);

      if (unlink (path) < 0 && errno != ENOENT)
        return vc_fail_errno (error, errno, "%s: cannot be removed", path);
    }
  return TRUE;
}

void
vc_secret_free (VcSecret *self)
{
  if (self == NULL)
    return;
  vc_fields_clear (rows, self);
  g_free (self);
}
