/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"
#include "rpc/calls.h"
#include "rpc/frame.h"

/* The wire over TLS by itself, without libvirt's library, and a server that does nothing but TLS.
 *
 *   tls serve FOLDER                        a bare server: checks the client, confirms, echoes; says its port
 *   tls connect PORT FOLDER COUNT           connect, handshake, both certificates checked, one call, close
 *   tls calls PORT FOLDER COUNT CONNECTIONS so many calls (numOfDomains) on each, and their rate
 *   tls storm PORT FOLDER THREADS           connect and close, over and over, until the input ends; how often
 *
 * FOLDER: of certificates, as libvirt names them. */

#define MAX_MESSAGE 65536u

typedef struct
{
  int fd;
  gnutls_session_t tls;
} Peer;

static gnutls_certificate_credentials_t credentials;
static guint16 port;

static void
need (int rc, const char *what)
{
  if (rc < 0)
    g_error ("%s: %s", what, gnutls_strerror (rc));
}

static void
read_credentials (const char *folder, const char *cert_name, const char *key_name)
{
  g_autofree char *ca = g_build_filename (folder, "cacert.pem", NULL);
  g_autofree char *cert = g_build_filename (folder, cert_name, NULL);
  g_autofree char *key = g_build_filename (folder, key_name, NULL);

  need (gnutls_certificate_allocate_credentials (&credentials), "credentials");
  need (gnutls_certificate_set_x509_trust_file (credentials, ca, GNUTLS_X509_FMT_PEM), ca);
  need (gnutls_certificate_set_x509_key_file (credentials, cert, key, GNUTLS_X509_FMT_PEM), cert);
}

