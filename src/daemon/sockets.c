/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "host/user.h"

#define FIRST_FD 3 /* of those systemd gives */
#define MAX_FDS  2

static gboolean
check_given (int fd, struct sockaddr_un *ret_address, GError **error)
{
  socklen_t len = sizeof *ret_address;
  int listens = 0;
  socklen_t size = sizeof listens;

  memset (ret_address, 0, sizeof *ret_address);
  if (getsockname (fd, (struct sockaddr *) ret_address, &len) < 0 || ret_address->sun_family != AF_UNIX
      || getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 || !listens)
    return vc_fail (error, VC_ERROR_INVALID, "descriptor %d, which systemd gave, is no listening unix socket",
                    fd);
  return fcntl (fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* Which is which is said by the name of its unit, or by its path. */
static gboolean
is_read_only (const char *name, const struct sockaddr_un *address)
{
  return g_str_has_suffix (name, "-ro") || g_str_has_suffix (name, "-ro.socket")
         || g_str_has_suffix (address->sun_path, "-ro");
}

static gboolean
take_given (VcSockets *sockets, guint n, GError **error)
{
  const char *text = g_getenv ("LISTEN_FDNAMES");
  g_auto (GStrv) names = g_strsplit (text != NULL ? text : "", ":", -1);

  if (n > MAX_FDS)
    return vc_fail (error, VC_ERROR_INVALID, "systemd gave %u sockets, and two at most are known", n);
  for (guint i = 0; i < n; i++)
    {
      struct sockaddr_un address;
      int fd = FIRST_FD + (int) i;
      int *place;

      if (!check_given (fd, &address, error))
        return FALSE;
      place
          = is_read_only (i < g_strv_length (names) ? names[i] : "", &address) ? &sockets->ro : &sockets->rw;
      if (*place >= 0)
        return vc_fail (error, VC_ERROR_INVALID, "systemd gave two sockets for the same use");
      *place = fd;
    }
  return TRUE;
}

/* How many descriptors were given to us, and not to who started us. */
static guint
count_given (void)
{
  const char *pid = g_getenv ("LISTEN_PID"), *n = g_getenv ("LISTEN_FDS");
  guint64 number = 0;

  if (pid == NULL || n == NULL || g_ascii_strtoull (pid, NULL, 10) != (guint64) getpid ())
    return 0;
  g_ascii_string_to_unsigned (n, 10, 0, G_MAXINT, &number, NULL);
  return (guint) number;
}

static gboolean
set_group (const char *path, const VcDaemonConf *conf, GError **error)
{
  g_autofree char *self = g_strdup_printf ("+%u", (guint) getuid ());
  g_autoptr (VcUser) group = NULL;

  if (conf->sock_group == NULL)
    return TRUE;
  group = vc_user_get (self, conf->sock_group, error);
  if (group == NULL)
    return vc_prefix (error, "unix_sock_group: ");
  if (lchown (path, (uid_t) -1, group->gid) < 0)
    return vc_fail_errno (error, errno, "cannot give '%s' to group '%s'", path, conf->sock_group);
  return TRUE;
}

/* The file is nobody's until it has its mode and group. */
static int
make (const char *path, mode_t mode, const VcDaemonConf *conf, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = -1;
  mode_t before;
  gboolean bound;

  if (strlen (path) >= sizeof address.sun_path)
    {
      vc_fail (error, VC_ERROR_INVALID, "the path of a socket is too long: '%s' (%zu at most)", path,
               sizeof address.sun_path - 1);
      return -1;
    }
  strcpy (address.sun_path, path);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || (unlink (path) < 0 && errno != ENOENT))
    {
      vc_fail_errno (error, errno, "cannot make the socket '%s'", path);
      if (fd >= 0)
        close (fd);
      return -1;
    }
  before = umask (0177);
  bound = bind (fd, (const struct sockaddr *) &address, sizeof address) == 0;
  umask (before);
  if (bound && set_group (path, conf, error) && chmod (path, mode) == 0 && listen (fd, SOMAXCONN) == 0)
    return fd;
  vc_fail_errno (error, errno, "cannot make the socket '%s'", path);
  close (fd);
  if (bound)
    unlink (path);
  return -1;
}

/* A folder that does not belong to a root may be given to two: they would take each other's sockets away. */
static gboolean
take_folder (VcSockets *sockets, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "virtcard-sock.lock", NULL);
  g_autofree char *what = g_strdup_printf ("'%s' is used", folder);

  sockets->lock = vc_lock_take (path, what, error);
  return sockets->lock != NULL || vc_prefix (error, "unix_sock_dir: ");
}

static gboolean
make_both (VcSockets *sockets, const VcPaths *paths, const VcDaemonConf *conf, GError **error)
{
  const char *folder = conf->sock_dir != NULL ? conf->sock_dir : paths->run;
  g_autofree char *rw = g_build_filename (folder, "virtcard-sock", NULL);
  g_autofree char *ro = g_build_filename (folder, "virtcard-sock-ro", NULL);

  if (conf->sock_dir != NULL && !take_folder (sockets, folder, error))
    return FALSE;
  sockets->rw = make (rw, conf->rw_mode, conf, error);
  if (sockets->rw < 0)
    return FALSE;
  sockets->rw_path = g_steal_pointer (&rw);
  sockets->ro = make (ro, conf->ro_mode, conf, error);
  if (sockets->ro < 0)
    return FALSE;
  sockets->ro_path = g_steal_pointer (&ro);
  return TRUE;
}

VcSockets *
vc_sockets_new (const VcPaths *paths, const VcDaemonConf *conf, GError **error)
{
  g_autoptr (VcSockets) sockets = g_new0 (VcSockets, 1);
  guint given = count_given ();

  sockets->rw = sockets->ro = -1;
  if (given > 0 ? !take_given (sockets, given, error) : !make_both (sockets, paths, conf, error))
    return NULL;
  g_unsetenv ("LISTEN_PID"); /* not for QEMU */
  g_unsetenv ("LISTEN_FDS");
  g_unsetenv ("LISTEN_FDNAMES");
  return g_steal_pointer (&sockets);
}

static void
drop (int fd, char *path)
{
  if (fd >= 0)
    close (fd);
  if (path != NULL)
    unlink (path);
  g_free (path);
}

void
vc_sockets_free (VcSockets *sockets)
{
  if (sockets == NULL)
    return;
  drop (sockets->rw, sockets->rw_path);
  drop (sockets->ro, sockets->ro_path);
  vc_lock_free (sockets->lock);
  g_free (sockets);
}
