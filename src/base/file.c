/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/wipe.h"

#define DRAFT   ".virtcard-"
#define DRAFT_X "XXXXXX"

int
vc_file_read_some (const char *path, char *buffer, gsize size, gsize *ret_len, struct stat *ret_st)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  int errsv = 0;
  gsize len = 0;

  if (fd < 0)
    return errno;
  if (fstat (fd, ret_st) < 0)
    errsv = errno;
  else if (!S_ISREG (ret_st->st_mode))
    errsv = S_ISDIR (ret_st->st_mode) ? EISDIR : EINVAL;
  while (errsv == 0 && len < size)
    {
      ssize_t n = read (fd, buffer + len, size - len);

      if (n < 0 && errno != EINTR)
        errsv = errno;
      if (n == 0)
        break;
      if (n > 0)
        len += (gsize) n;
    }
  close (fd);
  *ret_len = len;
  return errsv;
}

char *
vc_file_read (const char *path, gsize max, gsize *ret_len, GError **error)
{
  struct stat st;

  return vc_file_read_stat (path, max, ret_len, &st, error);
}

char *
vc_file_read_stat (const char *path, gsize max, gsize *ret_len, struct stat *ret_st, GError **error)
{
  struct stat st;
  gsize size = stat (path, &st) == 0 && st.st_size >= 0 ? MIN ((gsize) st.st_size, max) + 1 : 1;

  for (;;)
    {
      char *bytes = g_malloc (size + 1);
      gsize len;
      int errsv = vc_file_read_some (path, bytes, size, &len, ret_st);

      if (errsv == 0 && len < size)
        {
          bytes[len] = '\0';
          *ret_len = len;
          return bytes;
        }
      vc_wipe_free (bytes, size);
      if (errsv == EINVAL)
        return vc_fail_null (error, VC_ERROR_INVALID, "%s: is not a file", path);
      if (errsv == EISDIR)
        return vc_fail_null (error, VC_ERROR_INVALID, "%s: is a folder", path);
      if (errsv != 0)
        {
          vc_fail_errno (error, errsv, "%s", path);
          return NULL;
        }
      if (size > max)
        return vc_fail_null (error, VC_ERROR_LIMIT, "%s: has more than %" G_GSIZE_FORMAT " bytes", path, max);
      size = max + 1; /* it has grown meanwhile */
    }
}

/* Returns: 0, or the number of the system error. */
static int
fill (int fd, const char *bytes, gsize len, const VcFileHow *how)
{
  while (len > 0)
    {
      ssize_t n = write (fd, bytes, len);

      if (n < 0 && errno != EINTR)
        return errno;
      if (n > 0)
        {
          bytes += n;
          len -= (gsize) n;
        }
    }
  if ((how->uid != (uid_t) -1 || how->gid != (gid_t) -1) && fchown (fd, how->uid, how->gid) < 0)
    return errno;
  if (fchmod (fd, how->mode) < 0 || fsync (fd) < 0)
    return errno;
  return 0;
}

static int
put_in_place (const char *from, const char *to, gboolean replace)
{
  if (replace)
    return rename (from, to) < 0 ? errno : 0;
  if (link (from, to) < 0)
    return errno;
  unlink (from);
  return 0;
}

/* So that the name, too, outlives a loss of power; a folder that cannot be opened is left as it is. */
static void
sync_folder (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

int
vc_file_draft_open (const char *path, gconstpointer bytes, gsize len, const VcFileHow *how, char **ret_draft,
                    GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *draft = g_build_filename (folder, DRAFT DRAFT_X, NULL);
  int fd = mkostemp (draft, O_CLOEXEC);
  int errsv;

  if (fd < 0)
    return vc_fail_errno (error, errno, "%s: cannot be written", path), -1;
  errsv = fill (fd, bytes, len, how);
  if (errsv == 0)
    {
      *ret_draft = g_steal_pointer (&draft);
      return fd;
    }
  close (fd);
  unlink (draft);
  return vc_fail_errno (error, errsv, "%s: cannot be written", path), -1;
}

char *
vc_file_draft (const char *path, gconstpointer bytes, gsize len, const VcFileHow *how, GError **error)
{
  char *draft = NULL;
  int fd = vc_file_draft_open (path, bytes, len, how, &draft, error);

  if (fd >= 0)
    close (fd);
  return draft;
}

gboolean
vc_file_commit (const char *draft, const char *path, const VcFileHow *how, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int errsv = put_in_place (draft, path, how->replace);

  if (errsv != 0)
    unlink (draft);
  else
    sync_folder (folder);
  if (errsv == EEXIST)
    return vc_fail (error, VC_ERROR_EXISTS, "%s: exists already", path);
  return errsv == 0 || vc_fail_errno (error, errsv, "%s: cannot be written", path);
}

gboolean
vc_file_write (const char *path, gconstpointer bytes, gsize len, const VcFileHow *how, GError **error)
{
  g_autofree char *draft = vc_file_draft (path, bytes, len, how, error);

  return draft != NULL && vc_file_commit (draft, path, how, error);
}

gboolean
vc_file_remove (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (unlink (path) < 0)
    return errno == ENOENT || vc_fail_errno (error, errno, "%s: cannot be removed", path);
  sync_folder (folder);
  return TRUE;
}

gboolean
vc_file_link (const char *target, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (symlink (target, path) < 0)
    return vc_fail_errno (error, errno, "%s: cannot be made", path);
  sync_folder (folder);
  return TRUE;
}

static gboolean
is_draft (const char *name)
{
  return g_str_has_prefix (name, DRAFT) && strlen (name) == strlen (DRAFT DRAFT_X);
}

void
vc_file_clean_drafts_before (const char *folder, gint64 time)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_draft (name))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);
        struct stat st;

        if (lstat (path, &st) == 0
            && (gint64) st.st_ctim.tv_sec * G_USEC_PER_SEC + st.st_ctim.tv_nsec / 1000 < time)
          unlink (path);
      }
}

void
vc_file_clean_drafts (const char *folder)
{
  vc_file_clean_drafts_before (folder, G_MAXINT64);
}
