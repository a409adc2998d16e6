/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define MAX_LINKS 40 /* the kernel's own limit */

/* Where the walk stands: in folder, with rest before it. */
typedef struct
{
  const char *path; /* as it was given, for messages */
  VcWalk at;
  char *rest; /* starts with a name or is empty */
  guint links;
} Step;

static void
step_clear (Step *step)
{
  vc_walk_clear (&step->at);
  g_free (step->rest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Step, step_clear)

static gboolean
is_ours (const struct stat *st)
{
  return st->st_uid == 0 || st->st_uid == geteuid ();
}

static const char *
skip_slashes (const char *text)
{
  return text + strspn (text, "/");
}

static gboolean
go_to (Step *step, int folder_taken, GError **error)
{
  if (folder_taken < 0)
    return vc_fail_errno (error, errno, "cannot open '%s'", step->path);
  if (step->at.folder >= 0)
    close (step->at.folder);
  step->at.folder = folder_taken;
  return TRUE;
}

static gboolean
go_to_root (Step *step, GError **error)
{
  step->at.is_firm = TRUE;
  return go_to (step, open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC), error);
}

/* fd: the link itself. */
static gboolean
follow (Step *step, int fd, const struct stat *st, const char *name, GError **error)
{
  char target[PATH_MAX];
  char *rest = step->rest;
  ssize_t len = readlinkat (fd, "", target, sizeof target - 1);

  if (!is_ours (st))
    return vc_fail (error, VC_ERROR_DENIED,
                    "'%s' on the way to '%s' is a symbolic link of user %u, which is not followed", name,
                    step->path, (guint) st->st_uid);
  if (len < 0)
    return vc_fail_errno (error, errno, "cannot read the symbolic link '%s'", step->path);
  if (++step->links > MAX_LINKS)
    return vc_fail_errno (error, ELOOP, "cannot open '%s'", step->path);
  target[len] = '\0';
  step->rest = g_strconcat (skip_slashes (target), *rest != '\0' ? "/" : "", rest, NULL);
  g_free (rest);
  return *target != '/' || go_to_root (step, error);
}

/* Others who may write to a folder may put another in the place of what is in it; in one like /tmp only
 * in the place of their own. */
static gboolean
can_be_swapped (const struct stat *folder, const struct stat *entry)
{
  if (!is_ours (folder))
    return TRUE;
  if ((folder->st_mode & (S_IWGRP | S_IWOTH)) == 0)
    return FALSE;
  return (folder->st_mode & S_ISVTX) == 0 || !is_ours (entry);
}

static gboolean
enter (Step *step, const char *name, GError **error)
{
  struct stat here, st;
  int fd = openat (step->at.folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  gboolean done;

  if (fd < 0 || fstat (fd, &st) < 0 || fstat (step->at.folder, &here) < 0)
    {
      vc_fail_errno (error, errno, "folder '%s' of '%s'", name, step->path);
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  step->at.is_firm = step->at.is_firm && !can_be_swapped (&here, &st);
  if (!S_ISLNK (st.st_mode))
    return go_to (step, fd, error);
  done = follow (step, fd, &st, name, error);
  close (fd);
  return done;
}

/* The name at the end; FALSE without error: it was a link and the walk goes on. */
static gboolean
arrive (Step *step, const char *name, GError **error)
{
  struct stat st;
  int fd = openat (step->at.folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

  if (fd >= 0 && fstat (fd, &st) == 0 && S_ISLNK (st.st_mode))
    {
      follow (step, fd, &st, name, error);
      close (fd);
      return FALSE;
    }
  if (fd >= 0)
    close (fd);
  step->at.name = g_strdup (name);
  return TRUE;
}

gboolean
vc_walk (const char *path, VcWalk *ret_walk, GError **error)
{
  g_auto (Step) step = { .path = path, .at = VC_WALK_INIT };
  GError *why = NULL;

  if (*path != '/')
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is not an absolute path", path);
  step.rest = g_strdup (skip_slashes (path));
  if (!go_to_root (&step, error))
    return FALSE;
  while (*step.rest != '\0')
    {
      gsize len = strcspn (step.rest, "/");
      g_autofree char *name = g_strndup (step.rest, len);
      g_autofree char *before = step.rest;
      gboolean is_last = step.rest[len] == '\0';

      step.rest = g_strdup (skip_slashes (before + len));
      if (is_last && arrive (&step, name, &why))
        {
          *ret_walk = step.at;
          step.at = (VcWalk) VC_WALK_INIT;
          return TRUE;
        }
      if (!is_last)
        enter (&step, name, &why);
      if (why != NULL)
        {
          g_propagate_error (error, why);
          return FALSE;
        }
    }
  return vc_fail (error, VC_ERROR_INVALID, "'%s' names a folder, not a file", path);
}

void
vc_walk_clear (VcWalk *walk)
{
  if (walk->folder >= 0)
    close (walk->folder);
  walk->folder = -1;
  g_clear_pointer (&walk->name, g_free);
}
