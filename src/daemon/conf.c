/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/conf.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "host/settings.h"
#include "host/user.h"
#include "pki/credential.h"

#define TLS_PORT   "16514"
#define LOCAL_PART 5 /* one of so many places is kept for who is here */

typedef enum
{
  NUMBER,  /* into a guint, within its limits            */
  SECONDS, /* into milliseconds; -1 is 0                 */
  MODE,    /* permissions, in quotes, in octal           */
  STRING,
  LIST,
  FLAG,
  AUTH, /* "none" or "sasl", into a gboolean: are clients to log in? */
  ZERO, /* only 0: anything else would be less protection */
  UNUSED,
} Sort;

typedef struct
{
  const char *key;
  Sort sort;
  gsize at;
  gint64 min, max;
  const char *why; /* of ZERO */
} Row;

#define AT(member) offsetof (VcDaemonConf, member)

/* clang-format off */
static const Row rows[] = {
  { "unix_sock_dir", STRING, AT (sock_dir) },
  { "libvirt_sock_dir", STRING, AT (libvirt_dir) },
  { "unix_sock_group", STRING, AT (sock_group) },
  { "unix_sock_rw_perms", MODE, AT (rw_mode) },
  { "unix_sock_ro_perms", MODE, AT (ro_mode) },
  { "unix_sock_users", LIST, AT (users) },
  { "unix_sock_groups", LIST, AT (groups) },
  { "unix_sock_ro_open", FLAG, AT (ro_is_open) },
  { "auth_unix_rw", AUTH, AT (rw_logs_in) },
  { "auth_unix_ro", AUTH, AT (ro_logs_in) },
  { "listen_tls", FLAG, AT (tls.listens) },
  { "listen_tcp", ZERO, .why = "nothing is served without TLS on a network" },
  { "listen_addr", STRING, AT (tls.address) },
  { "tls_port", STRING, AT (tls.port) },
  { "key_file", STRING, AT (tls.key) },
  { "cert_file", STRING, AT (tls.cert) },
  { "ca_file", STRING, AT (tls.ca) },
  { "crl_file", STRING, AT (tls.crl) },
  { "tls_allowed_dn_list", LIST, AT (tls.allowed) },
  { "tls_no_verify_certificate", FLAG, AT (tls.no_verify) },
  { "tls_priority", STRING, AT (tls.priority) },
  { "auth_tls", AUTH, AT (tls.logs_in) },
  { "sasl_allowed_username_list", LIST, AT (sasl_names) },
  { "max_anonymous_clients", NUMBER, AT (tls.max_handshakes), 1, 100000 },
  { "tls_handshake_timeout", SECONDS, AT (tls.handshake_ms), 1, 3600 },
  { "tls_handshake_workers", NUMBER, AT (tls.workers), 1, 64 },
  { "max_tls_clients", NUMBER, AT (limits.max_remote), 1, 100000 },
  { "max_clients", NUMBER, AT (limits.max_clients), 1, 100000 },
  { "max_client_requests", NUMBER, AT (limits.max_requests), 1, 1000 },
  { "max_client_memory", NUMBER, AT (limits.max_memory), 64, 1048576 },
  { "keepalive_interval", SECONDS, AT (limits.keepalive_ms), 0, 86400 },
  { "keepalive_count", NUMBER, AT (limits.keepalive_n), 0, 1000 },
  { "max_domains", NUMBER, AT (max_domains), 1, 100000 },
  { "log_level", NUMBER, AT (log_level), 1, 4 },
  { "audit_logging", FLAG, AT (audits) },

  /* Of threads, of what is never served, of another daemon of libvirt's; and our own certificate is always
   * looked at. */
  { "tcp_port", UNUSED }, { "auth_tcp", UNUSED }, { "tls_no_sanity_certificate", UNUSED },
  { "min_workers", UNUSED }, { "max_workers", UNUSED }, { "prio_workers", UNUSED },
  { "max_requests", UNUSED }, { "max_queued_clients", UNUSED },
  { "admin_min_workers", UNUSED }, { "admin_max_workers", UNUSED }, { "admin_max_clients", UNUSED },
  { "admin_max_queued_clients", UNUSED }, { "admin_max_client_requests", UNUSED },
  { "admin_keepalive_interval", UNUSED }, { "admin_keepalive_count", UNUSED },
  { "unix_sock_admin_perms", UNUSED }, { "host_uuid", UNUSED }, { "host_uuid_source", UNUSED },
  { "ovs_timeout", UNUSED },
};
/* clang-format on */

static gsize
find (const char *key)
{
  gsize i = 0;

  while (i < G_N_ELEMENTS (rows) && strcmp (rows[i].key, key) != 0)
    i++;
  return i;
}

static gboolean
is_known (const char *key)
{
  return find (key) < G_N_ELEMENTS (rows);
}

