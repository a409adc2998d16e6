/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/conf.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* How this works
 *
 * The text is read left to right, one `key = value` at a time.  A value is first taken as what it is
 * written as (Value); then the key's row says whether that fits and where it goes.  Rows without a
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

typedef struct
{
  const char *at, *end;
  const char *origin;
  guint line;
} Text;

typedef struct
{
  Sort sort; /* NUMBER, STRING or LIST, as written */
  gint64 number;
  char *string;
  gboolean names; /* LIST: one of its words names a driver */
  guint line;     /* where it begins                       */
} Value;

static void
value_clear (Value *value)
{
  g_free (value->string);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Value, value_clear)

static gboolean fail_at (const Text *text, GError **error, guint line, const char *fmt, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
fail_at (const Text *text, GError **error, guint line, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  g_autofree char *words = g_strdup_vprintf (fmt, args);
  va_end (args);
  return vc_fail (error, VC_ERROR_INVALID, "%s:%u: %s", text->origin, line, words);
}

static char
peek (const Text *text)
{
  return text->at < text->end ? *text->at : '\n';
}

static void
skip_blanks (Text *text)
{
  while (text->at < text->end && strchr (" \t\r", *text->at) && *text->at)
    text->at++;
}

static void
skip_comment (Text *text)
{
  if (peek (text) == '#')
    while (text->at < text->end && *text->at != '\n')
      text->at++;
}

/* Blanks, comments and ends of lines, inside a list and between settings. */
static void
skip_lines (Text *text)
{
  for (;;)
    {
      skip_blanks (text);
      skip_comment (text);
      if (text->at == text->end || *text->at != '\n')
        return;
      text->line++;
      text->at++;
    }
}

/* There are no escapes in this format: a string ends at the next quote.  Three quotes begin one that
 * may hold quotes and run over several lines. */
static gboolean
read_string (Text *text, char **ret_string, GError **error)
{
  guint line = text->line;
  gboolean is_long = text->end - text->at >= 3 && memcmp (text->at, "\"\"\"", 3) == 0;
  gsize quotes = is_long ? 3 : 1;
  char quote = *text->at;
  const char *begin = text->at + quotes;

  for (const char *at = begin; (gsize) (text->end - at) >= quotes; at++)
    {
      if (*at == '\n' && !is_long)
        break;
      if (*at == '\n')
        text->line++;
      if (*at != quote || (is_long && memcmp (at, "\"\"\"", 3) != 0))
        continue;
      if (!g_utf8_validate (begin, at - begin, NULL))
        return fail_at (text, error, line, "a string is not UTF-8");
      *ret_string = g_strndup (begin, at - begin);
      text->at = at + quotes;
      return TRUE;
    }
  return fail_at (text, error, line, "a string has no closing quote");
}

static gboolean
read_number (Text *text, gint64 *ret_number, GError **error)
{
  const char *begin = text->at;

  if (*text->at == '-')
    text->at++;
  while (text->at < text->end && g_ascii_isdigit (*text->at))
    text->at++;

  g_autofree char *digits = g_strndup (begin, MIN (text->at - begin, 64));
  g_autoptr (GError) why = NULL;

  if (!g_ascii_string_to_signed (digits, 10, G_MININT64, G_MAXINT64, ret_number, &why))
    return fail_at (text, error, text->line, "'%s' is not a number", digits);
  return TRUE;
}

/* "none" and nothing: no protection is asked for. */
static gboolean
names_driver (const char *word)
{
  return *word != '\0' && strcmp (word, "none") != 0;
}

/* Of what a list says only that it names something is used. */
static gboolean
read_list (Text *text, gboolean *ret_names, GError **error)
{
  guint line = text->line;

  text->at++;
  for (;;)
    {
      g_autofree char *item = NULL;

      skip_lines (text);
      if (text->at == text->end)
        return fail_at (text, error, line, "a list has no closing bracket");
      if (*text->at == ']')
        break;
      if (*text->at != '"' && *text->at != '\'')
        return fail_at (text, error, text->line, "a list may hold only strings in quotes");
      if (!read_string (text, &item, error))
        return FALSE;
      *ret_names = *ret_names || names_driver (item);
      skip_lines (text);
      if (peek (text) == ',')
        text->at++;
      else if (text->at == text->end)
        return fail_at (text, error, line, "a list has no closing bracket");
      else if (*text->at != ']')
        return fail_at (text, error, text->line, "a comma is missing in a list");
    }
  text->at++;
  return TRUE;
}

static gboolean
read_value (Text *text, Value *ret_value, GError **error)
{
  char c = peek (text);

  ret_value->line = text->line;
  if (c == '"' || c == '\'')
    {
      ret_value->sort = STRING;
      return read_string (text, &ret_value->string, error);
    }
  if (c == '[')
    {
      ret_value->sort = LIST;
      return read_list (text, &ret_value->names, error);
    }
  if (c == '-' || g_ascii_isdigit (c))
    {
      ret_value->sort = NUMBER;
      return read_number (text, &ret_value->number, error);
    }
  return fail_at (text, error, text->line, "a value is missing: a number, a string in quotes or a list");
}

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
fits (const Row *row, gboolean either, const Value *value)
{
  if (either && value->sort == LIST)
    return TRUE;
  switch (row->sort)
    {
    case BOOL:
      return value->sort == NUMBER && (value->number == 0 || value->number == 1);
    case LIMIT:
      return value->sort == NUMBER || (value->sort == STRING && strcmp (value->string, "unlimited") == 0);
    case NUMBER:
    case STRING:
    case LIST:
      break;
    }
  return value->sort == row->sort;
}

static void
put (VcQemuConf *conf, const Row *row, Value *value)
{
  if (row->sort == BOOL)
    *(VcTri *) G_STRUCT_MEMBER_P (conf, row->at) = value->number ? VC_TRI_YES : VC_TRI_NO;
  else
    *(char **) G_STRUCT_MEMBER_P (conf, row->at) = g_steal_pointer (&value->string);
  if (row->line_at)
    *(guint *) G_STRUCT_MEMBER_P (conf, row->line_at) = value->line;
}

/* Does the value ask for what its key is about?  An empty password does: it lets nobody in. */
static gboolean
asks (const Value *value, gboolean either)
{
  if (value->sort == NUMBER)
    return value->number != 0;
  if (value->sort == LIST)
    return value->names;
  return !either || names_driver (value->string);
}

static gboolean
read_setting (Text *text, VcQemuConf *conf, GHashTable *seen, GPtrArray *unused, GError **error)
{
  const char *begin = text->at;
  gboolean either;
  g_auto (Value) value = { 0 };

  if (!g_ascii_isalpha (*begin) && *begin != '_')
    return fail_at (text, error, text->line, "expecting a setting: name = value");
  while (text->at < text->end && (g_ascii_isalnum (*text->at) || strchr ("_.-", *text->at)) && *text->at)
    text->at++;

  g_autofree char *key = g_strndup (begin, text->at - begin);
  const Row *row = get_row (key, &either);

  if (!row)
    return fail_at (text, error, text->line, "unknown setting '%.80s'", key);
  skip_blanks (text);
  if (peek (text) != '=')
    return fail_at (text, error, text->line, "'%s' needs '=' and a value", key);
  text->at++;
  skip_blanks (text);
  if (!read_value (text, &value, error))
    return FALSE;
  skip_blanks (text);
  skip_comment (text);
  if (peek (text) != '\n')
    return fail_at (text, error, text->line, "something stands after the value of '%s'", key);

  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (seen, row));

  if (before)
    return fail_at (text, error, value.line, "'%s' was set in line %u already", key, before);
  g_hash_table_insert (seen, (gpointer) row, GUINT_TO_POINTER (value.line));
  if (!fits (row, either, &value))
    return fail_at (text, error, value.line, "'%s' must be %s%s", key, sort_names[row->sort],
                    either ? ", or a list of them" : "");
  if (row->at)
    put (conf, row, &value);
  else
    {
      if (row->guards != VC_GUARDS_NOTHING && asks (&value, either) && conf->guards[row->guards].key == NULL)
        conf->guards[row->guards] = (VcGuard){ .key = row->key, .line = value.line };
      g_ptr_array_add (unused, g_steal_pointer (&key));
    }
  return TRUE;
}

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

