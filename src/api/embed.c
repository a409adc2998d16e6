/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/embed.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/internal.h"
#include "api/places.h"
#include "base/error.h"
#include "daemon/daemon.h"

/* How this works
 *
 *   caller -- client -- pair of sockets -- server -- handlers -- manager
 *
 * Of the daemon everything is used but its own sockets, its log, and that it starts guests with the host.
 */

#define PATIENCE_US (5 * G_USEC_PER_SEC) /* with another command that holds the root for a moment */
#define FOUND_MS    3000 /* for guests that run to say what they do; a hung one keeps no one */

struct VcEmbed
{
  VcPaths *paths;
  VcDaemonConf conf; /* the limits; settings are about those who come from outside */
  VcRpcService service;
  VcDaemon daemon;
  guint listener;
};

/* The caller is this very process. */
static gboolean
allow (const VcRpcPeer *peer, gboolean is_read_only, gpointer data, GError **error)
{
  return TRUE;
}

/* Does a daemon listen?  Then waiting is in vain. */
static gboolean
has_daemon (const VcPaths *paths, char **ret_socket)
{
  g_autofree char *socket = vc_places_find (paths, FALSE);
  int fd = vc_api_dial (socket, NULL);

  if (fd < 0)
    return FALSE;
  close (fd);
  *ret_socket = g_steal_pointer (&socket);
  return TRUE;
}

/* Whoever gives a root back removes a file there first. */
static void
wait_for_change (int watch, gint64 until)
{
  struct pollfd ready = { .fd = watch, .events = POLLIN };
  gint64 left_ms = (until - g_get_monotonic_time ()) / 1000;
  char events[4096];

  poll (&ready, 1, (int) CLAMP (left_ms, 0, G_MAXINT));
  while (read (watch, events, sizeof events) > 0)
    ;
}

static VcManager *
try_again (const VcPaths *paths, GPtrArray *warnings, GError **error)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;
  int watch = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  VcManager *manager = NULL;

  if (watch < 0 || inotify_add_watch (watch, paths->run, IN_DELETE) < 0)
    until = 0;
  for (;;)
    {
      g_autoptr (GError) why = NULL;

      manager = vc_manager_new (paths, warnings, &why);
      if (manager != NULL)
        break;
      if (!g_error_matches (why, VC_ERROR, VC_ERROR_BUSY) || g_get_monotonic_time () >= until)
        {
          g_propagate_error (error, g_steal_pointer (&why));
          break;
        }
      wait_for_change (watch, until);
    }
  if (watch >= 0)
    close (watch);
  return manager;
}

static VcManager *
take_root (const VcPaths *paths, GPtrArray *warnings, GError **error)
{
  g_autofree char *socket = NULL;
  g_autoptr (GError) why = NULL;
  VcManager *manager = vc_manager_new (paths, warnings, &why);

  if (manager != NULL)
    return manager;
  if (!g_error_matches (why, VC_ERROR, VC_ERROR_BUSY))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return NULL;
    }
  if (!has_daemon (paths, &socket))
    return try_again (paths, warnings, error);
  return vc_fail_null (error, VC_ERROR_BUSY, "%s, a daemon: use qemu+unix:///system?socket=%s", why->message,
                       socket);
}

static gboolean
on_timeout (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* What the guests have done while nobody held them is known before the first call. */
static void
wait_for_guests (VcManager *manager)
{
  gboolean is_over = FALSE;
  guint timeout = g_timeout_add (FOUND_MS, on_timeout, &is_over);

  while (!is_over && vc_manager_n_found (manager) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

/* Returns: the caller's end, or -1 with error. */
static int
serve (VcEmbed *embed, gboolean is_read_only, GError **error)
{
  VcDaemon *daemon = &embed->daemon;
  int ends[2];

  embed->service
      = (VcRpcService){ .handlers = vc_handlers_all (), .allow = allow, .on_gone = vc_daemon_gone };
  daemon->server = vc_rpc_server_new (&embed->service, &embed->conf.limits, NULL, daemon, error);
  if (daemon->server == NULL)
    return -1;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    {
      vc_fail_errno (error, errno, "cannot make a pair of sockets");
      return -1;
    }
  if (vc_rpc_server_add (daemon->server, ends[0], is_read_only, error))
    return ends[1];
  close (ends[1]);
  return -1;
}

static gboolean
begin (VcEmbed *embed, const char *root, gboolean is_read_only, GPtrArray *warnings, int *ret_fd,
       GError **error)
{
  VcDaemon *daemon = &embed->daemon;

  embed->paths = vc_paths_new (root, error);
  if (embed->paths == NULL)
    return FALSE;
  embed->conf.limits = VC_RPC_LIMITS;
  daemon->manager = take_root (embed->paths, warnings, error);
  if (daemon->manager == NULL)
    return FALSE;
  daemon->paths = embed->paths;
  daemon->conf = &embed->conf;
  daemon->uri = g_strdup ("qemu:///embed");
  if (!vc_daemon_begin (daemon, warnings, error))
    return FALSE;
  *ret_fd = serve (embed, is_read_only, error);
  if (*ret_fd < 0)
    return FALSE;
  embed->listener = vc_manager_listen (daemon->manager, vc_daemon_tell, daemon);
  wait_for_guests (daemon->manager);
  return TRUE;
}

VcEmbed *
vc_embed_new (const char *root, gboolean is_read_only, GPtrArray *warnings, int *ret_fd, GError **error)
{
  g_autoptr (VcEmbed) embed = g_new0 (VcEmbed, 1);

  return begin (embed, root, is_read_only, warnings, ret_fd, error) ? g_steal_pointer (&embed) : NULL;
}

void
vc_embed_free (VcEmbed *embed)
{
  if (embed == NULL)
    return;
  if (embed->listener != 0)
    vc_manager_unlisten (embed->daemon.manager, embed->listener);
  vc_rpc_server_free (embed->daemon.server);
  /* Guests that were to end with the connection are ending now. */
  while (embed->daemon.manager != NULL && vc_manager_n_owned (embed->daemon.manager) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_clear_pointer (&embed->daemon.manager, vc_manager_free);
  vc_daemon_end (&embed->daemon);
  g_free (embed->daemon.uri);
  vc_paths_free (embed->paths);
  g_free (embed);
}