static gboolean
put_number (const Row *row, const VcSetting *setting, gpointer at, GError **error)
{
  gint64 value = setting->number;

  if (setting->sort != VC_SETTING_NUMBER)
    return vc_setting_fail (error, "'%s' must be a number", row->key);
  if (row->sort == SECONDS && value == -1)
    value = 0;
  if (value < row->min || value > row->max)
    return vc_setting_fail (error, "'%s' must be from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, row->key,
                            row->min, row->max);
  *(guint *) at = (guint) value * (row->sort == SECONDS ? 1000u : 1u);
  return TRUE;
}

static gboolean
put_mode (const Row *row, const VcSetting *setting, gpointer at, GError **error)
{
  guint64 mode;

  if (setting->sort != VC_SETTING_STRING
      || !g_ascii_string_to_unsigned (setting->string, 8, 0, 0777, &mode, NULL))
    return vc_setting_fail (error, "'%s' must be permissions in quotes, such as \"0770\"", row->key);
  *(mode_t *) at = (mode_t) mode;
  return TRUE;
}

static gboolean
put (VcSetting *setting, gpointer data, GError **error)
{
  static const char *const auths[] = { "none", "sasl", NULL };
  const Row *row = &rows[find (setting->key)];
  gpointer at = G_STRUCT_MEMBER_P (data, row->at);

  switch (row->sort)
    {
    case NUMBER:
    case SECONDS:
      return put_number (row, setting, at, error);
    case MODE:
      return put_mode (row, setting, at, error);
    case FLAG:
      if (setting->sort != VC_SETTING_NUMBER || (setting->number != 0 && setting->number != 1))
        return vc_setting_fail (error, "'%s' must be 0 or 1", row->key);
      *(gboolean *) at = setting->number != 0;
      return TRUE;
    case LIST:
      if (setting->sort != VC_SETTING_LIST)
        return vc_setting_fail (error, "'%s' must be a list of strings", row->key);
      *(char ***) at = g_steal_pointer (&setting->list);
      return TRUE;
    case AUTH:
      if (setting->sort != VC_SETTING_STRING || !g_strv_contains (auths, setting->string))
        return vc_setting_fail (error, "'%s' can only be \"none\" or \"sasl\"", row->key);
      *(gboolean *) at = strcmp (setting->string, "sasl") == 0;
      return TRUE;
    case ZERO:
      if (setting->sort != VC_SETTING_NUMBER || setting->number != 0)
        return vc_setting_fail (error, "'%s' can only be 0: %s", row->key, row->why);
      return TRUE;
    case UNUSED:
      return TRUE;
    case STRING:
      break;
    }
  if (setting->sort != VC_SETTING_STRING || *setting->string == '\0')
    return vc_setting_fail (error, "'%s' must be a string in quotes", row->key);
  g_free (*(char **) at); /* what it is by itself */
  *(char **) at = g_steal_pointer (&setting->string);
  return TRUE;
}

/* What takes several settings to see. */
static gboolean
check_tls (VcDaemonConf *conf, const char *path, GError **error)
{
  const VcTlsConf *tls = &conf->tls;
  const char *const files[] = { tls->key, tls->cert, tls->ca, tls->crl };
  guint n = (tls->key != NULL) + (tls->cert != NULL) + (tls->ca != NULL);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (files[i] != NULL && *files[i] != '/')
      return vc_fail (error, VC_ERROR_INVALID, "%s: '%s' is not an absolute path", path, files[i]);
  if (n != 0 && n != 3)
    return vc_fail (error, VC_ERROR_INVALID, "%s: key_file, cert_file and ca_file go together: %s is not set",
                    path,
                    tls->key == NULL    ? "key_file"
                    : tls->cert == NULL ? "cert_file"
                                        : "ca_file");
  if (tls->priority != NULL && !vc_tls_priority_check (tls->priority, error))
    return vc_prefix (error, "%s: tls_priority: ", path);
  if (tls->no_verify && !tls->logs_in)
    return vc_fail (error, VC_ERROR_INVALID,
                    "%s: tls_no_verify_certificate is 1, and auth_tls is \"none\": anybody could connect",
                    path);
  if (tls->no_verify && tls->allowed != NULL)
    return vc_fail (error, VC_ERROR_INVALID,
                    "%s: tls_no_verify_certificate is 1: tls_allowed_dn_list would keep nobody out", path);
  if (conf->limits.max_remote > conf->limits.max_clients)
    return vc_fail (error, VC_ERROR_INVALID, "%s: max_tls_clients is more than max_clients", path);
  if (conf->limits.max_remote == 0)
    conf->limits.max_remote = conf->limits.max_clients - conf->limits.max_clients / LOCAL_PART;
  return TRUE;
}

