/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/remote.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/entry.h"
#include "daemon/hide.h"
#include "daemon/join.h"
#include "daemon/keys.h"
#include "daemon/log.h"
#include "daemon/sockets.h"

/* How this works
 *
 * A listen_addr that is a name is looked up by a thread: whoever answers for names may take long, and guests
 * and unix sockets are served meanwhile.
 */

/* A question for addresses, which outlives who asked. */
typedef struct
{
  VcRemote *remote; /* of the main context alone; NULL: it is gone */
  char *host, *port;
  struct addrinfo *list;
  char *trouble; /* NULL: none */
} Lookup;

struct VcRemote
{
  const VcTlsConf *conf;
  VcRpcServer *server;
  VcKeys *keys;
  VcEntry *entry;
  VcJoins *joins;
  gboolean wants_ports; /* listen_addr and tls_port are ours to listen at */
  Lookup *lookup;       /* what a thread is asking; NULL: nothing         */
  guint n_ports;
  VcLogSeldom named, nameless; /* of who was refused: noise shall not hide who shows a certificate */
};

static void
on_refused (const char *address, const VcCertificate *peer, const GError *why, gpointer data)
{
  VcRemote *self = data;

  if (peer != NULL)
    vc_log_seldom (&self->named, VC_LOG_WARNING, "TLS: %s was refused: %s (subject '%s', SHA-256 %s)",
                   address, why->message, peer->subject, peer->fingerprint);
  else
    vc_log_seldom (&self->nameless, VC_LOG_WARNING, "TLS: %s was refused: %s", address, why->message);
}

static VcCredential *
credential (gpointer data, GError **error)
{
  VcRemote *self = data;

  return vc_keys_get (self->keys, error);
}

static gssize
channel_read (gpointer self, guint8 *bytes, gsize len, GError **error)
{
  return vc_tls_session_read (self, bytes, len, error);
}

static gssize
channel_write (gpointer self, const guint8 *bytes, gsize len)
{
  return vc_tls_session_write (self, bytes, len);
}

static void
channel_free (gpointer self)
{
  vc_tls_session_end (self);
  vc_tls_session_free (self);
}

static const VcRpcChannel channel = { channel_read, channel_write, channel_free };

/* It is good; is there room, and is it still good? */
static gboolean
check_in (VcRemote *self, const VcTlsSession *session, GError **error)
{
  return vc_keys_get (self->keys, error) != NULL && vc_keys_check_session (self->keys, session, error)
         && vc_rpc_server_check_remote (self->server, error);
}

static void
on_in (int fd_taken, VcTlsSession *session_taken, const char *address, gpointer data)
{
  VcRemote *self = data;
  const VcCertificate *peer = vc_tls_session_peer (session_taken);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = peer != NULL ? g_strdup (peer->subject) : NULL;
  g_autofree char *print = peer != NULL ? g_strdup (peer->fingerprint) : NULL;
  g_autofree char *how = vc_tls_session_print (session_taken);
  VcRpcPeer who = { 0, (uid_t) -1, (gid_t) -1, name, address, NULL };

  if (!check_in (self, session_taken, &error))
    {
      on_refused (address, peer, error, self);
      vc_tls_session_free (session_taken);
      close (fd_taken);
      return;
    }
  if (!vc_tls_session_confirm (session_taken))
    vc_fail (&error, VC_ERROR_GONE, "it does not take the first byte");
  if (error != NULL)
    {
      vc_tls_session_free (session_taken);
      close (fd_taken);
    }
  else
    vc_rpc_server_add_remote (self->server, fd_taken, &who, &channel, session_taken, &error);
  if (error != NULL)
    on_refused (address, NULL, error, self);
  else if (name != NULL)
    vc_log (VC_LOG_INFO, "TLS: %s is '%s', SHA-256 %s, %s", address, name, print, how);
  else
    vc_log (VC_LOG_INFO, "TLS: %s has no good certificate, %s", address, how);
}

static gboolean
may_join (gpointer data)
{
  return vc_joins_are_open (((VcRemote *) data)->joins);
}

static void
on_join (int fd_taken, VcTlsSession *session_taken, const char *address, gpointer data)
{
  vc_joins_take (((VcRemote *) data)->joins, fd_taken, session_taken, address);
}

/* Those who are in and would not be let in any more. */
static void
end_if_refused (VcRpcClient *client, gpointer data)
{
  VcRemote *self = data;
  const VcTlsSession *session = vc_rpc_client_channel (client);
  g_autoptr (GError) why = NULL;

  if (session != NULL && !vc_keys_check_session (self->keys, session, &why))
    vc_rpc_client_end (client, why);
}

static void
on_keys (gpointer data)
{
  VcRemote *self = data;

  vc_rpc_server_foreach (self->server, end_if_refused, self);
}

/* Sockets. */

