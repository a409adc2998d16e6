/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "measure.h"
#include "rpc/calls.h"
#include "rpc/frame.h"

/* The wire by itself, without libvirt's library: calls of one client, some of them on their way at once.
 *
 *   raw SOCKET COUNT DEPTH num|list     "CALL:DEPTH" and its rate
 *   raw - COUNT DEPTH echo              a bare echo of 64 bytes over a unix socket, the limit of it all
 */

#define MAX_DEPTH  64u
#define ECHO_BYTES 64u

typedef struct
{
  int fd;
  guint8 *in;
  gsize in_size, filled, taken;
} Wire;

static void
say (Wire *wire, guint id, guint32 serial, gconstpointer body, guint len)
{
  const VcCall *call = &vc_calls[id];
  guint8 bytes[256];
  VcFrame frame = { .length = VC_FRAME_HEAD + len,
                    .program = call->program,
                    .version = VC_PROGRAM_VERSION,
                    .procedure = call->number,
                    .type = VC_FRAME_CALL,
                    .serial = serial };

  vc_frame_put (&frame, bytes);
  memcpy (bytes + VC_FRAME_HEAD, body, len);
  if (write (wire->fd, bytes, frame.length) != (gssize) frame.length)
    g_error ("the other side takes nothing");
}

static void
need (Wire *wire, gsize n)
{
  if (wire->taken > 0 && wire->filled - wire->taken < n)
    {
      memmove (wire->in, wire->in + wire->taken, wire->filled - wire->taken);
      wire->filled -= wire->taken;
      wire->taken = 0;
    }
  while (wire->filled - wire->taken < n)
    {
      gssize got;

      if (wire->taken + n > wire->in_size)
        wire->in = g_realloc (wire->in, wire->in_size = wire->taken + n);
      got = read (wire->fd, wire->in + wire->filled, wire->in_size - wire->filled);
      if (got <= 0)
        g_error ("the other side has hung up");
      wire->filled += (gsize) got;
    }
}

static guint32
hear (Wire *wire)
{
  VcFrame frame;

  need (wire, VC_FRAME_HEAD);
  vc_frame_read (&frame, wire->in + wire->taken);
  need (wire, frame.length);
  wire->taken += frame.length;
  if (frame.status != VC_FRAME_OK)
    g_error ("an error is the answer to procedure %u", frame.procedure);
  return frame.serial;
}

static Wire
open_wire (const char *path)
{
  static const guint8 open[] = "\0\0\0\1\0\0\0\16qemu:///system\0\0\0\0\0\0"; /* and flags */
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  Wire wire = { .fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), .in_size = 1 << 20 };

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (connect (wire.fd, (struct sockaddr *) &address, sizeof address) < 0)
    g_error ("cannot connect to %s", path);
  wire.in = g_malloc (wire.in_size);
  say (&wire, VC_CALL_AUTH_LIST, 0, "", 0);
  hear (&wire);
  say (&wire, VC_CALL_CONNECT_OPEN, 0, open, sizeof open - 1);
  hear (&wire);
  return wire;
}

static void
measure (const char *path, const char *name, guint n, guint depth, double *times)
{
  gboolean is_list = strcmp (name, "list") == 0;
  guint id = is_list ? VC_CALL_CONNECT_LIST_ALL_DOMAINS : VC_CALL_CONNECT_NUM_OF_DOMAINS;
  const guint32 body[] = { GUINT32_TO_BE (1), 0 };
  guint len = is_list ? sizeof body : 0;
  double begins[MAX_DEPTH];
  Wire wire = open_wire (path);
  guint said = 0;

  for (; said < depth; said++)
    {
      begins[said] = now_us ();
      say (&wire, id, said, body, len);
    }
  for (guint i = 0; i < n; i++)
    {
      guint slot = hear (&wire) % depth;

      times[i] = now_us () - begins[slot];
      begins[slot] = now_us ();
      say (&wire, id, said - said % depth + slot, body, len);
    }
  close (wire.fd);
  g_free (wire.in);
}

static gpointer
run_echo (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  guint8 bytes[ECHO_BYTES * MAX_DEPTH];
  gssize n;

  while ((n = read (fd, bytes, sizeof bytes)) > 0)
    if (write (fd, bytes, (gsize) n) != n)
      break;
  close (fd);
  return NULL;
}

static void
measure_echo (guint n, double *times)
{
  int ends[2];
  guint8 bytes[ECHO_BYTES] = { 0 };
  GThread *thread;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    g_error ("no sockets");
  thread = g_thread_new ("echo", run_echo, GINT_TO_POINTER (ends[1]));
  for (guint i = 0; i < n; i++)
    {
      double begin = now_us ();

      if (write (ends[0], bytes, sizeof bytes) != sizeof bytes
          || recv (ends[0], bytes, sizeof bytes, MSG_WAITALL) != sizeof bytes)
        g_error ("no echo");
      times[i] = now_us () - begin;
    }
  close (ends[0]);
  g_thread_join (thread);
}

int
main (int argc, char **argv)
{
  guint n = argc == 5 ? (guint) MAX (atoi (argv[2]), 1) : 0;
  guint depth = argc == 5 ? (guint) CLAMP (atoi (argv[3]), 1, (int) MAX_DEPTH) : 0;
  g_autofree double *times = g_new (double, MAX (n, 1));
  g_autofree char *name = NULL;
  double begin = now_us ();

  if (argc != 5)
    g_error ("usage: raw SOCKET|- COUNT DEPTH num|list|echo");
  name = g_strdup_printf ("%s:%u", argv[4], depth);
  if (strcmp (argv[4], "echo") == 0)
    measure_echo (n, times);
  else
    measure (argv[1], argv[4], n, depth, times);
  report_rate (name, n, now_us () - begin);
  report (name, times, n);
  return 0;
}
