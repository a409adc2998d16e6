/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* How this works
 *
 * The lock is on the open file (OFD), not on the process: another file opened and closed here cannot
 * lose it, and two guests in one process exclude each other.  Who gives it back unlinks the file first;
 * who took a file that was unlinked in between holds nothing, sees that, and begins again.
 */

#define SOON_MS   5
#define MAX_TRIES 1000 /* each needs another process to finish just then */

struct VcLock
{
  char *path;
  int fd;
};

static gboolean
set (int fd, short type)
{
  struct flock all = { .l_type = type, .l_whence = SEEK_SET };

  return fcntl (fd, F_OFD_SETLK, &all) == 0;
}

static gboolean
still_there (int fd, const char *path)
{
  struct stat ours, named;

  return fstat (fd, &ours) == 0 && lstat (path, &named) == 0 && ours.st_ino == named.st_ino
         && ours.st_dev == named.st_dev;
}

/* Who holds it, or 0: the other one may have taken it a moment ago, and then no number stands there yet, or
 * that of a dead process. */
static pid_t
find_holder (int fd)
{
  char text[16] = "";
  gssize n = pread (fd, text, sizeof text - 1, 0);
  pid_t pid = n > 0 ? (pid_t) strtol (text, NULL, 10) : 0;

  return pid <= 0 || (kill (pid, 0) < 0 && errno == ESRCH) ? 0 : pid;
}

/* A process that was killed may have begun a child just then, which has the file open until it is another
 * program: worth a moment. */
static VcLock *
fail_busy (int fd, const char *what, gboolean *ret_soon, GError **error)
{
  pid_t pid = find_holder (fd);

  *ret_soon = pid == 0;
  if (pid == 0)
    return vc_fail_null (error, VC_ERROR_BUSY, "%s by another process", what);
  return vc_fail_null (error, VC_ERROR_BUSY, "%s by process %d", what, (int) pid);
}

/* NULL without error: try again. */
static VcLock *
try_take (const char *path, const char *what, gboolean *ret_soon, GError **error)
{
  g_autoptr (VcLock) lock = g_new0 (VcLock, 1);
  char pid[16];

  lock->fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
  if (lock->fd < 0)
    {
      vc_fail_errno (error, errno, "cannot open '%s'", path);
      return NULL;
    }
  if (!set (lock->fd, F_WRLCK))
    {
      if (errno == EAGAIN || errno == EACCES)
        return fail_busy (lock->fd, what, ret_soon, error);
      vc_fail_errno (error, errno, "cannot lock '%s'", path);
      return NULL;
    }
  if (!still_there (lock->fd, path))
    return NULL;
  g_snprintf (pid, sizeof pid, "%-14d\n", (int) getpid ());
  /* Only for words, in blanks for the next one: a full disk keeps nobody from what he may do. */
  if (pwrite (lock->fd, pid, strlen (pid), 0) < 0 && ftruncate (lock->fd, 0) < 0)
    {
      vc_fail_errno (error, errno, "cannot write '%s'", path);
      return NULL;
    }
  lock->path = g_strdup (path);
  return g_steal_pointer (&lock);
}

VcLock *
vc_lock_take (const char *path, const char *what, GError **error)
{
  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_autoptr (GError) why = NULL;
      gboolean soon = FALSE;
      VcLock *lock = try_take (path, what, &soon, &why);

      if (lock)
        return lock;
      if (why && soon && i < MAX_TRIES - 1)
        poll (NULL, 0, SOON_MS);
      else if (why)
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return NULL;
        }
    }
  return vc_fail_null (error, VC_ERROR_BUSY, "'%s' is taken and given back all the time", path);
}

VcLock *
vc_lock_new (const char *folder, const char *uuid, GError **error)
{
  g_autofree char *name = g_strconcat (uuid, ".lock", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *what = g_strdup_printf ("domain '%s' is being run", uuid);

  g_assert (g_uuid_string_is_valid (uuid));
  return vc_lock_take (path, what, error);
}

/* Unlocked by name and not only closed: a child made just now may have the file open for a moment yet. */
void
vc_lock_free (VcLock *lock)
{
  if (!lock)
    return;
  if (lock->fd >= 0)
    {
      if (lock->path)
        {
          unlink (lock->path);
          set (lock->fd, F_UNLCK);
        }
      close (lock->fd);
    }
  g_free (lock->path);
  g_free (lock);
}
