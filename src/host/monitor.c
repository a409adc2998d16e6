/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/monitor.h"

#include <errno.h>
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
