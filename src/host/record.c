/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "qemu/proc.h"

#define MAX_BYTES 4096u

static char *
get_path (const char *folder, const char *uuid)
{
  g_autofree char *name = g_strconcat (uuid, ".pid", NULL);

  g_assert (g_uuid_string_is_valid (uuid));
  return g_build_filename (folder, name, NULL);
}

char *
vc_boot_id (void)
{
  gsize len;
  char *text = vc_file_read ("/proc/sys/kernel/random/boot_id", MAX_BYTES, &len, NULL);

  return text != NULL ? g_strchomp (text) : g_strdup ("");
}

int
vc_record_open (const char *folder, const char *uuid, GError **error)
{
  g_autofree char *path = get_path (folder, uuid);
  g_autofree char *boot = vc_boot_id ();
  g_autofree char *line = g_strconcat (boot, "\n", NULL);
  int fd;

  unlink (path);
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0 && write (fd, line, strlen (line)) == (ssize_t) strlen (line))
    return fd;
  vc_fail_errno (error, errno, "cannot write '%s'", path);
  if (fd >= 0)
    {
      close (fd);
      unlink (path);
    }
  return -1;
}

gboolean
vc_record_read (const char *folder, const char *uuid, VcRecord *ret_record, GError **error)
{
  g_autofree char *path = get_path (folder, uuid);
  g_autofree char *boot = vc_boot_id ();
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  VcRecord record = { 0 };
  gsize len;

  text = vc_file_read (path, MAX_BYTES, &len, error);
  if (text == NULL)
    return FALSE;
  lines = g_strsplit (text, "\n", 3);
  if (strlen (text) != len || lines[0] == NULL || lines[1] == NULL
      || (*lines[1] != '\0' && !vc_proc_read (lines[1], &record.pid, &record.started)))
    return vc_fail (error, VC_ERROR_PROTOCOL, "'%s' is no record of a running guest", path);
  record.before = strcmp (lines[0], boot) != 0;
  *ret_record = record;
  return TRUE;
}

gboolean
vc_record_is_alive (const VcRecord *record)
{
  guint64 started = 0;

  return record->pid > 0 && !record->before && vc_proc_started (record->pid, &started, NULL)
         && started == record->started;
}

void
vc_record_remove (const char *folder, const char *uuid)
{
  g_autofree char *path = get_path (folder, uuid);

  unlink (path);
}
