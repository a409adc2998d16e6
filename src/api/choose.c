/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <unistd.h>

#include "api/internal.h"
#include "api/places.h"
#include "base/error.h"
#include "daemon/conf.h"

#define SOCKET    "virtcard-sock"
#define SOCKET_RO "virtcard-sock-ro"

static VcPaths *
find_paths (const VcUri *uri, GError **error)
{
  gboolean is_named = uri->root != NULL || g_getenv ("VIRTCARD_ROOT") != NULL;

  if (uri->place == VC_URI_SESSION && !is_named && geteuid () == 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "root has no session of its own: use qemu:///system");
  if (uri->place == VC_URI_SYSTEM && !is_named)
    return vc_paths_new ("/", error);
  return vc_paths_new (uri->root, error);
}

/* A daemon's settings may move its sockets; if they cannot be read it does not run. */
char *
vc_places_find (const VcPaths *paths, gboolean is_read_only)
{
  g_autofree char *file = g_build_filename (paths->etc, "virtcardd.conf", NULL);
  g_autoptr (VcDaemonConf) conf = vc_daemon_conf_read (file, NULL);
  const char *folder = conf != NULL && conf->sock_dir != NULL ? conf->sock_dir : paths->run;

  return g_build_filename (folder, is_read_only ? SOCKET_RO : SOCKET, NULL);
}

char *
vc_places_socket (const VcUri *uri, gboolean is_read_only, GError **error)
{
  g_autoptr (VcPaths) paths = find_paths (uri, error);

  return paths != NULL ? vc_places_find (paths, is_read_only) : NULL;
}

char *
virtcard_connect_choose (const char *root, GError **error)
{
  g_autoptr (VcPaths) paths = vc_paths_new (root, error);
  g_autofree char *path = paths != NULL ? vc_places_find (paths, FALSE) : NULL;
  g_autoptr (GError) why = NULL;
  VcUri uri = { .place = geteuid () == 0 ? VC_URI_SYSTEM : VC_URI_SESSION };
  int fd;

  if (paths == NULL)
    return NULL;
  uri.root = paths->root;
  fd = vc_api_dial (path, &why);
  if (fd >= 0)
    close (fd);
  else if (g_error_matches (why, VC_ERROR, VC_ERROR_NOT_FOUND)
           || g_error_matches (why, VC_ERROR, VC_ERROR_GONE))
    uri.place = VC_URI_EMBED;
  else
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return NULL;
    }
  return vc_uri_print (&uri);
}