VcDaemonConf *
vc_daemon_conf_read (const char *path, GError **error)
{
  static const VcSettingsReader reader = { is_known, put };
  g_autoptr (VcDaemonConf) conf = g_new0 (VcDaemonConf, 1);

  conf->limits = VC_RPC_LIMITS;
  conf->max_domains = 100000;
  conf->rw_mode = 0700;
  conf->ro_mode = 0700;
  conf->log_level = 2;
  conf->audits = TRUE;
  conf->tls = (VcTlsConf){
    .listens = TRUE, .port = g_strdup (TLS_PORT), .max_handshakes = 200, .handshake_ms = 10000, .workers = 2
  };
  conf->limits.max_remote = 0;
  if (!vc_settings_read (path, &reader, conf, error))
    return NULL;
  if (conf->sock_dir != NULL && *conf->sock_dir != '/')
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: unix_sock_dir: '%s' is not an absolute path", path,
                         conf->sock_dir);
  if (conf->libvirt_dir != NULL && *conf->libvirt_dir != '/')
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: libvirt_sock_dir: '%s' is not an absolute path", path,
                         conf->libvirt_dir);
  if (!check_tls (conf, path, error))
    return NULL;
  if (conf->sasl_names != NULL && !conf->tls.logs_in && !conf->rw_logs_in && !conf->ro_logs_in)
    return vc_fail_null (
        error, VC_ERROR_INVALID,
        "%s: sasl_allowed_username_list would keep nobody out: none of auth_tls, auth_unix_rw "
        "and auth_unix_ro is \"sasl\"",
        path);
  conf->limits.max_unknown = conf->tls.max_handshakes;
  return g_steal_pointer (&conf);
}

/* Names and numbers are looked up when somebody comes: users come and go while the daemon runs. */
static gboolean
is_user (char **names, uid_t uid)
{
  for (; names != NULL && *names != NULL; names++)
    {
      g_autoptr (VcUser) user = vc_user_get (*names, NULL, NULL);

      if (user != NULL && user->uid == uid)
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_group (const VcUser *user, const char *name)
{
  g_autofree char *self = g_strdup_printf ("+%u", (guint) getuid ());
  g_autoptr (VcUser) group = vc_user_get (self, name, NULL);

  for (guint i = 0; group != NULL && i < user->n_groups; i++)
    if (user->groups[i] == group->gid)
      return TRUE;
  return FALSE;
}

gboolean
vc_daemon_conf_wants_login (const VcDaemonConf *conf, const VcRpcPeer *peer, gboolean is_read_only)
{
  if (peer->address != NULL)
    return conf->tls.logs_in;
  return is_read_only ? conf->ro_logs_in : conf->rw_logs_in;
}

gboolean
vc_daemon_conf_allows_user (const VcDaemonConf *conf, const char *user)
{
  for (char **name = conf->sasl_names; name != NULL && *name != NULL; name++)
    if (g_pattern_match_simple (*name, user))
      return TRUE;
  return conf->sasl_names == NULL;
}

static gboolean
is_member (const VcDaemonConf *conf, const VcRpcPeer *peer)
{
  g_autofree char *number = g_strdup_printf ("+%u", (guint) peer->uid);
  g_autoptr (VcUser) user = NULL;

  if (conf->groups == NULL && conf->sock_group == NULL)
    return FALSE;
  user = vc_user_get (number, NULL, NULL);
  if (user == NULL)
    return FALSE;
  for (char **name = conf->groups; name != NULL && *name != NULL; name++)
    if (has_group (user, *name))
      return TRUE;
  return conf->sock_group != NULL && has_group (user, conf->sock_group);
}

gboolean
vc_daemon_conf_allows (const VcDaemonConf *conf, const VcRpcPeer *peer, gboolean is_read_only, GError **error)
{
  if (peer->uid == 0 || peer->uid == getuid () || (is_read_only && conf->ro_is_open)
      || is_user (conf->users, peer->uid) || is_member (conf, peer))
    return TRUE;
  return vc_fail (error, VC_ERROR_DENIED, "user %u (process %d) may not connect", (guint) peer->uid,
                  (int) peer->pid);
}

void
vc_daemon_conf_free (VcDaemonConf *conf)
{
  if (conf == NULL)
    return;
  g_free (conf->sock_dir);
  g_free (conf->libvirt_dir);
  g_free (conf->sock_group);
  g_strfreev (conf->users);
  g_strfreev (conf->groups);
  g_strfreev (conf->sasl_names);
  g_free (conf->tls.address);
  g_free (conf->tls.port);
  g_free (conf->tls.key);
  g_free (conf->tls.cert);
  g_free (conf->tls.ca);
  g_free (conf->tls.crl);
  g_strfreev (conf->tls.allowed);
  g_free (conf->tls.priority);
  g_free (conf);
}