/* Returns: -1 with errno. */
static int
new_socket (const struct addrinfo *at)
{
  const int on = 1;
  int fd = socket (at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int errsv;

  if (fd < 0)
    return -1;
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (at->ai_family == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind (fd, at->ai_addr, at->ai_addrlen) == 0 && listen (fd, SOMAXCONN) == 0)
    return fd;
  errsv = errno;
  close (fd);
  errno = errsv;
  return -1;
}

static void
listen_at (VcRemote *self, const struct addrinfo *at, gboolean is_every)
{
  struct sockaddr_storage address = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *where = NULL;
  int fd = new_socket (at), errsv = errno;

  memcpy (&address, at->ai_addr, MIN (at->ai_addrlen, sizeof address));
  where = vc_address_print (&address, at->ai_addrlen);
  if (fd < 0 && is_every && (errsv == EAFNOSUPPORT || errsv == EADDRNOTAVAIL))
    return; /* a host without IPv6, say */
  if (fd < 0)
    vc_fail_errno (&error, errsv, "TLS is not served at %s (listen_addr, tls_port)", where);
  else if (vc_entry_listen (self->entry, fd, &error))
    {
      self->n_ports++;
      vc_log (VC_LOG_INFO, "TLS is served at %s", where);
    }
  if (error != NULL)
    vc_log (VC_LOG_ERROR, "%s", error->message);
}

static void
lookup_free (Lookup *lookup)
{
  if (lookup->list != NULL)
    freeaddrinfo (lookup->list);
  g_free (lookup->host);
  g_free (lookup->port);
  g_free (lookup->trouble);
  g_free (lookup);
}

/* Returns: 0, or getaddrinfo's number. */
static int
look_up (Lookup *lookup, int flags)
{
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | flags };
  int rc = getaddrinfo (lookup->host, lookup->port, &hints, &lookup->list);

  if (rc != 0)
    lookup->trouble = g_strdup (rc == EAI_SYSTEM ? g_strerror (errno) : gai_strerror (rc));
  return rc;
}

/* In the main context again. */
static gboolean
on_found (gpointer data_taken)
{
  Lookup *lookup = data_taken;
  VcRemote *self = lookup->remote;

  if (self != NULL)
    self->lookup = NULL;
  if (self != NULL && lookup->trouble != NULL)
    vc_log (VC_LOG_ERROR, "TLS is not served: listen_addr '%s', tls_port '%s': %s",
            lookup->host != NULL ? lookup->host : "", lookup->port, lookup->trouble);
  for (const struct addrinfo *at = lookup->list; self != NULL && at != NULL; at = at->ai_next)
    listen_at (self, at, lookup->host == NULL);
  lookup_free (lookup);
  return G_SOURCE_REMOVE;
}

static gpointer
run_lookup (gpointer data)
{
  look_up (data, 0);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_found, data, NULL);
  return NULL;
}

void
vc_remote_listen (VcRemote *self)
{
  self->wants_ports = TRUE;
  if (self->lookup != NULL)
    return; /* it is being asked already */
  self->lookup = g_new0 (Lookup, 1);
  self->lookup->remote = self;
  self->lookup->host = g_strdup (self->conf->address);
  self->lookup->port = g_strdup (self->conf->port);
  if (self->lookup->host != NULL && look_up (self->lookup, AI_NUMERICHOST) == EAI_NONAME)
    {
      g_clear_pointer (&self->lookup->trouble, g_free);
      g_thread_unref (g_thread_new ("listen_addr", run_lookup, self->lookup));
      return;
    }
  if (self->lookup->host == NULL)
    look_up (self->lookup, 0);
  on_found (self->lookup);
}

gboolean
vc_remote_take (VcRemote *self, int fd_taken, GError **error)
{
  return vc_entry_listen (self->entry, fd_taken, error);
}

char *
vc_remote_again (VcRemote *self, GError **error)
{
  char *served = vc_keys_read_again (self->keys, error);

  if (self->wants_ports && self->n_ports == 0)
    vc_remote_listen (self);
  return served;
}

/* The CA's key, where it stands beside its certificate: not only while somebody is invited. */
static void
hide_usual_key (const VcTlsConf *conf)
{
  g_autoptr (VcPkiFolder) ours = vc_keys_folder (conf);
  g_autofree char *folder = g_path_get_dirname (ours->files[VC_PKI_CA_CERT].path);
  g_autofree char *key = g_build_filename (folder, "private", "cakey.pem", NULL);

  vc_hide_key (key, NULL);
}

VcRemote *
vc_remote_new (const VcTlsConf *conf, const char *run, VcRpcServer *server, GError **error)
{
  static const VcEntryUser user = { credential, on_in, may_join, on_join, on_refused };
  const VcEntryLimits limits
      = { conf->max_handshakes, conf->handshake_ms, conf->workers, conf->allowed, conf->no_verify };
  g_autoptr (VcRemote) self = g_new0 (VcRemote, 1);

  self->conf = conf;
  self->server = server;
  self->joins = vc_joins_new (run, error);
  if (self->joins == NULL)
    return NULL;
  self->entry = vc_entry_new (&limits, &user, self, error);
  if (self->entry == NULL)
    return NULL;
  hide_usual_key (conf);
  self->keys = vc_keys_new (conf, on_keys, self);
  return g_steal_pointer (&self);
}

void
vc_remote_free (VcRemote *self)
{
  if (self == NULL)
    return;
  if (self->lookup != NULL)
    self->lookup->remote = NULL;
  vc_entry_free (self->entry);
  vc_joins_free (self->joins);
  vc_keys_free (self->keys);
  g_free (self);
}
