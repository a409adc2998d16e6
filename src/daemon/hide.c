/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/hide.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* How this works
 *
 * root may read every file, so that no mode keeps one from us.  In a mount namespace of our own /dev/null is
 * mounted over the key: whoever opens it from here, or from a program we have started, finds nothing in it.
 * Somebody may replace the file outside, which takes the mount away; so it is looked at each time.
 */

#define ENCRYPTED "-----BEGIN ENCRYPTED PRIVATE KEY-----"

static gboolean is_own; /* the way we see the file system                    */
static int why_not;     /* errno; 0: we are not root, or nobody has begun it */

void
vc_hide_begin (void)
{
  if (getuid () != 0)
    return;
  if (unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0)
    is_own = TRUE;
  else
    why_not = errno;
}

/* Returns: TRUE when it is a file with something in it that is not encrypted, as far as its beginning says;
 * or when that cannot be known now. */
static gboolean
is_plain (const char *path, struct stat *ret_stat)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  char head[sizeof ENCRYPTED - 1];
  gboolean is_plain_file = FALSE;

  if (fd < 0)
    return errno == EMFILE || errno == ENFILE || errno == ENOMEM;
  if (fstat (fd, ret_stat) < 0 || (S_ISREG (ret_stat->st_mode) && ret_stat->st_size > 0))
    is_plain_file
        = read (fd, head, sizeof head) != (gssize) sizeof head || memcmp (head, ENCRYPTED, sizeof head) != 0;
  explicit_bzero (head, sizeof head);
  close (fd);
  return is_plain_file;
}

gboolean
vc_hide_key (const char *path, GError **error)
{
  struct stat st;
  int errsv = why_not;

  if (!is_plain (path, &st))
    return TRUE;
  if (is_own && mount ("/dev/null", path, NULL, MS_BIND, NULL) < 0)
    errsv = errno;
  if (!is_plain (path, &st))
    return TRUE;
  return vc_fail (error, VC_ERROR_DENIED, "%s: this process can read the CA's key, and %s%s", path,
                  is_own || errsv != 0 ? "cannot hide it: " : "only root can hide it",
                  is_own || errsv != 0 ? g_strerror (errsv) : "");
}
