/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manager/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "xml/xml.h"

#define MAGIC   "virtcard-save 1 "
#define RUNNING "running"
#define PAUSED  "paused"

static const VcFileHow how = { .mode = 0600, .uid = (uid_t) -1, .gid = (gid_t) -1 };

int
vc_saved_new (const char *path, const char *xml, gboolean is_paused, char **ret_draft, GError **error)
{
  g_autofree char *head
      = g_strdup_printf (MAGIC "%zu %s\n%s", strlen (xml), is_paused ? PAUSED : RUNNING, xml);
  struct stat st;

  if (!g_path_is_absolute (path))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is no absolute path", path), -1;
  if (lstat (path, &st) == 0)
    return vc_fail (error, VC_ERROR_EXISTS, "%s: exists already", path), -1;
  return vc_file_draft_open (path, head, strlen (head), &how, ret_draft, error);
}

gboolean
vc_saved_finish (int fd, const char *draft, const char *path, GError **error)
{
  if (fsync (fd) < 0)
    return vc_fail_errno (error, errno, "%s: cannot be written", path);
  return vc_file_commit (draft, path, &how, error);
}

static gboolean
read_all (int fd, char *to, gsize len)
{
  while (len > 0)
    {
      ssize_t got = read (fd, to, len);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return FALSE;
      to += got;
      len -= (gsize) got;
    }
  return TRUE;
}

/* A byte at a time: what comes after it is not ours to read. */
static gboolean
read_head (int fd, gsize *ret_len, gboolean *ret_is_paused)
{
  char line[sizeof MAGIC + sizeof RUNNING + 24] = "";
  char *word;
  guint64 len = 0;
  gsize n = 0;

  while (n < sizeof line - 1 && read_all (fd, &line[n], 1) && line[n] != '\n')
    n++;
  if (line[n] != '\n' || !g_str_has_prefix (line, MAGIC))
    return FALSE;
  line[n] = '\0';
  word = strrchr (line, ' ');
  *word++ = '\0';
  *ret_is_paused = strcmp (word, PAUSED) == 0;
  if ((!*ret_is_paused && strcmp (word, RUNNING) != 0) || strlen (line) < strlen (MAGIC))
    return FALSE;
  if (!g_ascii_string_to_unsigned (line + strlen (MAGIC), 10, 1, VC_XML_MAX_BYTES, &len, NULL))
    return FALSE;
  *ret_len = (gsize) len;
  return TRUE;
}

/* Whoever could write it would say what runs here, and as whom. */
static gboolean
check_owner (const char *path, const struct stat *st, GError **error)
{
  if (st->st_uid != 0 && st->st_uid != geteuid ())
    return vc_fail (error, VC_ERROR_DENIED,
                    "%s: belongs to user %u, and only files of root and of our own are restored", path,
                    (guint) st->st_uid);
  if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return vc_fail (error, VC_ERROR_DENIED, "%s: can be written to by others, and is not restored", path);
  return TRUE;
}

int
vc_saved_open (const char *path, char **ret_xml, gsize *ret_len, gboolean *ret_is_paused, GError **error)
{
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  g_autofree char *xml = NULL;
  struct stat st = { 0 };
  gsize len = 0;

  if (fd < 0)
    {
      vc_fail_errno (error, errno, "%s", path);
      return -1;
    }
  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && !check_owner (path, &st, error))
    {
      close (fd);
      return -1;
    }
  if (S_ISREG (st.st_mode) && read_head (fd, &len, ret_is_paused))
    {
      xml = g_malloc0 (len + 1);
      if (read_all (fd, xml, len))
        {
          *ret_xml = g_steal_pointer (&xml);
          *ret_len = len;
          return fd;
        }
    }
  close (fd);
  vc_fail (error, VC_ERROR_INVALID, "%s: is no file of a saved guest", path);
  return -1;
}
