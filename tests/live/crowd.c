/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A crowd of TLS clients that mean no good, or are only many, at one port of this host.
 *
 *   crowd PORT FOLDER KIND COUNT...     FOLDER: of certificates, as libvirt names them; KIND: see kinds,
 * below
 *
 * Says "ready" when each of them has come as far as it wants, comes again within a second when it was sent
 * away, and goes when its input ends; then it says how often one came again. */

#define TICK_MS 1000
#define BATCH   256

typedef enum
{
  SILENT,
  HALF,
  DRIP,
  HELLO,
  INSIDE,
  AGAIN,
  QUIET,
  N_KINDS,
} Kind;

static const struct
{
  const char *name, *says;
  const char *priority; /* NULL: it says what is above, and no more */
} kinds[N_KINDS] = {
  [SILENT] = { "silent", "", NULL },                            /* nothing                              */
  [HALF] = { "half", "\x16\x03\x01", NULL },                    /* half a record's head                 */
  [DRIP] = { "drip", "\x16\x03\x01\x40\x01", NULL },            /* a hello, one byte a second           */
  [HELLO] = { "hello", "", "NORMAL" },                          /* a good hello, and nothing after it   */
  [INSIDE] = { "inside", "\0\0\x40\x01 \0\x80\x86", "NORMAL" }, /* let in: a message, one byte a second */
  [AGAIN] = { "again", "", "NORMAL:-VERS-ALL:+VERS-TLS1.2" },   /* let in: renegotiates                 */
  [QUIET] = { "quiet", "", "NORMAL" },                          /* let in, and opened; asks nothing     */
};

/* The call that opens "qemu:///system". */
static const char opening[] = "\0\0\0\x38"
                              " \0\x80\x86"
                              "\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0"
                              "\0\0\0\1\0\0\0\16qemu:///system\0\0\0\0\0\0";

typedef enum
{
  GONE,
  CONNECTING,
  SHAKING,
  CONFIRMING,
  THERE,
} Phase;

typedef struct
{
  Kind kind;
  Phase phase;
  int fd;
  gnutls_session_t tls;
  guint said;
  gboolean was_there;
} Peer;

static guint16 port;
static int epoll;
static gnutls_certificate_credentials_t credentials;
static guint n_there, n_again;

static void
want (Peer *peer, int how, guint32 events)
{
  struct epoll_event event = { .events = events | EPOLLRDHUP, .data.ptr = peer };

  if (epoll_ctl (epoll, how, peer->fd, &event) < 0)
    g_error ("cannot wait: %s", g_strerror (errno));
}

static void
arrive (Peer *peer, guint32 events)
{
  peer->phase = THERE;
  if (!peer->was_there)
    n_there++;
  peer->was_there = TRUE;
  want (peer, EPOLL_CTL_MOD, events);
}

static void
leave (Peer *peer)
{
  if (peer->phase == GONE)
    return;
  if (peer->tls != NULL)
    gnutls_deinit (peer->tls);
  peer->tls = NULL;
  if (!peer->was_there && peer->kind < INSIDE)
    n_there++; /* it came as far as it was let */
  peer->was_there |= peer->kind < INSIDE;
  close (peer->fd);
  peer->phase = GONE;
  n_again++;
}

static void
come (Peer *peer)
{
  const struct sockaddr_in to
      = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };

  peer->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (peer->fd < 0)
    g_error ("no socket: %s", g_strerror (errno));
  peer->phase = CONNECTING;
  peer->said = 0;
  want (peer, EPOLL_CTL_ADD, EPOLLOUT);
  if (connect (peer->fd, (const struct sockaddr *) &to, sizeof to) < 0 && errno != EINPROGRESS)
    leave (peer);
}