VcQemuConf *
vc_qemu_conf_read_text (const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (VcQemuConf) conf = g_new0 (VcQemuConf, 1);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) unused = g_ptr_array_new_with_free_func (g_free);
  Text t = { .at = text, .end = text + len, .origin = origin, .line = 1 };

  conf->origin = g_strdup (origin);
  if (len > VC_QEMU_CONF_MAX_BYTES)
    return vc_fail_null (error, VC_ERROR_LIMIT, "%s: more than %u bytes", origin, VC_QEMU_CONF_MAX_BYTES);
  for (skip_lines (&t); t.at < t.end; skip_lines (&t))
    if (!read_setting (&t, conf, seen, unused, error))
      return NULL;
  g_ptr_array_add (unused, NULL);
  conf->unused = (char **) g_ptr_array_steal (unused, NULL);
  return g_steal_pointer (&conf);
}

VcQemuConf *
vc_qemu_conf_read (const char *path, GError **error)
{
  g_autofree char *text = g_malloc (VC_QEMU_CONF_MAX_BYTES + 1);
  gsize len = 0;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat st;

  if (fd < 0 && errno == ENOENT)
    return vc_qemu_conf_read_text ("", 0, path, error);
  if (fd < 0)
    {
      vc_fail_errno (error, errno, "cannot read '%s'", path);
      return NULL;
    }
  if (fstat (fd, &st) == 0 && !S_ISREG (st.st_mode))
    {
      close (fd);
      return vc_fail_null (error, VC_ERROR_INVALID, "'%s' is not a file", path);
    }
  while (len <= VC_QEMU_CONF_MAX_BYTES)
    {
      gssize n = read (fd, text + len, VC_QEMU_CONF_MAX_BYTES + 1 - len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int errsv = errno;

          close (fd);
          vc_fail_errno (error, errsv, "cannot read '%s'", path);
          return NULL;
        }
      if (n == 0)
        break;
      len += n;
    }
  close (fd);
  return vc_qemu_conf_read_text (text, len, path, error);
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
