/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/conf.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "host/settings.h"

/* How this works
 *
 * host/settings.c reads the text; the key's row says whether a value fits and where it goes.  Rows without a
 * place are libvirt's settings that have no meaning here.
 */

typedef enum
{
  BOOL, /* 0 or 1              */
  NUMBER,
  STRING,
  LIST,  /* of strings          */
  LIMIT, /* number or "unlimited" */
} Sort;

static const char *const sort_names[] = {
  [BOOL] = "0 or 1",
  [NUMBER] = "a number",
  [STRING] = "a string in quotes",
  [LIST] = "a list of strings",
  [LIMIT] = "a number or \"unlimited\"",
};

typedef struct
{
  const char *key;
  Sort sort;
  gsize at;        /* in VcQemuConf; 0: not used (guards stand at 0)   */
  gsize line_at;   /* where the line goes, 0: nowhere                   */
  VcGuards guards; /* what it asks to protect, and is not done here   */
} Row;

/* clang-format off */
#define USED(sort, key, member) { key, sort, offsetof (VcQemuConf, member), 0 }
#define TEXT(key, member)       { key, STRING, offsetof (VcQemuConf, member), offsetof (VcQemuConf, member##_line) }
/* clang-format on */

static const Row rows[] = {
  TEXT ("user", user),
  TEXT ("group", group),
  USED (BOOL, "dynamic_ownership", dynamic_ownership),
  USED (BOOL, "chardev_tls", chardev_tls),
  TEXT ("chardev_tls_x509_cert_dir", chardev_tls_cert_dir),
  USED (BOOL, "chardev_tls_x509_verify", chardev_tls_verify),
  TEXT ("chardev_tls_x509_secret_uuid", chardev_tls_secret),
  TEXT ("default_tls_x509_cert_dir", default_tls_cert_dir),
  USED (BOOL, "default_tls_x509_verify", default_tls_verify),
  TEXT ("default_tls_x509_secret_uuid", default_tls_secret),
  USED (BOOL, "spice_tls", spice_tls),
  TEXT ("spice_tls_x509_cert_dir", spice_tls_cert_dir),

  { "vnc_listen", STRING },
  { "vnc_auto_unix_socket", BOOL },
  { "vnc_tls", BOOL, 0, 0, VC_GUARDS_VNC },
  { "vnc_tls_x509_cert_dir", STRING },
  { "vnc_tls_x509_verify", BOOL },
  { "vnc_tls_x509_secret_uuid", STRING },
  { "vnc_password", STRING, 0, 0, VC_GUARDS_VNC },
  { "vnc_sasl", BOOL, 0, 0, VC_GUARDS_VNC },
  { "vnc_sasl_dir", STRING },
  { "vnc_allow_host_audio", BOOL },
  { "spice_listen", STRING },
  { "spice_auto_unix_socket", BOOL },
  { "spice_password", STRING, 0, 0, VC_GUARDS_SPICE },
  { "spice_sasl", BOOL, 0, 0, VC_GUARDS_SPICE },
  { "spice_sasl_dir", STRING },
  { "vxhs_tls", BOOL },
  { "vxhs_tls_x509_cert_dir", STRING },
  { "vxhs_tls_x509_secret_uuid", STRING },
  { "nbd_tls", BOOL },
  { "nbd_tls_x509_cert_dir", STRING },
  { "nbd_tls_x509_secret_uuid", STRING },
  { "migrate_tls_x509_cert_dir", STRING },
  { "migrate_tls_x509_verify", BOOL },
  { "migrate_tls_x509_secret_uuid", STRING },
  { "migrate_tls_force", BOOL },
  { "backup_tls_x509_cert_dir", STRING },
  { "backup_tls_x509_verify", BOOL },
  { "backup_tls_x509_secret_uuid", STRING },
  { "nographics_allow_host_audio", BOOL },
  { "remote_display_port_min", NUMBER },
  { "remote_display_port_max", NUMBER },
  { "remote_websocket_port_min", NUMBER },
  { "remote_websocket_port_max", NUMBER },
  { "remember_owner", BOOL },
  { "cgroup_controllers", LIST },
  { "cgroup_device_acl", LIST },
  { "seccomp_sandbox", NUMBER },
  { "namespaces", LIST },
  { "security_default_confined", BOOL },
  { "security_require_confined", BOOL, 0, 0, VC_GUARDS_GUEST },
  { "save_image_format", STRING },
  { "dump_image_format", STRING },
  { "snapshot_image_format", STRING },
  { "auto_dump_path", STRING },
  { "auto_dump_bypass_cache", BOOL },
  { "auto_start_bypass_cache", BOOL },
  { "bridge_helper", STRING },
  { "pr_helper", STRING },
  { "slirp_helper", STRING },
  { "dbus_daemon", STRING },
  { "set_process_name", BOOL },
  { "max_processes", NUMBER },
  { "max_files", NUMBER },
  { "max_threads_per_process", NUMBER },
  { "max_core", LIMIT },
  { "dump_guest_core", BOOL },
  { "sched_core", STRING },
  { "stdio_handler", STRING },
  { "mac_filter", BOOL },
  { "relaxed_acs_check", BOOL },
  { "allow_disk_format_probing", BOOL },
  { "clear_emulator_capabilities", BOOL },
  { "lock_manager", STRING },
  { "max_queued", NUMBER },
  { "keepalive_interval", NUMBER },
  { "keepalive_count", NUMBER },
  { "migration_address", STRING },
  { "migration_host", STRING },
  { "migration_port_min", NUMBER },
  { "migration_port_max", NUMBER },
  { "log_timestamp", BOOL },
  { "nvram", LIST },
  { "gluster_debug_level", NUMBER },
  { "virtiofsd_debug", BOOL },
  { "deprecation_behavior", STRING },
  { "memory_backing_dir", STRING },
  { "swtpm_user", STRING },
  { "swtpm_group", STRING },
  { "capability_filters", LIST },
};

