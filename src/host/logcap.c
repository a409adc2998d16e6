/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/logcap.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVERY_S 5

struct VcLogCap
{
  int fd;
  gsize max;
  guint timer;
};

gboolean
vc_log_cap_look (VcLogCap *cap)
{
  static const char cut[] = "[what was here is left out]\n";
  g_autofree char *tail = NULL;
  const char *line;
  struct stat st;
  gsize keep = cap->max / 4;
  gssize n;

  if (fstat (cap->fd, &st) < 0 || (guint64) st.st_size <= cap->max)
    return FALSE;
  tail = g_malloc (keep);
  n = pread (cap->fd, tail, keep, st.st_size - (off_t) keep);
  /* What is written between these two is lost; a log that fills the disk loses more. */
  if (ftruncate (cap->fd, 0) < 0)
    return FALSE;
  if (n <= 0 || write (cap->fd, cut, strlen (cut)) < 0)
    return TRUE;
  line = memchr (tail, '\n', (gsize) n);
  line = line != NULL ? line + 1 : tail;
  (void) !write (cap->fd, line, (gsize) (tail + n - line));
  return TRUE;
}

static gboolean
on_time (gpointer data)
{
  vc_log_cap_look (data);
  return G_SOURCE_CONTINUE;
}

/* The folder is QEMU's: what stands there by now may be a link to any file, which is not to be read out, let
 * alone cut. */
int
vc_log_cap_open (const char *path)
{
  int fd = open (path, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat st;

  if (fd < 0)
    return -1;
  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_nlink == 1 && st.st_uid == geteuid ())
    return fd;
  close (fd);
  return -1;
}

VcLogCap *
vc_log_cap_new (int fd, gsize max)
{
  VcLogCap *cap = g_new0 (VcLogCap, 1);

  cap->fd = fd;
  cap->max = max;
  cap->timer = g_timeout_add_seconds (EVERY_S, on_time, cap);
  return cap;
}

void
vc_log_cap_free (VcLogCap *cap)
{
  if (cap == NULL)
    return;
  g_source_remove (cap->timer);
  g_free (cap);
}
