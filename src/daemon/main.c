/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib-unix.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "daemon/hide.h"
#include "daemon/keys.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/remote.h"
#include "daemon/sockets.h"
#include "host/vm.h"
#include "pki/problem.h"
#include "sasl/options.h"

#define BUSY_MS      5000u /* the root is held by somebody else for so long at most */
#define BUSY_STEP_MS 50u
#define FAIL_MS      1000u /* a client that does not log in hears so after it */
#define FDS_BESIDE   256   /* descriptors besides those of clients: guests, files */

typedef struct
{
  char *root, *config;
  gboolean shows_version, checks, listens;
} Options;

static gboolean
allow (const VcRpcPeer *peer, gboolean is_read_only, gpointer data, GError **error)
{
  VcDaemon *daemon = data;

  return vc_daemon_conf_allows (daemon->conf, peer, is_read_only, error);
}

static gboolean
wants_login (const VcRpcPeer *peer, gboolean is_read_only, gpointer data)
{
  const VcDaemon *daemon = data;

  return vc_daemon_conf_wants_login (daemon->conf, peer, is_read_only);
}

static void
on_trouble (const VcRpcClient *client, const GError *why, gpointer data)
{
  static VcLogSeldom dropped, refused;
  g_autofree char *who = client != NULL ? vc_rpc_client_print (client) : NULL;

  if (client != NULL)
    vc_log_seldom (&dropped, VC_LOG_WARNING, "client %" G_GUINT64_FORMAT " (%s): %s",
                   vc_rpc_client_number (client), who, why->message);
  else
    vc_log_seldom (&refused, VC_LOG_WARNING, "a client was not let in: %s", why->message);
}

static void
on_change (const VcRpcChange *change, gpointer data)
{
  g_autofree char *who = vc_log_quote (change->who);
  g_autofree char *domain = change->domain != NULL ? vc_log_quote (change->domain) : g_strdup ("-");
  g_autofree char *result = change->error != NULL ? vc_log_quote (change->error->message) : g_strdup ("ok");

  vc_log_book ("client=%" G_GUINT64_FORMAT " who=%s call=%s domain=%s result=%s", change->client, who,
               change->call->api, domain, result);
}

static void
on_not_autostarted (VcGuest *guest, const GError *error, gpointer data)
{
  if (error != NULL)
    vc_log (VC_LOG_ERROR, "a guest was not started with the host: %s", error->message);
}

static void
on_event (const VcEvent *event, gpointer data)
{
  if (event->kind == VC_EVENT_LIFECYCLE && event->event == VC_LIFE_STOPPED && event->text != NULL)
    vc_log (VC_LOG_WARNING, "guest '%s' (%s) has ended: %s", event->name, event->uuid, event->text);
}

static gboolean
on_hangup (gpointer data)
{
  VcDaemon *daemon = data;

  if (daemon->remote != NULL)
    vc_remote_again (daemon->remote);
  else
    vc_log (VC_LOG_INFO, "TLS is not served: there is nothing to read again");
  return G_SOURCE_CONTINUE;
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static void
say_warnings (const GPtrArray *warnings)
{
  for (guint i = 0; i < warnings->len; i++)
    vc_log (VC_LOG_WARNING, "%s", (const char *) warnings->pdata[i]);
}

static void
raise_limit (guint clients)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= clients + FDS_BESIDE)
    return;
  limit.rlim_cur = MIN (limit.rlim_max, clients + FDS_BESIDE);
  setrlimit (RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < clients + FDS_BESIDE)
    vc_log (VC_LOG_WARNING, "max_clients is %u, and this process may have %lu open files only", clients,
            (unsigned long) limit.rlim_cur);
}

