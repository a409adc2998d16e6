/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/store.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

static gboolean
is_key (VcPkiPart part)
{
  return part == VC_PKI_CA_KEY || part == VC_PKI_SERVER_KEY || part == VC_PKI_CLIENT_KEY;
}

static gboolean
make_folders (const VcPkiFolder *folder, VcPkiPart part, GError **error)
{
  g_autofree char *last = g_path_get_dirname (folder->files[part].path);

  if (g_mkdir_with_parents (folder->folder, 0755) < 0)
    return vc_fail_errno (error, errno, "%s: cannot be made", folder->folder);
  if (strchr (vc_pki_part_name (folder->layout, part), '/') != NULL && g_mkdir (last, 0700) < 0
      && errno != EEXIST)
    return vc_fail_errno (error, errno, "%s: cannot be made", last);
  return TRUE;
}

/* Before anything is written, so that most refusals change nothing. */
static gboolean
check_new (const VcPkiFolder *folder, const VcPkiPut *parts, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      const char *path = folder->files[parts[i].part].path;
      struct stat st;

      if (lstat (path, &st) == 0)
        return vc_fail (error, VC_ERROR_EXISTS, "%s: exists already", path);
    }
  return TRUE;
}

static gboolean
write_part (const VcPkiFolder *folder, const VcPkiPut *put, const VcPkiStore *how, GError **error)
{
  gboolean is_ends = is_key (put->part) && put->part != VC_PKI_CA_KEY;
  const VcFileHow file = { .mode = is_key (put->part) ? 0600 : 0644,
                           .replace = how->replace,
                           .uid = is_ends ? how->uid : (uid_t) -1,
                           .gid = is_ends ? how->gid : (gid_t) -1 };

  return make_folders (folder, put->part, error)
         && vc_file_write (folder->files[put->part].path, put->text, strlen (put->text), &file, error);
}

gboolean
vc_pki_store (const VcPkiFolder *folder, const VcPkiPut *parts, guint n, const VcPkiStore *how,
              GError **error)
{
  if (!how->replace && !check_new (folder, parts, n, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!write_part (folder, &parts[i], how, error))
      {
        for (guint before = 0; before < i && !how->replace; before++)
          unlink (folder->files[parts[before].part].path);
        return FALSE;
      }
  return TRUE;
}
