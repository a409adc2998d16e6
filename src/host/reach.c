/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/reach.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "host/child.h"

/* How this works
 *
 * The child asks about one path after the other and writes one Answer for each at once, so that the
 * parent knows which one it hung on.  It makes system calls only and no words; the parent does.  The
 * whole path is asked first; only where that fails is it walked, folder by folder from the left, to find
 * the component that is in the way.
 */

typedef enum
{
  FINE,
  LAST,       /* the path itself: errsv says why                    */
  ON_THE_WAY, /* the folder that is the first `until` bytes of path */
  PARENT,     /* the folder it is to be made in                     */
  WRONG_KIND, /* it is something else than was wanted               */
  STICKY,     /* it belongs to another user and cannot be replaced  */
} Where;

typedef struct
{
  guint8 where;
  guint32 until;
  int errsv;
  guint32 mode; /* of what was found, for WRONG_KIND */
} Answer;

static_assert (sizeof (Answer) < PIPE_BUF, "an answer is written in one piece");

static gboolean
may (const char *path, int mode)
{
  return faccessat (AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

/* From here to run_wants: in the child. */
static Answer
blame (const char *path, gsize len)
{
  char folder[PATH_MAX];

  for (gsize i = 1; i < len; i++)
    {
      if (path[i] != '/')
        continue;
      memcpy (folder, path, i);
      folder[i] = '\0';

      struct stat st;

      if (stat (folder, &st) == 0 && !S_ISDIR (st.st_mode))
        return (Answer){ .where = ON_THE_WAY, .until = i, .errsv = ENOTDIR };
      if (!may (folder, X_OK))
        return (Answer){ .where = ON_THE_WAY, .until = i, .errsv = errno };
    }
  return (Answer){ .where = LAST };
}

/* Why could path not be had?  errsv is what the kernel said. */
static Answer
why_not (const char *path, int errsv)
{
  Answer answer = blame (path, strlen (path));

  if (answer.where == LAST)
    answer.errsv = errsv;
  return answer;
}

static Answer
ask_to_make (const char *path, VcReachHow how, const char *slash)
{
  char folder[PATH_MAX];
  gsize len = MAX (slash - path, 1);
  struct stat st, parent;

  memcpy (folder, path, len);
  folder[len] = '\0';
  if (stat (path, &st) == 0)
    {
      gboolean right
          = how == VC_REACH_BIND ? S_ISSOCK (st.st_mode) : !S_ISDIR (st.st_mode) && !S_ISSOCK (st.st_mode);

      if (!right)
        return (Answer){ .where = WRONG_KIND, .mode = st.st_mode };
      if (how == VC_REACH_MAKE)
        return may (path, W_OK) ? (Answer){ .where = FINE } : why_not (path, errno);
    }
  else if (errno != ENOENT)
    return why_not (path, errno);

  if (!may (folder, W_OK | X_OK))
    {
      Answer answer = why_not (path, errno);

      if (answer.where == LAST || answer.until == len)
        answer = (Answer){ .where = PARENT, .until = len, .errsv = answer.errsv };
      return answer;
    }
  /* QEMU unlinks the old socket; in a folder like /tmp only its owner may. */
  if (how == VC_REACH_BIND && lstat (path, &st) == 0 && stat (folder, &parent) == 0
      && (parent.st_mode & S_ISVTX) && geteuid () != 0 && st.st_uid != geteuid ()
      && parent.st_uid != geteuid ())
    return (Answer){ .where = STICKY };
  return (Answer){ .where = FINE };
}

static Answer
ask (const VcReach *want)
{
  static const struct
  {
    int mode;
  } rows[] = {
    [VC_REACH_READ] = { R_OK },          [VC_REACH_WRITE] = { R_OK | W_OK }, [VC_REACH_RUN] = { X_OK },
    [VC_REACH_FOLDER] = { R_OK | X_OK }, [VC_REACH_CONNECT] = { W_OK },
  };
  struct stat st;

  if (strlen (want->path) >= PATH_MAX)
    return (Answer){ .where = LAST, .errsv = ENAMETOOLONG };
  if (want->how == VC_REACH_MAKE || want->how == VC_REACH_BIND)
    return ask_to_make (want->path, want->how, strrchr (want->path, '/'));
  if (stat (want->path, &st) < 0)
    return why_not (want->path, errno);

  gboolean right = want->how == VC_REACH_FOLDER    ? S_ISDIR (st.st_mode)
                   : want->how == VC_REACH_CONNECT ? S_ISSOCK (st.st_mode)
                   : want->how == VC_REACH_RUN     ? S_ISREG (st.st_mode)
                                                   : !S_ISDIR (st.st_mode) && !S_ISSOCK (st.st_mode);

  if (!right)
    return (Answer){ .where = WRONG_KIND, .mode = st.st_mode };
  if (!may (want->path, rows[want->how].mode))
    return why_not (want->path, errno);
  return (Answer){ .where = FINE };
}

static int
run_wants (gconstpointer data, int out)
{
  const GPtrArray *wants = data;

  for (guint i = 0; i < wants->len; i++)
    {
      Answer answer = ask (wants->pdata[i]);

      if (write (out, &answer, sizeof answer) != sizeof answer)
        return 1;
      if (answer.where != FINE)
        return 0;
    }
  return 0;
}

static const char *
kind_words (guint32 mode)
{
  return S_ISDIR (mode) ? "a folder" : S_ISSOCK (mode) ? "a socket" : S_ISREG (mode) ? "a file" : "a device";
}

/* ENOENT, ENOTDIR and EACCES are what happens to people; the rest speaks for itself. */
static gboolean
fail_on_the_way (const VcUser *user, const VcReach *want, const Answer *answer, GError **error)
{
  g_autofree char *folder = g_strndup (want->path, answer->until);

  if (answer->errsv == ENOENT)
    return vc_fail (error, VC_ERROR_NOT_FOUND, "folder '%s' on the way to '%s' does not exist", folder,
                    want->path);
  if (answer->errsv == ENOTDIR)
    return vc_fail (error, VC_ERROR_INVALID, "'%s' on the way to '%s' is not a folder", folder, want->path);
  if (answer->errsv == EACCES)
    return vc_fail (error, VC_ERROR_DENIED, "user %s cannot enter folder '%s' on the way to '%s'", user->name,
                    folder, want->path);
  return vc_fail_errno (error, answer->errsv, "user %s cannot enter folder '%s' on the way to '%s'",
                        user->name, folder, want->path);
}

static gboolean
fail_parent (const VcUser *user, const VcReach *want, const Answer *answer, GError **error)
{
  g_autofree char *folder = g_strndup (want->path, answer->until);

  if (answer->errsv == ENOENT)
    return vc_fail (error, VC_ERROR_NOT_FOUND, "folder '%s' for '%s' does not exist", folder, want->path);
  if (answer->errsv == ENOTDIR)
    return vc_fail (error, VC_ERROR_INVALID, "'%s' for '%s' is not a folder", folder, want->path);
  if (answer->errsv == EACCES)
    return vc_fail (error, VC_ERROR_DENIED, "user %s cannot write to folder '%s' to make '%s'", user->name,
                    folder, want->path);
  return vc_fail_errno (error, answer->errsv, "user %s cannot make '%s' in folder '%s'", user->name,
                        want->path, folder);
}

static gboolean
fail_last (const VcUser *user, const VcReach *want, const Answer *answer, GError **error)
{
  static const struct
  {
    const char *verb;
    const char *noun;
  } rows[] = {
    [VC_REACH_READ] = { "read", "file" },
    [VC_REACH_WRITE] = { "read and write", "file" },
    [VC_REACH_RUN] = { "run", "program" },
    [VC_REACH_FOLDER] = { "enter and list folder", "folder" },
    [VC_REACH_MAKE] = { "write", "file" },
    [VC_REACH_BIND] = { "make", "socket" },
    [VC_REACH_CONNECT] = { "connect to socket", "socket" },
  };

  if (answer->errsv == ENOENT)
    return vc_fail (error, VC_ERROR_NOT_FOUND, "%s '%s' does not exist", rows[want->how].noun, want->path);
  if (answer->errsv == EACCES)
    return vc_fail (error, VC_ERROR_DENIED, "user %s cannot %s '%s'", user->name, rows[want->how].verb,
                    want->path);
  return vc_fail_errno (error, answer->errsv, "user %s cannot %s '%s'", user->name, rows[want->how].verb,
                        want->path);
}

static gboolean
fail_want (const VcUser *user, const VcReach *want, const Answer *answer, GError **error)
{
  static const char *const wanted[] = {
    [VC_REACH_READ] = "a file",      [VC_REACH_WRITE] = "a file", [VC_REACH_RUN] = "a program",
    [VC_REACH_FOLDER] = "a folder",  [VC_REACH_MAKE] = "a file",  [VC_REACH_BIND] = "a socket",
    [VC_REACH_CONNECT] = "a socket",
  };

  switch ((Where) answer->where)
    {
    case ON_THE_WAY:
      return fail_on_the_way (user, want, answer, error);
    case PARENT:
      return fail_parent (user, want, answer, error);
    case WRONG_KIND:
      return vc_fail (error, VC_ERROR_INVALID, "'%s' is %s, not %s", want->path, kind_words (answer->mode),
                      wanted[want->how]);
    case STICKY:
      return vc_fail (error, VC_ERROR_DENIED,
                      "user %s cannot replace socket '%s', which belongs to another user", user->name,
                      want->path);
    case FINE:
    case LAST:
      break;
    }
  return fail_last (user, want, answer, error);
}

/* Says how far the child came and what stopped it there. */
static gboolean
check_result (const VcUser *user, const GPtrArray *wants, const VcChildResult *result, const VcReach **ret_at,
              GError **error)
{
  guint n = result->out->len / sizeof (Answer);

  for (guint i = 0; i < n; i++)
    {
      Answer answer;

      memcpy (&answer, result->out->data + i * sizeof answer, sizeof answer);
      *ret_at = wants->pdata[i];
      if (answer.where != FINE)
        return fail_want (user, *ret_at, &answer, error);
    }
  if (n == wants->len)
    return TRUE;
  *ret_at = wants->pdata[n];
  if (result->end == VC_CHILD_EXITED && result->status == VC_CHILD_NO_USER)
    return vc_fail (error, VC_ERROR_DENIED, "cannot become user %s", user->name);
  if (result->end == VC_CHILD_LATE)
    return vc_fail (error, VC_ERROR_FAILED, "user %s got no answer about '%s' within %u seconds", user->name,
                    (*ret_at)->path, VC_REACH_TIMEOUT_MS / 1000);
  return vc_fail (error, VC_ERROR_FAILED, "cannot find out whether user %s can reach '%s'", user->name,
                  (*ret_at)->path);
}

gboolean
vc_reach_check (const VcUser *user, const GPtrArray *wants, GError **error)
{
  g_auto (VcChildResult) result = { 0 };
  const VcReach *at = NULL;

  for (guint i = 0; i < wants->len; i++)
    {
      at = wants->pdata[i];
      if (*at->path != '/')
        {
          vc_fail (error, VC_ERROR_INVALID, "'%s' is not an absolute path", at->path);
          return at->what ? vc_prefix (error, "%s: ", at->what) : FALSE;
        }
    }
  if (wants->len == 0)
    return TRUE;
  if (!vc_child_run (run_wants, wants, user, -1, VC_REACH_TIMEOUT_MS, wants->len * sizeof (Answer), &result,
                     error))
    return FALSE;
  if (check_result (user, wants, &result, &at, error))
    return TRUE;
  return at->what ? vc_prefix (error, "%s: ", at->what) : FALSE;
}

gboolean
vc_reach_check_one (const VcUser *user, const char *path, VcReachHow how, const char *what, GError **error)
{
  VcReach want = { .path = path, .how = how, .what = what };
  g_autoptr (GPtrArray) wants = g_ptr_array_new ();

  g_ptr_array_add (wants, &want);
  return vc_reach_check (user, wants, error);
}
