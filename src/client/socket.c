/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/socket.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
name_user (uid_t uid)
{
  const struct passwd *entry = getpwuid (uid);

  return entry != NULL ? g_strdup (entry->pw_name) : g_strdup_printf ("%lu", (unsigned long) uid);
}

static char *
name_group (gid_t gid)
{
  const struct group *entry = getgrgid (gid);

  return entry != NULL ? g_strdup (entry->gr_name) : g_strdup_printf ("%lu", (unsigned long) gid);
}

char *
vc_socket_print (const char *path)
{
  g_autofree char *user = NULL;
  g_autofree char *group = NULL;
  struct stat st;

  if (stat (path, &st) < 0)
    return g_strdup (path);
  user = name_user (st.st_uid);
  group = name_group (st.st_gid);
  return g_strdup_printf ("%s (user %s, group %s, mode 0%o)", path, user, group, st.st_mode & 07777);
}

/* What to do that a mode lets us through: bit is what we need of it. */
static char *
advise_mode (const char *path, const struct stat *st, mode_t bit, const char *what)
{
  g_autofree char *we = name_user (geteuid ());
  g_autofree char *user = name_user (st->st_uid);
  g_autofree char *group = name_group (st->st_gid);

  if ((st->st_mode & (bit << 3)) != 0)
    return g_strdup_printf (
        "%s %s is for members of group '%s', and this process (user '%s') is none: 'usermod -aG %s %s' as "
        "root, and log in anew",
        what, path, group, we, group, we);
  return g_strdup_printf (
      "%s %s is for user '%s' only, and this process is of user '%s': become that user, or set "
      "unix_sock_group and unix_sock_rw_perms in virtcardd.conf",
      what, path, user, we);
}

/* The first folder above it that we may not look into, or NULL. */
static char *
find_closed (const char *path)
{
  g_autofree char *above = g_path_get_dirname (path);
  char *higher = g_strcmp0 (above, "/") != 0 && g_strcmp0 (above, ".") != 0 ? find_closed (above) : NULL;

  if (higher != NULL)
    return higher;
  return access (above, X_OK) < 0 && errno == EACCES ? g_steal_pointer (&above) : NULL;
}

char *
vc_socket_advice (const char *path)
{
  g_autofree char *closed = find_closed (path);
  struct stat st;

  if (closed != NULL && stat (closed, &st) == 0)
    return advise_mode (closed, &st, S_IXOTH, "folder");
  if (stat (path, &st) < 0)
    return g_strdup (
        "start the daemon: virtcardd, or 'systemctl start virtcardd' for the system's; without one "
        "qemu:///embed will do");
  if (!S_ISSOCK (st.st_mode))
    return g_strdup_printf ("%s is no socket: name that of a daemon", path);
  if (access (path, W_OK) < 0 && errno == EACCES)
    return advise_mode (path, &st, S_IWOTH, "socket");
  return g_strdup ("the daemon that made this socket has gone: start it again");
}