/* One string or a list of them in libvirt. */
static const Row either_rows[] = {
  { "security_driver", STRING, 0, 0, VC_GUARDS_GUEST },
  { "hugetlbfs_mount", STRING },
};

static_assert (G_N_ELEMENTS (sort_names) == LIMIT + 1, "every sort of value has words");

/* What is being read. */
typedef struct
{
  VcQemuConf *conf;
  GPtrArray *unused;
} Reading;

static const Row *
get_row (const char *key, gboolean *ret_either)
{
  *ret_either = FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].key, key) == 0)
      return &rows[i];
  *ret_either = TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (either_rows); i++)
    if (strcmp (either_rows[i].key, key) == 0)
      return &either_rows[i];
  return NULL;
}

static gboolean
fits (const Row *row, gboolean either, const VcSetting *value)
{
  if (either && value->sort == VC_SETTING_LIST)
    return TRUE;
  switch (row->sort)
    {
    case BOOL:
      return value->sort == VC_SETTING_NUMBER && (value->number == 0 || value->number == 1);
    case LIMIT:
      return value->sort == VC_SETTING_NUMBER
             || (value->sort == VC_SETTING_STRING && strcmp (value->string, "unlimited") == 0);
    case NUMBER:
      return value->sort == VC_SETTING_NUMBER;
    case STRING:
      return value->sort == VC_SETTING_STRING;
    case LIST:
      return value->sort == VC_SETTING_LIST;
    }
  g_assert_not_reached ();
}

static void
put (VcQemuConf *conf, const Row *row, VcSetting *value)
{
  if (row->sort == BOOL)
    *(VcTri *) G_STRUCT_MEMBER_P (conf, row->at) = value->number ? VC_TRI_YES : VC_TRI_NO;
  else
    *(char **) G_STRUCT_MEMBER_P (conf, row->at) = g_steal_pointer (&value->string);
  if (row->line_at)
    *(guint *) G_STRUCT_MEMBER_P (conf, row->line_at) = value->line;
}

