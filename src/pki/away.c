/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/away.h"

#include <glib.h>
#include <sys/socket.h>

#define MAX_BYTES 65536u /* more is no first message: it is cut off */

void
vc_tls_turn_away (int fd)
{
  /* A record of TLS 1.2: alert, of two bytes, fatal, internal_error. */
  static const guint8 alert[] = { 21, 3, 3, 0, 2, 2, 80 };
  guint8 bytes[4096];
  gssize n = 1;

  for (gsize done = 0; n > 0 && done < MAX_BYTES; done += (gsize) MAX (n, 0))
    n = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);
  send (fd, alert, sizeof alert, MSG_DONTWAIT | MSG_NOSIGNAL);
  shutdown (fd, SHUT_WR);
}
