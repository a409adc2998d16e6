/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define MAX_DEPTH 8 /* folders in a guest's folder; QEMU makes none */

/* The XDG rule: a variable that is not an absolute path counts as unset. */
static const char *
get_folder (const char *variable)
{
  const char *value = g_getenv (variable);

  return value && g_path_is_absolute (value) ? value : NULL;
}

/* g_get_user_…_dir would keep its first answer for ever. */
static char *
get_home_folder (const char *variable, const char *below_home, const char *name)
{
  const char *folder = get_folder (variable);
  const char *home = get_folder ("HOME");

  if (folder)
    return g_build_filename (folder, name, NULL);
  return g_build_filename (home ? home : g_get_home_dir (), below_home, name, NULL);
}

static void
place_at_root (VcPaths *paths, const char *root)
{
  paths->etc = g_build_filename (root, "etc/virtcard", NULL);
  paths->state = g_build_filename (root, "var/lib/virtcard", NULL);
  paths->run = g_build_filename (root, "run/virtcard", NULL);
}

static void
place_at_home (VcPaths *paths)
{
  gboolean data = !get_folder ("XDG_STATE_HOME") && get_folder ("XDG_DATA_HOME");

  paths->etc = get_home_folder ("XDG_CONFIG_HOME", ".config", "virtcard");
  paths->state = get_home_folder (data ? "XDG_DATA_HOME" : "XDG_STATE_HOME", ".local/state", "virtcard");
  paths->run = get_folder ("XDG_RUNTIME_DIR")
                   ? g_build_filename (get_folder ("XDG_RUNTIME_DIR"), "virtcard", NULL)
                   : get_home_folder ("XDG_CACHE_HOME", ".cache", "virtcard/run");
}

VcPaths *
vc_paths_new (const char *root, GError **error)
{
  g_autoptr (VcPaths) paths = g_new0 (VcPaths, 1);
  gboolean given = root != NULL;

  if (!root)
    root = g_getenv ("VIRTCARD_ROOT");
  if (root && !*root)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s is empty", given ? "--root" : "VIRTCARD_ROOT");
  if (root)
    paths->root = g_canonicalize_filename (root, NULL);
  if (paths->root || geteuid () == 0)
    place_at_root (paths, paths->root ? paths->root : "/");
  else
    place_at_home (paths);
  paths->caps = g_build_filename (paths->state, "caps", NULL);
  paths->qemu_conf = g_build_filename (paths->etc, "qemu.conf", NULL);
  if (access (paths->qemu_conf, F_OK) < 0 && errno == ENOENT)
    {
      g_autofree char *above = g_path_get_dirname (paths->etc);

      g_free (paths->qemu_conf);
      paths->qemu_conf = g_build_filename (above, "libvirt", "qemu.conf", NULL);
    }
  return g_steal_pointer (&paths);
}

gboolean
vc_paths_make_run (const VcPaths *paths, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (paths->run);
  mode_t mode = geteuid () == 0 ? 0755 : 0700;
  struct stat st;

  if (mkdir (paths->run, mode) == 0)
    {
      /* The umask may have taken more away than we want. */
      if (chmod (paths->run, mode) < 0)
        return vc_fail_errno (error, errno, "cannot change folder '%s'", paths->run);
      return TRUE;
    }
  if (errno == ENOENT)
    {
      if (g_mkdir_with_parents (parent, mode) < 0)
        return vc_fail_errno (error, errno, "cannot make folder '%s'", parent);
      if (mkdir (paths->run, mode) == 0 && chmod (paths->run, mode) == 0)
        return TRUE;
    }
  if (errno != EEXIST)
    return vc_fail_errno (error, errno, "cannot make folder '%s'", paths->run);
  if (lstat (paths->run, &st) < 0)
    return vc_fail_errno (error, errno, "cannot look at folder '%s'", paths->run);
  if (!S_ISDIR (st.st_mode))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is not a folder", paths->run);
  if (st.st_uid != geteuid ())
    return vc_fail (error, VC_ERROR_DENIED, "folder '%s' belongs to another user", paths->run);
  if (st.st_mode & (S_IWGRP | S_IWOTH))
    return vc_fail (error, VC_ERROR_DENIED, "folder '%s' can be written to by others", paths->run);
  return TRUE;
}