static void
begin_tls (Peer *peer)
{
  gnutls_init (&peer->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_FORCE_CLIENT_CERT);
  gnutls_priority_set_direct (peer->tls, kinds[peer->kind].priority, NULL);
  gnutls_credentials_set (peer->tls, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int (peer->tls, peer->fd);
  peer->phase = SHAKING;
}

/* One byte of what it says; after the last one any will do. */
static void
drip (Peer *peer)
{
  const char *says = kinds[peer->kind].says;
  guint len = peer->kind == INSIDE ? 8 : 5;
  guint8 byte = peer->said < len ? (guint8) says[peer->said] : 0;
  gssize n = peer->tls != NULL ? gnutls_record_send (peer->tls, &byte, 1)
                               : send (peer->fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);

  peer->said++;
  if (n < 0 && (peer->tls != NULL ? gnutls_error_is_fatal ((int) n) : errno != EAGAIN))
    leave (peer);
}

/* What TLS waits for, or FALSE: nothing, it has come to an end. */
static gboolean
waits (Peer *peer, gssize rc)
{
  if (rc != GNUTLS_E_AGAIN && rc != GNUTLS_E_INTERRUPTED)
    return FALSE;
  want (peer, EPOLL_CTL_MOD, gnutls_record_get_direction (peer->tls) == 0 ? EPOLLIN : EPOLLOUT);
  return TRUE;
}

static void
on_ready (Peer *peer, guint32 events)
{
  guint8 bytes[256];
  gssize rc;

  if (peer->phase == CONNECTING)
    {
      if ((events & (EPOLLERR | EPOLLHUP)) != 0)
        {
          leave (peer);
          return;
        }
      if (kinds[peer->kind].priority == NULL)
        {
          gsize len = strlen (kinds[peer->kind].says);

          if (len > 0 && peer->kind != DRIP)
            send (peer->fd, kinds[peer->kind].says, len, MSG_NOSIGNAL | MSG_DONTWAIT);
          arrive (peer, EPOLLIN);
          return;
        }
      begin_tls (peer);
    }
  if (peer->phase == SHAKING)
    {
      rc = gnutls_handshake (peer->tls);
      if (rc < 0 && waits (peer, rc))
        {
          if (peer->kind == HELLO && gnutls_record_get_direction (peer->tls) == 0)
            arrive (peer, 0); /* the answer stays where it is */
          return;
        }
      if (rc < 0)
        {
          leave (peer);
          return;
        }
      peer->phase = CONFIRMING;
    }
  if (peer->phase == THERE && peer->tls == NULL)
    rc = recv (peer->fd, bytes, sizeof bytes, MSG_DONTWAIT);
  else if (peer->kind == HELLO)
    rc = 0; /* it is only told of the end */
  else
    rc = gnutls_record_recv (peer->tls, bytes, sizeof bytes);
  if (rc == 0 || (rc < 0 && (peer->tls != NULL ? !waits (peer, rc) : errno != EAGAIN)))
    leave (peer);
  if (rc <= 0 || peer->phase != CONFIRMING)
    return;
  arrive (peer, EPOLLIN);
  if (peer->kind == AGAIN)
    gnutls_handshake (peer->tls); /* says hello once more */
  else if (peer->kind == QUIET)
    gnutls_record_send (peer->tls, opening, sizeof opening - 1);
}

static void
tick (Peer *peers, guint n)
{
  for (guint i = 0; i < n; i++)
    if (peers[i].phase == GONE)
      come (&peers[i]);
    else if (peers[i].phase == THERE && (peers[i].kind == DRIP || peers[i].kind == INSIDE))
      drip (&peers[i]);
}

static Peer *
read_peers (char **words, guint *ret_n)
{
  g_autoptr (GArray) peers = g_array_new (FALSE, TRUE, sizeof (Peer));

  for (; words[0] != NULL && words[1] != NULL; words += 2)
    {
      Peer peer = { .kind = N_KINDS };

      for (guint kind = 0; kind < N_KINDS; kind++)
        if (g_str_equal (words[0], kinds[kind].name))
          peer.kind = kind;
      if (peer.kind == N_KINDS)
        g_error ("there is no kind '%s'", words[0]);
      for (int i = atoi (words[1]); i > 0; i--)
        g_array_append_val (peers, peer);
    }
  *ret_n = peers->len;
  return (Peer *) g_array_free (g_steal_pointer (&peers), FALSE);
}

static void
read_credentials (const char *folder)
{
  g_autofree char *cert = g_build_filename (folder, "clientcert.pem", NULL);
  g_autofree char *key = g_build_filename (folder, "clientkey.pem", NULL);
  int rc;

  gnutls_certificate_allocate_credentials (&credentials);
  rc = gnutls_certificate_set_x509_key_file (credentials, cert, key, GNUTLS_X509_FMT_PEM);
  if (rc < 0)
    g_error ("%s: %s", cert, gnutls_strerror (rc));
}

int
main (int argc, char **argv)
{
  struct rlimit limit;
  struct epoll_event input = { .events = EPOLLIN | EPOLLHUP };
  g_autofree Peer *peers = NULL;
  gint64 next = g_get_monotonic_time ();
  gboolean is_told = FALSE;
  guint n;

  if (argc < 5)
    g_error ("usage: crowd PORT FOLDER KIND COUNT...");
  signal (SIGPIPE, SIG_IGN);
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  port = (guint16) atoi (argv[1]);
  read_credentials (argv[2]);
  peers = read_peers (argv + 3, &n);
  epoll = epoll_create1 (EPOLL_CLOEXEC);
  epoll_ctl (epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input);
  for (;;)
    {
      struct epoll_event events[BATCH];
      gint64 left = (next - g_get_monotonic_time ()) / 1000;
      int ready = epoll_wait (epoll, events, BATCH, (int) CLAMP (left, 0, TICK_MS));

      for (int i = 0; i < ready; i++)
        if (events[i].data.ptr == NULL)
          {
            printf ("again %u\n", n_again);
            return 0;
          }
        else if (((Peer *) events[i].data.ptr)->phase != GONE)
          on_ready (events[i].data.ptr, events[i].events);
      if (n_there == n && !is_told)
        {
          is_told = TRUE;
          printf ("ready\n");
          fflush (stdout);
        }
      if (g_get_monotonic_time () >= next)
        {
          tick (peers, n);
          next = g_get_monotonic_time () + TICK_MS * 1000;
        }
    }
}