/* "none" and nothing: no protection is asked for. */
static gboolean
names_driver (const char *word)
{
  return *word != '\0' && strcmp (word, "none") != 0;
}

/* Does the value ask for what its key is about?  An empty password does: it lets nobody in. */
static gboolean
asks (const VcSetting *value, gboolean either)
{
  if (value->sort == VC_SETTING_NUMBER)
    return value->number != 0;
  if (value->sort == VC_SETTING_STRING)
    return !either || names_driver (value->string);
  for (char **word = value->list; *word != NULL; word++)
    if (names_driver (*word))
      return TRUE;
  return FALSE;
}

static gboolean
is_known (const char *key)
{
  gboolean either;

  return get_row (key, &either) != NULL;
}

static gboolean
put_setting (VcSetting *value, gpointer data, GError **error)
{
  Reading *reading = data;
  VcQemuConf *conf = reading->conf;
  gboolean either;
  const Row *row = get_row (value->key, &either);

  if (!fits (row, either, value))
    return vc_setting_fail (error, "'%s' must be %s%s", value->key, sort_names[row->sort],
                            either ? ", or a list of them" : "");
  if (row->at)
    {
      put (conf, row, value);
      return TRUE;
    }
  if (row->guards != VC_GUARDS_NOTHING && asks (value, either) && conf->guards[row->guards].key == NULL)
    conf->guards[row->guards] = (VcGuard){ .key = row->key, .line = value->line };
  g_ptr_array_add (reading->unused, g_strdup (value->key));
  return TRUE;
}

static const VcSettingsReader reader = { is_known, put_setting };

gboolean
vc_qemu_conf_guards (const VcQemuConf *conf, VcGuards what, GError **error)
{
  static const char *const words[]
      = { "", "the guest's VNC server", "the guest's SPICE server", "the guest" };
  const VcGuard *guard = &conf->guards[what];

  if (guard->key == NULL)
    return TRUE;
  return vc_fail (error, VC_ERROR_UNSUPPORTED,
                  "%s:%u: '%s' asks for protection that is not supported here: %s would run without it",
                  conf->origin, guard->line, guard->key, words[what]);
}

static VcQemuConf *
new_conf (const char *origin)
{
  VcQemuConf *conf = g_new0 (VcQemuConf, 1);

  conf->origin = g_strdup (origin);
  return conf;
}

static void
keep_unused (VcQemuConf *conf, GPtrArray *unused)
{
  g_ptr_array_add (unused, NULL);
  conf->unused = (char **) g_ptr_array_steal (unused, NULL);
}

VcQemuConf *
vc_qemu_conf_read_text (const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (VcQemuConf) conf = new_conf (origin);
  g_autoptr (GPtrArray) unused = g_ptr_array_new_with_free_func (g_free);
  Reading reading = { conf, unused };

  if (!vc_settings_read_text (text, len, origin, &reader, &reading, error))
    return NULL;
  keep_unused (conf, unused);
  return g_steal_pointer (&conf);
}

VcQemuConf *
vc_qemu_conf_read (const char *path, GError **error)
{
  g_autoptr (VcQemuConf) conf = new_conf (path);
  g_autoptr (GPtrArray) unused = g_ptr_array_new_with_free_func (g_free);
  Reading reading = { conf, unused };

  if (!vc_settings_read (path, &reader, &reading, error))
    return NULL;
  keep_unused (conf, unused);
  return g_steal_pointer (&conf);
}

void
vc_qemu_conf_free (VcQemuConf *conf)
{
  if (!conf)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].at && rows[i].sort == STRING)
      g_free (*(char **) G_STRUCT_MEMBER_P (conf, rows[i].at));
  g_free (conf->origin);
  g_strfreev (conf->unused);
  g_free (conf);
}