static gboolean
on_late (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Guests that were to end with their connections are ending now.  One whose QEMU cannot even be killed is
 * left to the next daemon. */
static void
wait_for_owned (VcManager *manager)
{
  gboolean is_late = FALSE;
  guint source = g_timeout_add (2 * VC_VM_STOP_MS, on_late, &is_late);

  while (!is_late && vc_manager_n_owned (manager) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

static gboolean
listen_at (VcRpcServer *server, VcSockets *sockets, GError **error)
{
  for (guint i = 0; i < sockets->n; i++)
    if (!vc_rpc_server_listen (server, g_steal_fd (&sockets->all[i].fd), sockets->all[i].is_read_only, error))
      return FALSE;
  return TRUE;
}

/* The network, where somebody wants it: --listen, or a socket of systemd's. */
static gboolean
serve_network (VcDaemon *daemon, VcSockets *sockets, GError **error)
{
  const VcTlsConf *conf = &daemon->conf->tls;

  if (!conf->listens && (daemon->listens || sockets->n_network > 0))
    vc_log (VC_LOG_WARNING, "TLS is not served: listen_tls is 0");
  if (!conf->listens || (!daemon->listens && sockets->n_network == 0))
    return TRUE;
  daemon->remote = vc_remote_new (conf, daemon->paths->run, daemon->server, error);
  if (daemon->remote == NULL)
    return FALSE;
  while (sockets->n_network > 0)
    if (!vc_remote_take (daemon->remote, sockets->network[--sockets->n_network], error))
      return FALSE;
  if (daemon->listens)
    vc_remote_listen (daemon->remote);
  return TRUE;
}

/* From here on clients are served; what waited in systemd's sockets comes first. */
static gboolean
serve (VcDaemon *daemon, GError **error)
{
  static const VcRpcService service = { .allow = allow, .on_gone = vc_daemon_gone, .on_trouble = on_trouble };
  VcRpcService whole = service;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (VcSockets) sockets = vc_sockets_new (daemon->paths, daemon->conf, error);
  g_autoptr (VcRpcServer) server = NULL;
  g_autoptr (VcRemote) remote = NULL;
  gboolean is_reachable;
  guint listener, logger;

  if (sockets == NULL)
    return FALSE;
  whole.handlers = vc_handlers_all ();
  whole.wants_login = wants_login;
  whole.on_change = daemon->conf->audits ? on_change : NULL;
  server = daemon->server = vc_rpc_server_new (&whole, &daemon->conf->limits, NULL, daemon, error);
  if (server == NULL || !listen_at (server, sockets, error))
    return FALSE;
  is_reachable = serve_network (daemon, sockets, error);
  remote = daemon->remote;
  if (!is_reachable)
    return FALSE;
  listener = vc_manager_listen (daemon->manager, vc_daemon_tell, daemon);
  logger = vc_manager_listen (daemon->manager, on_event, NULL);
  vc_daemon_start_pools (daemon);
  vc_manager_autostart (daemon->manager, on_not_autostarted, NULL);
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  g_unix_signal_add (SIGHUP, on_hangup, daemon);
  vc_log (VC_LOG_INFO, "virtcardd %s serves '%s'", VC_VERSION, daemon->paths->run);
  vc_notify ("READY=1");
  g_main_loop_run (loop);
  vc_notify ("STOPPING=1");
  vc_log (VC_LOG_INFO, "virtcardd stops; guests go on");
  vc_manager_unlisten (daemon->manager, listener);
  vc_manager_unlisten (daemon->manager, logger);
  daemon->remote = NULL;
  g_clear_pointer (&remote, vc_remote_free);
  g_clear_pointer (&server, vc_rpc_server_free);
  wait_for_owned (daemon->manager);
  return TRUE;
}

static void
warn (const char *words)
{
  vc_log (VC_LOG_WARNING, "%s", words);
}

/* A command that holds the root is soon done. */
static VcManager *
open_manager (const VcPaths *paths, GPtrArray *warnings, GError **error)
{
  for (guint ms = 0; ms < BUSY_MS; ms += BUSY_STEP_MS)
    {
      g_autoptr (GError) why = NULL;
      VcManager *manager = vc_manager_new (paths, warnings, &why);

      if (manager != NULL || !g_error_matches (why, VC_ERROR, VC_ERROR_BUSY))
        {
          if (why != NULL)
            g_propagate_error (error, g_steal_pointer (&why));
          return manager;
        }
      poll (NULL, 0, BUSY_STEP_MS);
    }
  return vc_manager_new (paths, warnings, error);
}

static gboolean
logs_in (const VcDaemonConf *conf)
{
  return conf->tls.logs_in || conf->rw_logs_in || conf->ro_logs_in;
}

static gboolean
check_logins (const VcPaths *paths, const VcDaemonConf *conf, GError **error)
{
  g_autoptr (VcSaslOptions) options = logs_in (conf) ? vc_sasl_options_find (paths->etc, error) : NULL;

  return !logs_in (conf) || options != NULL;
}

/* Where somebody has to.  That nobody can is told, and does not keep those out who need not. */
static gboolean
begin_logins (VcDaemon *daemon, GPtrArray *warnings, GError **error)
{
  const VcDaemonConf *conf = daemon->conf;
  g_autoptr (GError) why = NULL;

  if (!logs_in (conf))
    return TRUE;
  daemon->logins = vc_logins_new (conf, daemon->paths->etc, FAIL_MS, error);
  if (daemon->logins != NULL && !vc_logins_check (&why))
    g_ptr_array_add (warnings, g_strdup_printf ("nobody can log in: %s", why->message));
  return daemon->logins != NULL;
}

static gboolean
run (const VcPaths *paths, const VcDaemonConf *conf, gboolean listens, GError **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (VcManager) manager = NULL;
  VcDaemon daemon = { .paths = paths, .conf = conf, .listens = listens, .warn = warn };
  gboolean done = FALSE;

  vc_log_open (conf->log_level);
  if (conf->tls.listens && (listens || g_getenv ("LISTEN_FDS") != NULL))
    vc_hide_begin ();
  raise_limit (conf->limits.max_clients + conf->limits.reserve + (listens ? conf->tls.max_handshakes : 0));
  signal (SIGPIPE, SIG_IGN);
  manager = daemon.manager = open_manager (paths, warnings, error);
  daemon.uri = g_strdup (getuid () == 0 ? "qemu:///system" : "qemu:///session");
  if (manager != NULL && vc_daemon_begin (&daemon, warnings, error)
      && begin_logins (&daemon, warnings, error))
    {
      say_warnings (warnings);
      vc_manager_set_max_guests (manager, conf->max_domains);
      done = serve (&daemon, error);
    }
  else
    say_warnings (warnings);
  g_clear_pointer (&daemon.logins, vc_logins_free);
  vc_daemon_end (&daemon);
  g_free (daemon.uri);
  return done;
}

static gboolean
read_options (int argc, char **argv, Options *ret_options, GError **error)
{
  const GOptionEntry entries[] = {
    { "root", 0, 0, G_OPTION_ARG_FILENAME, &ret_options->root, "folder that everything is kept below",
      "DIR" },
    { "config", 'f', 0, G_OPTION_ARG_FILENAME, &ret_options->config, "settings, instead of virtcardd.conf",
      "FILE" },
    { "listen", 'l', 0, G_OPTION_ARG_NONE, &ret_options->listens, "serve other hosts, over TLS", NULL },
    { "check", 0, 0, G_OPTION_ARG_NONE, &ret_options->checks, "read the settings and end", NULL },
    { "version", 'V', 0, G_OPTION_ARG_NONE, &ret_options->shows_version, "show the version", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (argc > 1)
    return vc_fail (error, VC_ERROR_INVALID, "unexpected argument '%s'", argv[1]);
  return TRUE;
}

static gboolean
check_keys (const VcTlsConf *conf, GError **error)
{
  g_autoptr (GPtrArray) problems = vc_pki_problems_new ();
  g_autoptr (VcCredential) credential = vc_keys_check (conf, problems, error);

  for (guint i = 0; i < problems->len; i++)
    {
      const VcPkiProblem *problem = problems->pdata[i];

      if (credential != NULL || g_strcmp0 (problem->text, (*error)->message) != 0) /* that one goes on */
        fprintf (stderr, "virtcardd: %s\n", problem->text);
    }
  return credential != NULL;
}

static gboolean
begin (const Options *options, GError **error)
{
  g_autoptr (VcPaths) paths = vc_paths_new (options->root, error);
  g_autofree char *path = NULL;
  g_autoptr (VcDaemonConf) conf = NULL;

  if (paths == NULL)
    return FALSE;
  path = options->config != NULL ? g_strdup (options->config)
                                 : g_build_filename (paths->etc, "virtcardd.conf", NULL);
  if (options->config != NULL && access (path, F_OK) < 0)
    return vc_fail (error, VC_ERROR_NOT_FOUND, "'%s' does not exist", path);
  conf = vc_daemon_conf_read (path, error);
  if (conf == NULL)
    return FALSE;
  if (options->checks && !check_logins (paths, conf, error))
    return FALSE;
  if (!options->checks)
    return run (paths, conf, options->listens, error);
  return !options->listens || check_keys (&conf->tls, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Options options = { 0 };
  gboolean done;

  setlocale (LC_CTYPE, "");
  if (!read_options (argc, argv, &options, &error))
    {
      fprintf (stderr, "virtcardd: %s\n", error->message);
      return 2;
    }
  if (options.shows_version)
    {
      puts ("virtcardd " VC_VERSION);
      return 0;
    }
  done = begin (&options, &error);
  g_free (options.root);
  g_free (options.config);
  if (!done)
    fprintf (stderr, "virtcardd: %s\n", error->message);
  return done ? 0 : 1;
}
