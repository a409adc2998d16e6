/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resources/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "resources/image.h"
#include "resources/open.h"

#define DEFAULT_MODE 0711

gboolean
vc_folder_check (const char *path, GError **error)
{
  struct stat st;

  if (stat (path, &st) < 0)
    return vc_fail_errno (error, errno, "cannot open directory '%s'", path);
  return S_ISDIR (st.st_mode) || vc_fail (error, VC_ERROR_INVALID, "'%s' is not a folder", path);
}

void
vc_folder_clean (const char *path, gint64 began)
{
  vc_file_clean_drafts_before (path, began);
}

static VcU64
bytes (guint64 number)
{
  return (VcU64){ .set = TRUE, .value = number };
}

gboolean
vc_folder_look_at (VcPoolDef *def, GError **error)
{
  struct statvfs space;
  struct stat st;

  if (!vc_folder_check (def->path, error))
    return FALSE;
  if (statvfs (def->path, &space) < 0 || stat (def->path, &st) < 0)
    return vc_fail_errno (error, errno, "cannot look at '%s'", def->path);
  def->capacity = bytes ((guint64) space.f_blocks * space.f_frsize);
  def->available = bytes ((guint64) space.f_bfree * space.f_frsize);
  def->allocation = bytes (def->capacity.value - def->available.value);
  def->mode = vc_u32 (st.st_mode & 07777);
  def->owner = vc_u32 (st.st_uid);
  def->group = vc_u32 (st.st_gid);
  return TRUE;
}

gboolean
vc_folder_build (const VcPoolDef *def, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (def->path);
  gboolean is_new;

  if (g_mkdir_with_parents (parent, 0755) < 0)
    return vc_fail_errno (error, errno, "cannot make folder '%s'", parent);
  is_new = mkdir (def->path, 0700) == 0;
  if (!is_new && errno != EEXIST)
    return vc_fail_errno (error, errno, "cannot make folder '%s'", def->path);
  if (!vc_folder_check (def->path, error))
    return FALSE;
  if ((is_new || def->mode.set) && chmod (def->path, vc_u32_or (def->mode, DEFAULT_MODE)) < 0)
    return vc_fail_errno (error, errno, "cannot set the permissions of '%s'", def->path);
  if ((def->owner.set || def->group.set)
      && chown (def->path, vc_u32_or (def->owner, (uid_t) -1), vc_u32_or (def->group, (gid_t) -1)) < 0)
    return vc_fail_errno (error, errno, "cannot set the owner of '%s'", def->path);
  return TRUE;
}

gboolean
vc_folder_delete (const char *path, GError **error)
{
  return rmdir (path) == 0 || vc_fail_errno (error, errno, "failed to remove pool '%s'", path);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gboolean
is_volume (const char *path, const char *name)
{
  g_autofree char *whole = g_build_filename (path, name, NULL);
  struct stat st;

  return vc_volume_check_name (name, NULL) && lstat (whole, &st) == 0 && S_ISREG (st.st_mode);
}

GPtrArray *
vc_folder_list (const char *path, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) why = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &why);
  const char *name;

  if (dir == NULL)
    return vc_fail_null (error, VC_ERROR_FAILED, "%s", why->message);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      if (!is_volume (path, name))
        continue;
      if (names->len == VC_FOLDER_MAX_VOLUMES)
        return vc_fail_null (error, VC_ERROR_LIMIT, "there are more than %u files in '%s'",
                             VC_FOLDER_MAX_VOLUMES, path);
      g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, by_name);
  return g_steal_pointer (&names);
}

static char *
print_time (const struct timespec *time)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT ".%09ld", (gint64) time->tv_sec, time->tv_nsec);
}

/* A backing file stands relative to the image, and is shown as libvirt shows it. */
static char *
place_backing (const char *path, const char *backing)
{
  gboolean is_elsewhere = strchr (backing, ':') != NULL && *backing != '/';

  return *backing == '/' || is_elsewhere ? g_strdup (backing) : g_build_filename (path, backing, NULL);
}

static VcVolume *
describe (const char *path, const char *name, const struct stat *st, const VcImage *image)
{
  VcVolume *volume = g_new0 (VcVolume, 1);

  volume->type = g_strdup ("file");
  volume->name = g_strdup (name);
  volume->path = g_build_filename (path, name, NULL);
  volume->key = g_strdup (volume->path);
  volume->capacity = bytes (image->capacity > 0 ? image->capacity : (guint64) st->st_size);
  volume->allocation = bytes ((guint64) st->st_blocks * 512);
  volume->physical = bytes ((guint64) st->st_size);
  volume->format = g_strdup (image->format);
  volume->mode = vc_u32 (st->st_mode & 07777);
  volume->owner = vc_u32 (st->st_uid);
  volume->group = vc_u32 (st->st_gid);
  volume->atime = print_time (&st->st_atim);
  volume->mtime = print_time (&st->st_mtim);
  volume->ctime = print_time (&st->st_ctim);
  if (image->version > 0)
    volume->compat = g_strdup (image->version >= 3 ? "1.1" : "0.10");
  volume->lazy_refcounts = image->is_lazy;
  if (image->backing != NULL)
    volume->backing = place_backing (path, image->backing);
  volume->backing_format = g_strdup (image->backing_format);
  return volume;
}

VcVolume *
vc_folder_look (const char *path, const char *name, GError **error)
{
  g_auto (VcImage) image = { 0 };
  struct stat st;
  int fd = vc_open_volume (path, name, O_RDONLY, &st, error);
  VcVolume *volume = NULL;

  if (fd < 0)
    return NULL;
  if (vc_open_look (fd, &image))
    volume = describe (path, name, &st, &image);
  else
    vc_fail_errno (error, errno, "cannot read volume '%s'", name);
  close (fd);
  return volume;
}

gboolean
vc_folder_remove (const char *path, const char *name, GError **error)
{
  g_autofree char *whole = g_build_filename (path, name, NULL);
  struct stat st;

  if (!vc_volume_check_name (name, error))
    return FALSE;
  if (lstat (whole, &st) < 0)
    return vc_fail_errno (error, errno, "volume '%s'", name);
  if (!S_ISREG (st.st_mode))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is not a plain file", whole);
  return vc_file_remove (whole, error);
}
