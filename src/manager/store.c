/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "manager/internal.h"

#define SUFFIX ".xml"

static const VcFileHow how = { .mode = 0600, .replace = TRUE, .uid = (uid_t) -1, .gid = (gid_t) -1 };

static char *
get_path (const VcManager *manager, const char *folder, const char *name)
{
  g_autofree char *file = g_strconcat (name, SUFFIX, NULL);

  return g_build_filename (folder, file, NULL);
}

gboolean
vc_store_open (VcManager *manager, GError **error)
{
  manager->definitions = g_build_filename (manager->paths->etc, "qemu", NULL);
  manager->autostart = g_build_filename (manager->definitions, "autostart", NULL);
  if (g_mkdir_with_parents (manager->autostart, 0700) < 0)
    return vc_fail_errno (error, errno, "cannot make folder '%s'", manager->autostart);
  vc_file_clean_drafts (manager->definitions);
  return TRUE;
}

/* What makes a definition good enough to be listed.  Whether it can run is asked when it is used. */
static VcDomain *
read_text (const char *path, const char *name, const char *text, gsize len, GError **error)
{
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();
  g_autoptr (VcDomain) domain = NULL;
  g_autoptr (VcXml) xml = vc_xml_read (text, len, path, error);

  if (xml == NULL)
    return NULL;
  domain = vc_domain_read (xml, errors);
  if (errors->len > 0)
    {
      g_propagate_error (error, g_error_copy (errors->pdata[0]));
      return NULL;
    }
  if (domain->uuid == NULL)
    return vc_fail_null (error, VC_ERROR_INVALID,
                         "%s:1: <domain>: needs <uuid>, the unique number of the guest", path);
  if (strcmp (domain->name, name) != 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s:%u: <name>: '%s' is not the name of this file", path,
                         vc_domain_line (domain, "name"), domain->name);
  return g_steal_pointer (&domain);
}

static gboolean
may_add (const VcManager *manager, const char *uuid)
{
  return !g_hash_table_contains (manager->by_uuid, uuid) && manager->guests->len < VC_MANAGER_MAX_GUESTS;
}

static gboolean
add (VcManager *manager, const VcDomain *domain, GError **error)
{
  VcGuest *other = g_hash_table_lookup (manager->by_uuid, domain->uuid);

  if (other != NULL)
    return vc_fail (error, VC_ERROR_EXISTS, "%s:%u: <uuid>: is that of '%s', too", domain->origin,
                    vc_domain_line (domain, "uuid"), other->name);
  if (manager->guests->len >= VC_MANAGER_MAX_GUESTS)
    return vc_fail (error, VC_ERROR_LIMIT, "%s:1: <domain>: is one more than %u guests", domain->origin,
                    VC_MANAGER_MAX_GUESTS);
  vc_guest_new (manager, domain)->persistent = TRUE;
  return TRUE;
}

/* What we wrote ourselves was read when it was written. */
static gboolean
add_file (VcManager *manager, const char *file, GError **error)
{
  g_autofree char *path = g_build_filename (manager->definitions, file, NULL);
  g_autofree char *name = g_strndup (file, strlen (file) - strlen (SUFFIX));
  g_autofree char *text = NULL;
  g_autoptr (VcDomain) domain = NULL;
  char uuid[VC_HEAD_UUID];
  VcSizes sizes;
  gsize len;

  text = vc_file_read (path, VC_DEFINITION_MAX, &len, error);
  if (text == NULL)
    return FALSE;
  if (vc_head_read (text, len, name, uuid, &sizes) && may_add (manager, uuid))
    {
      vc_guest_new_listed (manager, uuid, name, &sizes)->persistent = TRUE;
      return TRUE;
    }
  domain = read_text (path, name, text, len, error);
  return domain != NULL && add (manager, domain, error);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static GPtrArray *
list_files (const char *folder)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, SUFFIX) && strlen (file) > strlen (SUFFIX))
      g_ptr_array_add (files, g_strdup (file));
  g_ptr_array_sort (files, by_name);
  return files;
}

