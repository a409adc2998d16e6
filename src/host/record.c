/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/record.h"

#include <unistd.h>

#include "base/error.h"
#include "json/json.h"
#include "qemu/proc.h"

#define MAX_BYTES (64u * 1024)

static char *
get_path (const char *folder, const char *uuid)
{
  g_autofree char *name = g_strconcat (uuid, ".json", NULL);

  g_assert (g_uuid_string_is_valid (uuid));
  return g_build_filename (folder, name, NULL);
}

gboolean
vc_record_print (const VcRecord *record, const char *folder, GError **error)
{
  g_autofree char *path = get_path (folder, record->uuid);
  g_autoptr (json_t) json = json_object ();
  g_autoptr (GError) why = NULL;
  g_autofree char *text = NULL;

  if (!vc_json_put_str (json, "uuid", record->uuid, error)
      || !vc_json_put_str (json, "name", record->name, error)
      || !vc_json_put_str (json, "monitor", record->monitor, error))
    return FALSE;
  json_object_set_new (json, "pid", json_integer (record->pid));
  json_object_set_new (json, "started", json_integer ((json_int_t) record->started));
  text = vc_json_print (json);
  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &why))
    return vc_fail (error, VC_ERROR_FAILED, "cannot write '%s': %s", path, why->message);
  return TRUE;
}

VcRecord *
vc_record_read (const char *folder, const char *uuid, GError **error)
{
  g_autofree char *path = get_path (folder, uuid);
  g_autoptr (VcRecord) record = g_new0 (VcRecord, 1);
  g_autoptr (json_t) json = NULL;
  g_autofree char *text = NULL;
  gint64 pid = 0, started = 0;
  gsize len;

  if (!g_file_get_contents (path, &text, &len, NULL))
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "'%s' cannot be read", path);
  json = len <= MAX_BYTES ? vc_json_read (text, len, NULL) : NULL;
  if (json == NULL || !vc_json_int (json, "pid", &pid) || !vc_json_int (json, "started", &started) || pid <= 0
      || pid > G_MAXINT32 || started < 0 || vc_json_str (json, "monitor") == NULL)
    return vc_fail_null (error, VC_ERROR_PROTOCOL, "'%s' is no record of a running guest", path);
  record->uuid = g_strdup (uuid);
  record->name = g_strdup (vc_json_str (json, "name"));
  record->monitor = g_strdup (vc_json_str (json, "monitor"));
  record->pid = (pid_t) pid;
  record->started = (guint64) started;
  return g_steal_pointer (&record);
}

gboolean
vc_record_is_alive (const VcRecord *record)
{
  guint64 started = 0;

  return vc_proc_started (record->pid, &started, NULL) && started == record->started;
}

void
vc_record_remove (const char *folder, const char *uuid)
{
  g_autofree char *path = get_path (folder, uuid);

  unlink (path);
}

void
vc_record_free (VcRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->uuid);
  g_free (record->name);
  g_free (record->monitor);
  g_free (record);
}
