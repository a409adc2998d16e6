/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resources/shelf.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

#define SUFFIX   ".xml"
#define MAX_NAME 240u /* with the suffix it is the name of a file */

struct VcShelf
{
  char *folder, *autostart;
  char *header;
  gboolean is_new;
};

static const VcFileHow how = { .mode = 0600, .replace = TRUE, .uid = (uid_t) -1, .gid = (gid_t) -1 };

static char *
get_path (const char *folder, const char *name)
{
  g_autofree char *file = g_strconcat (name, SUFFIX, NULL);

  return g_build_filename (folder, file, NULL);
}

gboolean
vc_shelf_check_name (const char *name, GError **error)
{
  if (*name == '\0' || *name == '.' || strchr (name, '/') != NULL || strlen (name) > MAX_NAME
      || !g_utf8_validate (name, -1, NULL))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' cannot be a name: it is one of a file, too", name);
  for (const char *at = name; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      return vc_fail (error, VC_ERROR_INVALID, "a name cannot have control characters");
  return TRUE;
}

VcShelf *
vc_shelf_open (const char *folder, const char *comment, GError **error)
{
  g_autoptr (VcShelf) shelf = g_new0 (VcShelf, 1);

  shelf->folder = g_strdup (folder);
  shelf->autostart = g_build_filename (folder, "autostart", NULL);
  shelf->header = g_strdup_printf ("<!-- %s -->\n", comment);
  shelf->is_new = access (folder, F_OK) < 0 && errno == ENOENT;
  if (g_mkdir_with_parents (folder, 0700) < 0)
    {
      vc_fail_errno (error, errno, "cannot make folder '%s'", folder);
      return NULL;
    }
  vc_file_clean_drafts (folder);
  return g_steal_pointer (&shelf);
}

gboolean
vc_shelf_is_new (const VcShelf *shelf)
{
  return shelf->is_new;
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static GPtrArray *
list_names (const VcShelf *shelf)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (shelf->folder, 0, NULL);
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, SUFFIX) && strlen (file) > strlen (SUFFIX))
      g_ptr_array_add (names, g_strndup (file, strlen (file) - strlen (SUFFIX)));
  g_ptr_array_sort (names, by_name);
  return names;
}

void
vc_shelf_read (const VcShelf *shelf, gsize max, VcShelfFn fn, gpointer data, GPtrArray *warnings)
{
  g_autoptr (GPtrArray) names = list_names (shelf);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *path = get_path (shelf->folder, name), *link = get_path (shelf->autostart, name);
      g_autoptr (GError) error = NULL;
      gsize len;
      g_autofree char *text = vc_file_read (path, max, &len, &error);

      if (text == NULL || !fn (name, text, len, path, access (link, F_OK) == 0, data, &error))
        g_ptr_array_add (warnings, g_strdup (error->message));
    }
}

gboolean
vc_shelf_put (const VcShelf *shelf, const char *name, const char *text, GError **error)
{
  g_autofree char *path = get_path (shelf->folder, name);
  g_autofree char *whole = g_strconcat (shelf->header, text, NULL);

  return vc_file_write (path, whole, strlen (whole), &how, error);
}

gboolean
vc_shelf_set_start (const VcShelf *shelf, const char *name, gboolean starts, GError **error)
{
  g_autofree char *path = get_path (shelf->autostart, name);
  g_autofree char *target = g_strconcat ("../", name, SUFFIX, NULL);
  struct stat st;

  if (!starts)
    return vc_file_remove (path, error);
  if (g_mkdir_with_parents (shelf->autostart, 0700) < 0)
    return vc_fail_errno (error, errno, "cannot make folder '%s'", shelf->autostart);
  return lstat (path, &st) == 0 || vc_file_link (target, path, error);
}

gboolean
vc_shelf_remove (const VcShelf *shelf, const char *name, GError **error)
{
  g_autofree char *path = get_path (shelf->folder, name);

  return vc_shelf_set_start (shelf, name, FALSE, error) && vc_file_remove (path, error);
}

gboolean
vc_shelf_add (const VcShelf *shelf, const char *name, const char *text, GError **error)
{
  return vc_shelf_set_start (shelf, name, FALSE, error) && vc_shelf_put (shelf, name, text, error);
}

void
vc_shelf_free (VcShelf *shelf)
{
  if (shelf == NULL)
    return;
  g_free (shelf->folder);
  g_free (shelf->autostart);
  g_free (shelf->header);
  g_free (shelf);
}