/* A link that leads to no guest is one whose definition went a moment before a kill. */
static void
read_autostart (VcManager *manager)
{
  g_autoptr (GPtrArray) files = list_files (manager->autostart);

  for (guint n = 0; n < files->len; n++)
    {
      const char *file = files->pdata[n];
      g_autofree char *name = g_strndup (file, strlen (file) - strlen (SUFFIX));
      g_autofree char *definition = get_path (manager, manager->definitions, name);
      g_autofree char *path = g_build_filename (manager->autostart, file, NULL);
      VcGuest *guest = g_hash_table_lookup (manager->by_name, name);

      if (guest != NULL)
        guest->autostart = TRUE;
      else if (access (definition, F_OK) < 0 && errno == ENOENT)
        unlink (path);
    }
}

void
vc_store_read (VcManager *manager, GPtrArray *warnings)
{
  g_autoptr (GPtrArray) files = list_files (manager->definitions);

  for (guint n = 0; n < files->len; n++)
    {
      g_autoptr (GError) error = NULL;

      if (!add_file (manager, files->pdata[n], &error))
        g_ptr_array_add (warnings, g_strdup (error->message));
    }
  read_autostart (manager);
}

/* The file may have been changed by hand meanwhile: it is still to be this guest's. */
char *
vc_store_get (const VcGuest *guest, GError **error)
{
  g_autofree char *path = get_path (guest->manager, guest->manager->definitions, guest->name);
  g_autofree char *text = NULL;
  const char *begin;
  gsize len;

  text = vc_file_read (path, VC_DEFINITION_MAX, &len, error);
  if (text == NULL)
    return NULL;
  begin = vc_head_skip (text);
  memmove (text, begin, len - (gsize) (begin - text) + 1);
  if (strstr (text, guest->uuid) == NULL)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: is not the definition of %s any more", path,
                         guest->uuid);
  return g_steal_pointer (&text);
}

char *
vc_store_draft (VcManager *manager, const VcDomain *domain, const char *text, GError **error)
{
  g_autofree char *path = get_path (manager, manager->definitions, domain->name);
  g_autofree char *head = vc_head_new (domain, text);
  g_autofree char *whole = g_strconcat (head, text, NULL);

  if (strlen (whole) > VC_DEFINITION_MAX) /* it could not be read again */
    return vc_fail_null (error, VC_ERROR_LIMIT, "the definition of '%s' would have more than %u bytes",
                         domain->name, VC_DEFINITION_MAX);
  return vc_file_draft (path, whole, strlen (whole), &how, error);
}

gboolean
vc_store_commit (VcManager *manager, const char *name, const char *draft, GError **error)
{
  g_autofree char *path = get_path (manager, manager->definitions, name);

  return vc_file_commit (draft, path, &how, error);
}

gboolean
vc_store_put (VcManager *manager, const VcDomain *domain, const char *text, GError **error)
{
  g_autofree char *draft = vc_store_draft (manager, domain, text, error);

  return draft != NULL && vc_store_commit (manager, domain->name, draft, error);
}

gboolean
vc_store_add (VcManager *manager, const VcDomain *domain, const char *text, GError **error)
{
  g_autofree char *link = get_path (manager, manager->autostart, domain->name);

  return vc_file_remove (link, error) && vc_store_put (manager, domain, text, error);
}

gboolean
vc_store_remove (VcGuest *guest, GError **error)
{
  g_autofree char *path = get_path (guest->manager, guest->manager->definitions, guest->name);

  if (!vc_file_remove (path, error))
    return FALSE;
  /* The link leads nowhere now: it is passed over, and goes at the next chance. */
  vc_guest_set_autostart (guest, FALSE, NULL);
  guest->autostart = FALSE;
  return TRUE;
}

gboolean
vc_guest_set_autostart (VcGuest *guest, gboolean on, GError **error)
{
  g_autofree char *path = get_path (guest->manager, guest->manager->autostart, guest->name);
  g_autofree char *target = g_strconcat ("../", guest->name, SUFFIX, NULL);

  if (!guest->persistent)
    return vc_fail (error, VC_ERROR_STATE, "cannot set autostart for transient domain");
  if (guest->autostart == on)
    return TRUE;
  if (!(on ? vc_file_link (target, path, error) : vc_file_remove (path, error)))
    return FALSE;
  guest->autostart = on;
  return TRUE;
}
