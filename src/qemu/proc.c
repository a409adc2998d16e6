/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/proc.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"

/* Fields of /proc/PID/stat, counted from 1 as proc(5) does. */
enum
{
  STATE = 3,
  USER_TICKS = 14,
  SYSTEM_TICKS = 15,
  STARTED = 22,
  RESIDENT = 24,
};

/* The second field is the name in brackets; it may hold brackets and blanks itself.
 * Returns: the fields from the third on, or NULL. */
static char **
split (const char *text)
{
  const char *rest = strrchr (text, ')');
  char **fields = g_strsplit (rest != NULL && rest[1] == ' ' ? rest + 2 : "", " ", -1);

  if (g_strv_length (fields) > RESIDENT - STATE)
    return fields;
  g_strfreev (fields);
  return NULL;
}

static guint64
number (char **fields, guint nth)
{
  return g_ascii_strtoull (fields[nth - STATE], NULL, 10);
}

/* Returns: as split, or NULL with error. */
static char **
read_fields (pid_t pid, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return vc_fail_null (error, VC_ERROR_GONE, "there is no process %d", (int) pid);
  fields = split (text);
  if (fields == NULL)
    return vc_fail_null (error, VC_ERROR_FAILED, "'%s' has an unknown form", path);
  if (*fields[0] == 'Z' || *fields[0] == 'X')
    return vc_fail_null (error, VC_ERROR_GONE, "process %d is dead", (int) pid);
  return g_steal_pointer (&fields);
}

gboolean
vc_proc_started (pid_t pid, guint64 *ret_ticks, GError **error)
{
  g_auto (GStrv) fields = read_fields (pid, error);

  if (fields == NULL)
    return FALSE;
  *ret_ticks = number (fields, STARTED);
  return TRUE;
}

gboolean
vc_proc_read (const char *text, pid_t *ret_pid, guint64 *ret_started)
{
  gint64 pid = g_ascii_strtoll (text, NULL, 10);
  g_auto (GStrv) fields = split (text);

  if (pid <= 0 || pid > G_MAXINT32 || fields == NULL)
    return FALSE;
  *ret_pid = (pid_t) pid;
  *ret_started = number (fields, STARTED);
  return TRUE;
}

gboolean
vc_proc_used (pid_t pid, VcProcUse *ret_use, GError **error)
{
  g_auto (GStrv) fields = read_fields (pid, error);
  guint64 per_tick = 1000000000 / (guint64) sysconf (_SC_CLK_TCK);

  if (fields == NULL)
    return FALSE;
  ret_use->user_ns = number (fields, USER_TICKS) * per_tick;
  ret_use->system_ns = number (fields, SYSTEM_TICKS) * per_tick;
  ret_use->resident = number (fields, RESIDENT) * (guint64) sysconf (_SC_PAGESIZE) / 1024;
  return TRUE;
}
