/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/notify.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
vc_notify (const char *state)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gsize len = path != NULL ? strlen (path) : 0;
  int fd;

  if (len < 2 || len >= sizeof address.sun_path || (*path != '/' && *path != '@'))
    return;
  memcpy (address.sun_path, path, len);
  if (*path == '@')
    address.sun_path[0] = '\0';
  fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  sendto (fd, state, strlen (state), MSG_NOSIGNAL, (const struct sockaddr *) &address,
          (socklen_t) (offsetof (struct sockaddr_un, sun_path) + len));
  close (fd);
}
