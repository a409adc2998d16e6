/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "host/user.h"

#define FIRST_FD 3 /* of those systemd gives */
#define MAX_FDS  (2 + VC_MAX_NETWORK)

static gboolean
check_given (int fd, struct sockaddr_un *ret_address, GError **error)
{
  struct sockaddr_storage address;
  socklen_t len = sizeof address;
  int listens = 0;
  socklen_t size = sizeof listens;

  memset (ret_address, 0, sizeof *ret_address);
  if (getsockname (fd, (struct sockaddr *) &address, &len) < 0
      || (address.ss_family != AF_UNIX && address.ss_family != AF_INET && address.ss_family != AF_INET6)
      || getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 || !listens)
    return vc_fail (error, VC_ERROR_INVALID,
                    "descriptor %d, which systemd gave, is no listening socket, unix or TCP", fd);
  memcpy (ret_address, &address, MIN (len, sizeof *ret_address));
  return fcntl (fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* Which is which is said by the name of its unit, or by its path. */
static gboolean
is_read_only (const char *name, const struct sockaddr_un *address)
{
  return g_str_has_suffix (name, "-ro") || g_str_has_suffix (name, "-ro.socket")
         || g_str_has_suffix (address->sun_path, "-ro");
}

static void
add (VcSockets *sockets, int fd_taken, char *path_taken, gboolean is_ro)
{
  g_assert (sockets->n < VC_MAX_SOCKETS);
  sockets->all[sockets->n].fd = fd_taken;
  sockets->all[sockets->n].path = path_taken;
  sockets->all[sockets->n].is_read_only = is_ro;
  sockets->n++;
}

static gboolean
take_given (VcSockets *sockets, guint n, GError **error)
{
  const char *text = g_getenv ("LISTEN_FDNAMES");
  g_auto (GStrv) names = g_strsplit (text != NULL ? text : "", ":", -1);

  if (n > MAX_FDS)
    return vc_fail (error, VC_ERROR_INVALID, "systemd gave %u sockets, and %u at most are known", n, MAX_FDS);
  for (guint i = 0; i < n; i++)
    {
      struct sockaddr_un address;
      int fd = FIRST_FD + (int) i;
      gboolean is_ro;

      if (!check_given (fd, &address, error))
        return FALSE;
      if (address.sun_family != AF_UNIX)
        {
          if (sockets->n_network == VC_MAX_NETWORK)
            return vc_fail (error, VC_ERROR_INVALID, "systemd gave too many sockets of the network");
          sockets->network[sockets->n_network++] = fd;
          continue;
        }
      is_ro = is_read_only (i < g_strv_length (names) ? names[i] : "", &address);
      for (guint other = 0; other < sockets->n; other++)
        if (sockets->all[other].is_read_only == is_ro)
          return vc_fail (error, VC_ERROR_INVALID, "systemd gave two sockets for the same use");
      add (sockets, fd, NULL, is_ro);
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
make_both (VcSockets *sockets, const char *folder, const char *name, const VcDaemonConf *conf, GError **error)
{
  for (int is_ro = FALSE; is_ro <= TRUE; is_ro++)
    {
      g_autofree char *file = g_strconcat (name, is_ro ? "-ro" : "", NULL);
      g_autofree char *path = g_build_filename (folder, file, NULL);
      int fd = make (path, is_ro ? conf->ro_mode : conf->rw_mode, conf, error);

      if (fd < 0)
        return FALSE;
      add (sockets, fd, g_steal_pointer (&path), is_ro);
    }
  return TRUE;
}

/* The root's lock says nothing of others: a socket that somebody listens at is not taken away from it. */
static gboolean
check_free (const char *folder, const char *file, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *path = g_build_filename (folder, file, NULL);
  struct stat st;
  int fd;
  gboolean is_free;

  if (lstat (path, &st) < 0)
    return errno == ENOENT || vc_fail_errno (error, errno, "libvirt_sock_dir: '%s'", path);
  if (!S_ISSOCK (st.st_mode))
    return vc_fail (error, VC_ERROR_INVALID, "libvirt_sock_dir: '%s' is not a socket", path);
  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
    return vc_fail (error, VC_ERROR_INVALID, "libvirt_sock_dir: '%s' is too long", path);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return vc_fail_errno (error, errno, "libvirt_sock_dir");
  is_free = connect (fd, (const struct sockaddr *) &address, sizeof address) < 0 && errno == ECONNREFUSED;
  close (fd);
  return is_free
         || vc_fail (error, VC_ERROR_BUSY,
                     "libvirt_sock_dir: somebody serves '%s' already: is libvirtd running?", path);
}

static gboolean
make_libvirts (VcSockets *sockets, const VcDaemonConf *conf, GError **error)
{
  const char *folder = conf->libvirt_dir;

  if (folder == NULL)
    return TRUE;
  if (g_mkdir_with_parents (folder, 0755) < 0)
    return vc_fail_errno (error, errno, "libvirt_sock_dir: cannot make folder '%s'", folder);
  return check_free (folder, "libvirt-sock", error) && check_free (folder, "libvirt-sock-ro", error)
         && make_both (sockets, folder, "libvirt-sock", conf, error);
}

VcSockets *
vc_sockets_new (const VcPaths *paths, const VcDaemonConf *conf, GError **error)
{
  g_autoptr (VcSockets) sockets = g_new0 (VcSockets, 1);
  const char *folder = conf->sock_dir != NULL ? conf->sock_dir : paths->run;
  guint given = count_given ();

  if (given > 0 && !take_given (sockets, given, error))
    return NULL;
  if (sockets->n == 0 && conf->sock_dir != NULL && !take_folder (sockets, folder, error))
    return NULL;
  if (sockets->n == 0 && !make_both (sockets, folder, "virtcard-sock", conf, error))
    return NULL;
  if (!make_libvirts (sockets, conf, error))
    return NULL;
  g_unsetenv ("LISTEN_PID"); /* not for QEMU */
  g_unsetenv ("LISTEN_FDS");
  g_unsetenv ("LISTEN_FDNAMES");
  return g_steal_pointer (&sockets);
}

void
vc_sockets_free (VcSockets *sockets)
{
  if (sockets == NULL)
    return;
  for (guint i = 0; i < sockets->n; i++)
    {
      if (sockets->all[i].fd >= 0)
        close (sockets->all[i].fd);
      if (sockets->all[i].path != NULL)
        unlink (sockets->all[i].path);
      g_free (sockets->all[i].path);
    }
  for (guint i = 0; i < sockets->n_network; i++)
    close (sockets->network[i]);
  vc_lock_free (sockets->lock);
  g_free (sockets);
}

char *
vc_address_print (const struct sockaddr_storage *address, guint len)
{
  char host[NI_MAXHOST], port[NI_MAXSERV];

  if (getnameinfo ((const struct sockaddr *) address, len, host, sizeof host, port, sizeof port,
                   NI_NUMERICHOST | NI_NUMERICSERV)
      != 0)
    return g_strdup ("an unknown address");
  return g_strdup_printf (address->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

char *
vc_address_network (const char *printed)
{
  g_autofree char *host = g_strndup (printed, strcspn (printed, "%]"));
  char network[INET6_ADDRSTRLEN];
  struct in6_addr bytes;

  if (*printed != '[')
    return g_strndup (printed, strcspn (printed, ":"));
  if (inet_pton (AF_INET6, host + 1, &bytes) != 1 || IN6_IS_ADDR_V4MAPPED (&bytes))
    return g_strdup (host + 1);
  memset (bytes.s6_addr + 8, 0, 8);
  return g_strdup (inet_ntop (AF_INET6, &bytes, network, sizeof network));
}
