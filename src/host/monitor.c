/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/monitor.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"

int
vc_monitor_connect (const char *path, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int errsv = ENAMETOOLONG, fd = -1;

  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) < sizeof address.sun_path)
    {
      fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
        return fd;
      errsv = errno;
    }
  if (fd >= 0)
    close (fd);
  if (errsv == EAGAIN)
    vc_fail (error, VC_ERROR_BUSY, "QEMU does not take connections to '%s'", path);
  else
    vc_fail_errno (error, errsv, "cannot connect to '%s'", path);
  return -1;
}

/* Who asks for a console is given what we open: QEMU is not to lead us to a file that only we may open. */
static gboolean
is_terminal (const char *path)
{
  static const char folder[] = "/dev/pts/";
  const char *number = g_str_has_prefix (path, folder) ? path + strlen (folder) : "";

  return *number != '\0' && number[strspn (number, "0123456789")] == '\0';
}

void
vc_monitor_find_ptys (const VcJson *list, GHashTable *ptys)
{
  static const char type[] = "pty:";

  for (gsize n = 0; n < json_array_size (list); n++)
    {
      const VcJson *item = json_array_get (list, n);
      const char *id = vc_json_str (item, "label"), *name = vc_json_str (item, "filename");

      if (id != NULL && name != NULL && g_str_has_prefix (name, type) && is_terminal (name + strlen (type)))
        g_hash_table_insert (ptys, g_strdup (id), g_strdup (name + strlen (type)));
    }
}
