/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/internal.h"
#include "api/places.h"
#include "base/error.h"
#include "client/ssh.h"
#include "client/socket.h"
#include "client/uri.h"

G_STATIC_ASSERT ((int) VIRTCARD_ERROR_QEMU == (int) VC_ERROR_QEMU);
G_STATIC_ASSERT ((int) VIRTCARD_ERROR_GONE == (int) VC_ERROR_GONE);
G_STATIC_ASSERT ((int) VIRTCARD_ERROR_STATE == (int) VC_ERROR_STATE);

/* libvirt's numbers of what a server may want of who comes. */
enum
{
  AUTH_NONE = 0,
  AUTH_SASL = 1,
  AUTH_POLKIT = 2,
};

enum
{
  OPEN_READ_ONLY = 1,
};

#define FEATURE_KEEPALIVE 10

GQuark
virtcard_error_quark (void)
{
  return VC_ERROR;
}

const char *
virtcard_version (void)
{
  return VC_VERSION;
}

int
vc_api_dial (const char *path, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (strlen (path) >= sizeof address.sun_path)
    {
      vc_fail (error, VC_ERROR_LIMIT, "the path of socket '%s' has more than %u bytes", path,
               (guint) sizeof address.sun_path - 1);
      return -1;
    }
  strcpy (address.sun_path, path);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  if (errno == ECONNREFUSED)
    vc_fail (error, VC_ERROR_GONE, "cannot connect to '%s': nobody listens there", path);
  else
    vc_fail_errno (error, errno, "cannot connect to '%s'", path);
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
on_tell (VcTell tell, VcXdrReader *body, gpointer data)
{
  vc_api_tell (data, tell, body);
}

static void
on_end (const GError *why, gpointer data)
{
  VirtcardConnect *connect = data;
  VirtcardCloseFn fn = g_steal_pointer (&connect->on_close);

  if (fn != NULL)
    fn (connect, why, connect->on_close_data);
}

static const VcClientWatch watch = { .on_tell = on_tell, .on_end = on_end };

/* What the other side wants of us beyond what the socket, or a certificate, tells. */
static gboolean
agree (VirtcardConnect *connect, const VirtcardAuth *auth, const VcUri *uri, GError **error)
{
  VcXdrReader *reader;
  gboolean wants_sasl = FALSE, wants_polkit = FALSE, wants_none = FALSE;

  vc_client_begin (connect->client, VC_CALL_AUTH_LIST);
  reader = vc_client_call (connect->client, error);
  if (reader == NULL)
    return FALSE;
  if (uri->transport == VC_URI_SSH)
    vc_steps_ok (connect->steps, VC_STEP_SSH, "a daemon answers through it");
  for (guint n = vc_xdr_read_list (reader); n > 0; n--)
    {
      int kind = vc_xdr_read_int (reader);

      wants_none |= kind == AUTH_NONE;
      wants_sasl |= kind == AUTH_SASL;
      wants_polkit |= kind == AUTH_POLKIT;
    }
  if (uri->auth != NULL && !wants_sasl)
    return vc_fail (error, VC_ERROR_DENIED,
                    "the server lets nobody log in, and parameter 'auth' asks for it");
  if (wants_none && uri->auth == NULL)
    {
      vc_steps_ok (connect->steps, VC_STEP_AUTHENTICATION,
                   "no more is asked for than who has the connection");
      return TRUE;
    }
  if (wants_sasl)
    {
      gboolean is_in = vc_api_log_in (connect, auth, uri, error);

      if (is_in)
        vc_steps_ok (connect->steps, VC_STEP_AUTHENTICATION, "the server asked for a user, and let us in");
      return is_in;
    }
  return vc_fail (error, VC_ERROR_DENIED, "the daemon wants authentication by %s, which is not supported",
                  wants_polkit ? "polkit" : "an unknown method");
}

static gboolean
greet (VirtcardConnect *connect, const VcUri *uri, const VirtcardAuth *auth, guint flags, GError **error)
{
  VcXdrWriter *args;

  if (!agree (connect, auth, uri, error))
    return FALSE;
  args = vc_client_begin (connect->client, VC_CALL_CONNECT_OPEN);
  vc_xdr_put_text_or_null (args, uri->place == VC_URI_SESSION ? "qemu:///session" : "qemu:///system");
  vc_xdr_put_uint (args, (flags & VIRTCARD_CONNECT_READ_ONLY) != 0 ? OPEN_READ_ONLY : 0);
  connect->is_open = vc_client_call (connect->client, error) != NULL;
  return connect->is_open;
}

static int
reach (VirtcardConnect *connect, const VcUri *uri, guint flags, GError **error)
{
  gboolean is_read_only = (flags & VIRTCARD_CONNECT_READ_ONLY) != 0;
  g_autofree char *path = NULL;
  g_autofree char *seen = NULL;
  int fd = -1;

  if (uri->place == VC_URI_EMBED)
    {
      connect->embed = vc_embed_new (uri->root, is_read_only, connect->warnings, &fd, error);
      if (connect->embed != NULL)
        vc_steps_ok (connect->steps, VC_STEP_ROOT, "this process holds its guests");
      return connect->embed != NULL ? fd : -1;
    }
  path = uri->socket != NULL ? g_strdup (uri->socket) : vc_places_socket (uri, is_read_only, error);
  if (path == NULL)
    return -1;
  vc_steps_set_socket (connect->steps, path);
  fd = vc_api_dial (path, error);
  if (fd < 0 || connect->steps == NULL)
    return fd;
  seen = vc_socket_print (path);
  vc_steps_ok (connect->steps, VC_STEP_SOCKET, "somebody listens at %s", seen);
  return fd;
}

static gboolean
answers_keepalive (VcClient *client)
{
  VcXdrReader *reader;

  vc_xdr_put_int (vc_client_begin (client, VC_CALL_CONNECT_SUPPORTS_FEATURE), FEATURE_KEEPALIVE);
  reader = vc_client_call (client, NULL);
  return reader != NULL && vc_xdr_read_int (reader) == 1;
}

/* Asked from the beginning, so that no call is without an end; not any more once it says that it will not
 * answer. */
static gboolean
open_remote (VirtcardConnect *connect, const VcUri *uri, const VirtcardTls *tls, const VirtcardAuth *auth,
             guint flags, GError **error)
{
  if (!vc_api_dial_tls (connect, tls, uri, &connect->client, &watch, error))
    return FALSE;
  vc_api_ask_alive (connect->client, tls);
  if (!greet (connect, uri, auth, flags, error))
    return FALSE;
  if (!answers_keepalive (connect->client))
    vc_client_ask_alive (connect->client, 0, 0);
  return TRUE;
}

/* ssh may ask somebody for a password: nothing is hurried before there is an answer. */
static gboolean
open_ssh (VirtcardConnect *connect, const VcUri *uri, const VirtcardAuth *auth, guint flags, GError **error)
{
  int fd;
  VcTunnel *tunnel = vc_ssh_dial (uri, (flags & VIRTCARD_CONNECT_READ_ONLY) != 0, &fd, error);

  if (tunnel == NULL)
    return FALSE;
  connect->client = vc_client_new_tunnel (fd, tunnel, &watch, connect);
  if (!greet (connect, uri, auth, flags, error))
    return FALSE;
  if (answers_keepalive (connect->client))
    vc_api_ask_alive (connect->client, NULL);
  return TRUE;
}

static void
tell_address (const VirtcardConnect *connect, const VcUri *uri)
{
  g_autofree char *printed = vc_uri_print (uri);

  vc_steps_set_way (connect->steps, uri->transport == VC_URI_TLS   ? VC_WAY_TLS
                                    : uri->transport == VC_URI_SSH ? VC_WAY_SSH
                                    : uri->place == VC_URI_EMBED   ? VC_WAY_ROOT
                                                                   : VC_WAY_SOCKET);
  vc_steps_ok (connect->steps, VC_STEP_ADDRESS, "%s", printed);
}

static gboolean
open_uri (VirtcardConnect *connect, guint flags, const VirtcardTls *tls, const VirtcardAuth *auth,
          GError **error)
{
  g_autoptr (VcUri) uri = vc_uri_read (connect->uri, error);
  int fd;

  if (uri == NULL)
    return FALSE;
  tell_address (connect, uri);
  if (uri->transport == VC_URI_TLS)
    return open_remote (connect, uri, tls, auth, flags, error);
  if (tls != NULL && vc_api_is_for_tls_only (tls))
    return vc_fail (error, VC_ERROR_INVALID, "URI '%s': certificates are for transport tls", connect->uri);
  if (uri->transport == VC_URI_SSH)
    return open_ssh (connect, uri, auth, flags, error);
  fd = reach (connect, uri, flags, error);
  if (fd < 0)
    return FALSE;
  connect->client = vc_client_new (fd, connect->embed != NULL, &watch, connect);
  return greet (connect, uri, auth, flags, error);
}

VirtcardConnect *
vc_api_open (const char *uri, guint flags, const VirtcardTls *tls, const VirtcardAuth *auth, VcSteps *steps,
             GError **error)
{
  g_autofree char *chosen = uri == NULL ? virtcard_connect_choose (NULL, error) : NULL;
  g_autoptr (VirtcardConnect) connect = NULL;

  if (uri == NULL && chosen == NULL)
    return NULL;
  if ((flags & ~(guint) VIRTCARD_CONNECT_READ_ONLY) != 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "unknown flags 0x%x", flags);
  connect = g_new0 (VirtcardConnect, 1);
  connect->uri = g_strdup (uri != NULL ? uri : chosen);
  connect->domains = g_hash_table_new (NULL, NULL);
  connect->warnings = g_ptr_array_new_with_free_func (g_free);
  connect->listeners = g_ptr_array_new_with_free_func (g_free);
  connect->steps = steps;
  if (!open_uri (connect, flags, tls, auth, error))
    return NULL;
  connect->steps = NULL;
  g_ptr_array_add (connect->warnings, NULL);
  return g_steal_pointer (&connect);
}

VirtcardConnect *
virtcard_connect_open_auth (const char *uri, guint flags, const VirtcardTls *tls, const VirtcardAuth *auth,
                            GError **error)
{
  return vc_api_open (uri, flags, tls, auth, NULL, error);
}

VirtcardConnect *
virtcard_connect_open_tls (const char *uri, guint flags, const VirtcardTls *tls, GError **error)
{
  return virtcard_connect_open_auth (uri, flags, tls, NULL, error);
}

VirtcardConnect *
virtcard_connect_open (const char *uri, guint flags, GError **error)
{
  return virtcard_connect_open_auth (uri, flags, NULL, NULL, error);
}

static void
say_goodbye (VcClient *client)
{
  vc_client_begin (client, VC_CALL_CONNECT_CLOSE);
  vc_client_call (client, NULL);
}

void
virtcard_connect_close (VirtcardConnect *connect)
{
  GHashTableIter at;
  gpointer domain;

  if (connect == NULL)
    return;
  connect->on_close = NULL;
  /* Not to one that did not come to its end: it may never answer. */
  if (connect->is_open && vc_client_is_alive (connect->client))
    say_goodbye (connect->client);
  g_hash_table_iter_init (&at, connect->domains);
  while (g_hash_table_iter_next (&at, &domain, NULL))
    ((VirtcardDomain *) domain)->connect = NULL;
  vc_client_free (connect->client);
  vc_embed_free (connect->embed);
  g_hash_table_unref (connect->domains);
  g_ptr_array_unref (connect->warnings);
  vc_api_certificate_free (connect->server);
  g_ptr_array_unref (connect->listeners);
  g_free (connect->uri);
  g_free (connect);
}

gboolean
virtcard_connect_is_alive (const VirtcardConnect *connect)
{
  return vc_client_is_alive (connect->client);
}

const char *
virtcard_connect_uri (const VirtcardConnect *connect)
{
  return connect->uri;
}

const char *const *
virtcard_connect_warnings (const VirtcardConnect *connect)
{
  return (const char *const *) connect->warnings->pdata;
}

void
virtcard_connect_watch (VirtcardConnect *connect, VirtcardCloseFn fn, gpointer data)
{
  connect->on_close = fn;
  connect->on_close_data = data;
}

static char *
call_text (VirtcardConnect *connect, GError **error)
{
  VcXdrReader *reader = vc_client_call (connect->client, error);

  return reader != NULL ? g_strdup (vc_xdr_read_text (reader)) : NULL;
}

char *
virtcard_connect_get_capabilities (VirtcardConnect *connect, GError **error)
{
  vc_client_begin (connect->client, VC_CALL_CONNECT_GET_CAPABILITIES);
  return call_text (connect, error);
}

char *
virtcard_connect_reload_tls (VirtcardConnect *connect, GError **error)
{
  vc_xdr_put_uint (vc_client_begin (connect->client, VC_CALL_TLS_RELOAD), 0);
  return call_text (connect, error);
}

char *
virtcard_connect_get_domain_capabilities (VirtcardConnect *connect, const char *emulator, const char *arch,
                                          const char *machine, const char *type, GError **error)
{
  VcXdrWriter *args = vc_client_begin (connect->client, VC_CALL_CONNECT_GET_DOMAIN_CAPABILITIES);

  vc_xdr_put_text_or_null (args, emulator);
  vc_xdr_put_text_or_null (args, arch);
  vc_xdr_put_text_or_null (args, machine);
  vc_xdr_put_text_or_null (args, type);
  vc_xdr_put_uint (args, 0);
  return call_text (connect, error);
}
