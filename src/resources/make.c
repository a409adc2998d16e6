/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "resources/folder.h"
#include "resources/open.h"

/* How this works
 *
 * A volume is made under another name, which is no volume's, and gets its own when it is whole.  qemu-img is
 * given the open file and never a path; it is told the format and the size of the image below, so that it
 * opens nothing else: what stands in that image's header is its writer's word. */

#define NEW_MODE 0600

/* Room that a file system cannot give in advance is given later. */
static gboolean
take_room (int fd, guint64 from, guint64 size, GError **error)
{
  if (size <= from || fallocate (fd, 0, (off_t) from, (off_t) (size - from)) == 0 || errno == EOPNOTSUPP)
    return TRUE;
  return vc_fail_errno (error, errno, "cannot take %" G_GUINT64_FORMAT " bytes", size - from);
}

/* As libvirt: without <allocation> all of it is taken at once. */
static gboolean
fill_raw (int fd, const VcVolume *wanted, GError **error)
{
  guint64 size = wanted->capacity.value;
  guint64 taken = wanted->allocation.set ? MIN (wanted->allocation.value, size) : size;

  if (ftruncate (fd, (off_t) size) < 0)
    return vc_fail_errno (error, errno, "cannot make a file of %" G_GUINT64_FORMAT " bytes", size);
  return take_room (fd, 0, taken, error);
}

static gboolean
find_backing_size (const VcVolume *wanted, guint64 *ret_size, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (wanted->backing);
  g_autofree char *name = g_path_get_basename (wanted->backing);
  g_autoptr (VcVolume) backing = vc_folder_look (folder, name, error);

  if (backing == NULL)
    return vc_prefix (error, "<backingStore>: ");
  if (strcmp (backing->format, wanted->backing_format) != 0 && strcmp (wanted->backing_format, "raw") != 0)
    return vc_fail (error, VC_ERROR_INVALID, "<backingStore>: '%s' is not %s but %s", wanted->backing,
                    wanted->backing_format, backing->format);
  *ret_size = strcmp (wanted->backing_format, "raw") == 0 ? backing->physical.value : backing->capacity.value;
  return TRUE;
}

static gboolean
fill_qcow2 (int fd, const VcVolume *wanted, gboolean has_metadata, GError **error)
{
  const char *compat = wanted->compat != NULL ? wanted->compat : "1.1";
  g_autofree char *options
      = g_strdup_printf ("compat=%s%s%s", compat, wanted->lazy_refcounts ? ",lazy_refcounts=on" : "",
                         has_metadata ? ",preallocation=metadata" : "");
  const char *const words[] = {
    "create",
    "-q",
    "-f",
    "qcow2",
    "-o",
    options,
    wanted->backing != NULL ? "-u" : NULL,
    "-b",
    wanted->backing,
    "-F",
    wanted->backing_format,
    NULL,
  };
  guint64 size = wanted->capacity.value, backing_size = 0;

  if (wanted->backing != NULL && !find_backing_size (wanted, &backing_size, error))
    return FALSE;
  return vc_qemu_img (fd, words, size > 0 ? size : backing_size, error);
}

static gboolean
fill (int fd, const VcVolume *wanted, gboolean has_metadata, GError **error)
{
  gboolean done = g_strcmp0 (wanted->format, "qcow2") == 0 ? fill_qcow2 (fd, wanted, has_metadata, error)
                                                           : fill_raw (fd, wanted, error);

  if (done && (wanted->owner.set || wanted->group.set)
      && fchown (fd, vc_u32_or (wanted->owner, (uid_t) -1), vc_u32_or (wanted->group, (gid_t) -1)) < 0)
    done = vc_fail_errno (error, errno, "cannot set the owner of volume '%s'", wanted->name);
  if (done && (fchmod (fd, vc_u32_or (wanted->mode, NEW_MODE)) < 0 || fsync (fd) < 0))
    done = vc_fail_errno (error, errno, "cannot make volume '%s'", wanted->name);
  return done;
}

gboolean
vc_folder_make (const char *path, const VcVolume *wanted, gboolean has_metadata, GError **error)
{
  const VcFileHow how = { .mode = NEW_MODE, .uid = (uid_t) -1, .gid = (gid_t) -1 };
  g_autofree char *whole = g_build_filename (path, wanted->name, NULL);
  g_autofree char *draft = NULL;
  struct stat st;
  gboolean done;
  int fd;

  if (lstat (whole, &st) == 0)
    return vc_fail (error, VC_ERROR_EXISTS, "%s: exists already", whole);
  fd = vc_file_draft_open (whole, "", 0, &how, &draft, error);
  if (fd < 0)
    return FALSE;
  done = fill (fd, wanted, has_metadata, error);
  close (fd);
  if (done)
    return vc_file_commit (draft, whole, &how, error);
  unlink (draft);
  return FALSE;
}

static gboolean
resize_qcow2 (int fd, const VcImage *image, guint64 size, gboolean may_shrink, GError **error)
{
  const char *const words[] = { "resize", "-q", "-f", "qcow2", may_shrink ? "--shrink" : NULL, NULL };

  if (image->backing != NULL || image->has_more)
    return vc_fail (error, VC_ERROR_UNSUPPORTED,
                    "the size of an image that leads to another file, or is encrypted, cannot be changed");
  return vc_qemu_img (fd, words, size, error);
}

static gboolean
resize_raw (int fd, guint64 before, guint64 size, gboolean is_allocated, GError **error)
{
  if (is_allocated && !take_room (fd, before, size, error))
    return FALSE;
  return ftruncate (fd, (off_t) size) == 0
         || vc_fail_errno (error, errno, "cannot make it %" G_GUINT64_FORMAT " bytes", size);
}

static gboolean
find_size (const VcResize *how, guint64 now, guint64 *ret_size, GError **error)
{
  gboolean is_less = how->is_delta && how->may_shrink;

  if (is_less ? how->size > now : how->is_delta && how->size > (guint64) G_MAXINT64 - now)
    return vc_fail (error, VC_ERROR_LIMIT, "no disk can have that size");
  *ret_size = is_less ? now - how->size : how->size + (how->is_delta ? now : 0);
  if (*ret_size > (guint64) G_MAXINT64)
    return vc_fail (error, VC_ERROR_LIMIT, "no disk can have that size");
  if (*ret_size < now && !how->may_shrink)
    return vc_fail (error, VC_ERROR_LIMIT,
                    "Can't shrink capacity below current capacity unless shrink flag explicitly specified");
  return TRUE;
}

static gboolean
resize (int fd, const struct stat *st, const VcResize *how, GError **error)
{
  g_auto (VcImage) image = { 0 };
  guint64 now, size = 0;

  if (!vc_open_look (fd, &image))
    return vc_fail_errno (error, errno, "cannot read it");
  now = image.capacity > 0 ? image.capacity : (guint64) st->st_size;
  if (!find_size (how, now, &size, error))
    return FALSE;
  if (strcmp (image.format, "qcow2") == 0)
    return resize_qcow2 (fd, &image, size, how->may_shrink, error);
  if (strcmp (image.format, "raw") == 0)
    return resize_raw (fd, now, size, how->is_allocated, error);
  return vc_fail (error, VC_ERROR_UNSUPPORTED, "the size of an image of the format '%s' cannot be changed",
                  image.format);
}

gboolean
vc_folder_resize (const char *path, const char *name, const VcResize *how, GError **error)
{
  struct stat st;
  int fd = vc_open_volume (path, name, O_RDWR, &st, error);
  gboolean done;

  if (fd < 0)
    return FALSE;
  done = resize (fd, &st, how, error);
  close (fd);
  return done;
}
