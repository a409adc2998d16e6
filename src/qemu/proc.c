/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/proc.h"

#include <string.h>

#include "base/error.h"

#define STATE_FIELD 3
#define START_FIELD 22

gboolean
vc_proc_started (pid_t pid, guint64 *ret_ticks, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *rest;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return vc_fail (error, VC_ERROR_GONE, "there is no process %d", (int) pid);
  /* The second field is the name in brackets; it may hold brackets and blanks itself. */
  rest = strrchr (text, ')');
  fields = g_strsplit (rest != NULL && rest[1] == ' ' ? rest + 2 : "", " ", -1);
  if (g_strv_length (fields) <= START_FIELD - STATE_FIELD)
    return vc_fail (error, VC_ERROR_FAILED, "'%s' has an unknown form", path);
  if (*fields[0] == 'Z' || *fields[0] == 'X')
    return vc_fail (error, VC_ERROR_GONE, "process %d is dead", (int) pid);
  *ret_ticks = g_ascii_strtoull (fields[START_FIELD - STATE_FIELD], NULL, 10);
  return TRUE;
}