char *
vc_paths_get_guest (const VcPaths *paths, const char *uuid)
{
  return g_build_filename (paths->run, uuid, NULL);
}

char *
vc_paths_get_channels (const VcPaths *paths, const char *uuid)
{
  return g_build_filename (paths->run, uuid, "channel", NULL);
}

/* 0, or the number of the system error.  Goes on after an error, to remove as much as can be. */
static int
remove_at (int parent, const char *name, guint depth)
{
  int fd, errsv = 0;

  if (unlinkat (parent, name, 0) == 0 || errno == ENOENT)
    return 0;
  if (errno != EISDIR && errno != EPERM)
    return errno;
  if (depth == 0)
    return ELOOP;
  fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return errno;

  DIR *dir = fdopendir (fd);

  if (!dir)
    {
      errsv = errno;
      close (fd);
      return errsv;
    }
  for (struct dirent *entry; (entry = readdir (dir));)
    if (!g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, ".."))
      {
        int why = remove_at (fd, entry->d_name, depth - 1);

        errsv = errsv ? errsv : why;
      }
  closedir (dir);
  if (unlinkat (parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
    errsv = errsv ? errsv : errno;
  return errsv;
}

gboolean
vc_paths_remove_guest (const VcPaths *paths, const char *uuid, GError **error)
{
  g_autofree char *path = vc_paths_get_guest (paths, uuid);

  g_assert (g_uuid_string_is_valid (uuid));

  int errsv = remove_at (AT_FDCWD, path, MAX_DEPTH);

  if (errsv)
    return vc_fail_errno (error, errsv, "cannot remove folder '%s'", path);
  return TRUE;
}

static gboolean
give (const char *path, const VcUser *user, GError **error)
{
  if (!user->self && fchownat (AT_FDCWD, path, user->uid, user->gid, AT_SYMLINK_NOFOLLOW) < 0)
    return vc_fail_errno (error, errno, "cannot give folder '%s' to user %s", path, user->name);
  return TRUE;
}

/* Nobody but us can write to the run folder, so that the folder is still the same between the calls; and the
 * guest's own has been given to nobody when the other is made in it. */
gboolean
vc_paths_make_guest (const VcPaths *paths, const char *uuid, const VcUser *user, GError **error)
{
  g_autofree char *path = vc_paths_get_guest (paths, uuid);
  g_autofree char *channels = vc_paths_get_channels (paths, uuid);

  if (!vc_paths_make_run (paths, error) || !vc_paths_remove_guest (paths, uuid, error))
    return FALSE;
  if (mkdir (path, 0700) < 0)
    return vc_fail_errno (error, errno, "cannot make folder '%s'", path);
  if (mkdir (channels, 0700) < 0)
    return vc_fail_errno (error, errno, "cannot make folder '%s'", channels);
  return give (channels, user, error) && give (path, user, error);
}

VcPaths *
vc_paths_copy (const VcPaths *paths)
{
  VcPaths *copy = g_new (VcPaths, 1);

  *copy = (VcPaths){ .root = g_strdup (paths->root),
                     .etc = g_strdup (paths->etc),
                     .state = g_strdup (paths->state),
                     .run = g_strdup (paths->run),
                     .caps = g_strdup (paths->caps),
                     .qemu_conf = g_strdup (paths->qemu_conf) };
  return copy;
}

void
vc_paths_free (VcPaths *paths)
{
  if (!paths)
    return;
  g_free (paths->root);
  g_free (paths->etc);
  g_free (paths->state);
  g_free (paths->run);
  g_free (paths->caps);
  g_free (paths->qemu_conf);
  g_free (paths);
}