/* Checks the other end too.  FALSE: it went wrong. */
static gboolean
shake (Peer *peer, unsigned end)
{
  const int on = 1;
  int rc;

  setsockopt (peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  need (gnutls_init (&peer->tls, end | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS | GNUTLS_FORCE_CLIENT_CERT),
        "session");
  need (gnutls_set_default_priority (peer->tls), "priority");
  gnutls_credentials_set (peer->tls, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_session_set_verify_cert (peer->tls, end == GNUTLS_CLIENT ? "localhost" : NULL, 0);
  if (end == GNUTLS_SERVER)
    gnutls_certificate_server_set_request (peer->tls, GNUTLS_CERT_REQUIRE);
  gnutls_transport_set_int (peer->tls, peer->fd);
  do
    rc = gnutls_handshake (peer->tls);
  while (rc < 0 && !gnutls_error_is_fatal (rc));
  return rc >= 0;
}

static gboolean
hear (Peer *peer, guint8 *bytes, gsize len)
{
  for (gsize at = 0; at < len;)
    {
      gssize n = gnutls_record_recv (peer->tls, bytes + at, len - at);

      if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
        continue;
      if (n <= 0)
        return FALSE;
      at += (gsize) n;
    }
  return TRUE;
}

static void
end_peer (Peer *peer)
{
  gnutls_bye (peer->tls, GNUTLS_SHUT_WR);
  gnutls_deinit (peer->tls);
  close (peer->fd);
}

static void
call (Peer *peer, guint id, gconstpointer body, guint len)
{
  const VcCall *row = &vc_calls[id];
  guint8 bytes[MAX_MESSAGE];
  VcFrame frame = { .length = VC_FRAME_HEAD + len,
                    .program = row->program,
                    .version = VC_PROGRAM_VERSION,
                    .procedure = row->number,
                    .type = VC_FRAME_CALL };

  vc_frame_put (&frame, bytes);
  memcpy (bytes + VC_FRAME_HEAD, body, len);
  if (gnutls_record_send (peer->tls, bytes, frame.length) != (gssize) frame.length
      || !hear (peer, bytes, VC_FRAME_HEAD))
    g_error ("the other side has hung up");
  vc_frame_read (&frame, bytes);
  if (frame.status != VC_FRAME_OK || frame.length > sizeof bytes
      || !hear (peer, bytes + VC_FRAME_HEAD, frame.length - VC_FRAME_HEAD))
    g_error ("no good answer to procedure %u", frame.procedure);
}

/* Comes in as far as libvirt's confirmation. */
static Peer
begin (void)
{
  const struct sockaddr_in to
      = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  Peer peer = { .fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
  guint8 byte;

  if (connect (peer.fd, (const struct sockaddr *) &to, sizeof to) < 0)
    g_error ("cannot connect");
  if (!shake (&peer, GNUTLS_CLIENT) || !hear (&peer, &byte, 1) || byte != 1)
    g_error ("is not let in");
  return peer;
}

/* The bare server: one connection at a time. */

static void
serve (const char *folder)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t len = sizeof at;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  read_credentials (folder, "servercert.pem", "private/serverkey.pem");
  if (bind (listener, (struct sockaddr *) &at, sizeof at) < 0 || listen (listener, 16) < 0
      || getsockname (listener, (struct sockaddr *) &at, &len) < 0)
    g_error ("cannot listen");
  printf ("%u\n", ntohs (at.sin_port));
  fflush (stdout);
  for (;;)
    {
      Peer peer = { .fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC) };
      guint8 bytes[VC_FRAME_HEAD];

      if (peer.fd < 0)
        g_error ("cannot take a connection");
      if (shake (&peer, GNUTLS_SERVER) && gnutls_record_send (peer.tls, "\1", 1) == 1)
        while (hear (&peer, bytes, sizeof bytes))
          gnutls_record_send (peer.tls, bytes, sizeof bytes);
      end_peer (&peer);
    }
}

/* The clients. */

static void
measure_connect (guint n)
{
  g_autofree double *times = g_new (double, n);

  for (guint i = 0; i < n; i++)
    {
      double since = now_us ();
      Peer peer = begin ();

      call (&peer, VC_CALL_AUTH_LIST, "", 0);
      end_peer (&peer);
      times[i] = now_us () - since;
    }
  report ("connect", times, n);
}

typedef struct
{
  Peer peer;
  guint n;
  double *times;
} Caller;

static gpointer
run_caller (gpointer data)
{
  Caller *self = data;

  for (guint i = 0; i < self->n; i++)
    {
      double since = now_us ();

      call (&self->peer, VC_CALL_CONNECT_NUM_OF_DOMAINS, "", 0);
      self->times[i] = now_us () - since;
    }
  return NULL;
}

static void
measure_calls (guint n, guint n_connections)
{
  static const guint8 open[] = "\0\0\0\1\0\0\0\16qemu:///system\0\0\0\0\0\0"; /* and flags */
  g_autofree double *times = g_new0 (double, (gsize) n *n_connections);
  g_autofree Caller *callers = g_new0 (Caller, n_connections);
  g_autofree GThread **threads = g_new0 (GThread *, n_connections);
  g_autofree char *name = g_strdup_printf ("num:%u", n_connections);
  double since;

  for (guint i = 0; i < n_connections; i++)
    {
      callers[i] = (Caller){ begin (), n, times + (gsize) i * n };
      call (&callers[i].peer, VC_CALL_AUTH_LIST, "", 0);
      call (&callers[i].peer, VC_CALL_CONNECT_OPEN, open, sizeof open - 1);
    }
  since = now_us ();
  for (guint i = 0; i < n_connections; i++)
    threads[i] = g_thread_new ("caller", run_caller, &callers[i]);
  for (guint i = 0; i < n_connections; i++)
    g_thread_join (threads[i]);
  report_rate (name, n * n_connections, now_us () - since);
  report (name, times, n * n_connections);
  for (guint i = 0; i < n_connections; i++)
    end_peer (&callers[i].peer);
}

static gpointer
run_storm (gpointer data)
{
  const gint *over = data;
  guint n = 0;

  for (; g_atomic_int_get (over) == 0; n++)
    {
      Peer peer = begin ();

      end_peer (&peer);
    }
  return GUINT_TO_POINTER (n);
}

static void
storm (guint n_threads)
{
  g_autofree GThread **threads = g_new0 (GThread *, n_threads);
  struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
  gint over = 0;
  double n = 0;

  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("storm", run_storm, &over);
  poll (&input, 1, -1);
  g_atomic_int_set (&over, 1);
  for (guint i = 0; i < n_threads; i++)
    n += GPOINTER_TO_UINT (g_thread_join (threads[i]));
  report ("storm", &n, 1);
}

int
main (int argc, char **argv)
{
  guint n = argc > 4 ? (guint) MAX (atoi (argv[4]), 1) : 1;

  signal (SIGPIPE, SIG_IGN);
  if (argc == 3 && strcmp (argv[1], "serve") == 0)
    serve (argv[2]);
  if (argc < 5)
    g_error ("usage: tls serve FOLDER; tls connect|calls|storm PORT FOLDER COUNT [CONNECTIONS]");
  port = (guint16) atoi (argv[2]);
  read_credentials (argv[3], "clientcert.pem", "clientkey.pem");
  if (strcmp (argv[1], "connect") == 0)
    measure_connect (n);
  else if (strcmp (argv[1], "calls") == 0 && argc == 6)
    measure_calls (n, (guint) MAX (atoi (argv[5]), 1));
  else if (strcmp (argv[1], "storm") == 0)
    storm (n);
  return 0;
}
