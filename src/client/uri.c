/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/uri.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "pki/token.h"

#define MAX_BYTES 4096u

static const char *const places[]
    = { [VC_URI_SYSTEM] = "/system", [VC_URI_SESSION] = "/session", [VC_URI_EMBED] = "/embed" };

static const char *const transports[]
    = { [VC_URI_HERE] = "unix", [VC_URI_TLS] = "tls", [VC_URI_SSH] = "ssh" };

/* Of libvirt, and not here. */
static const char *const other_transports[] = { "tcp", "ext", "libssh", "libssh2" };

/* What a URI is made of, decoded. */
typedef struct
{
  char *scheme, *user, *host, *path, *query, *fragment;
  int port; /* -1: none */
} Parts;

static void
parts_clear (Parts *parts)
{
  g_free (parts->scheme);
  g_free (parts->user);
  g_free (parts->host);
  g_free (parts->path);
  g_free (parts->query);
  g_free (parts->fragment);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static gboolean
split (const char *text, Parts *ret_parts, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (strlen (text) > MAX_BYTES)
    return vc_fail (error, VC_ERROR_LIMIT, "it has more than %u bytes", MAX_BYTES);
  /* The query stays as it is: a value may hold an encoded '&'. */
  if (!g_uri_split (text, G_URI_FLAGS_ENCODED_QUERY, &ret_parts->scheme, &ret_parts->user, &ret_parts->host,
                    &ret_parts->port, &ret_parts->path, &ret_parts->query, &ret_parts->fragment, &why))
    return vc_fail (error, VC_ERROR_INVALID, "it is no URI: %s", why->message);
  return TRUE;
}

/* ret_transport: borrowed from scheme, or NULL. */
static gboolean
check_scheme (const char *scheme, const char **ret_transport, GError **error)
{
  const char *plus = scheme != NULL ? strchr (scheme, '+') : NULL;
  gsize len = plus != NULL ? (gsize) (plus - scheme) : scheme != NULL ? strlen (scheme) : 0;

  if (len == 0)
    return vc_fail (error, VC_ERROR_INVALID, "it does not begin with 'qemu:'");
  if (len != strlen ("qemu") || strncmp (scheme, "qemu", len) != 0)
    return vc_fail (error, VC_ERROR_UNSUPPORTED, "'%.*s' is unsupported: the only hypervisor is qemu",
                    (int) len, scheme);
  *ret_transport = plus != NULL ? plus + 1 : NULL;
  if (plus == NULL || strcmp (plus + 1, "unix") == 0 || strcmp (plus + 1, "tls") == 0
      || strcmp (plus + 1, "ssh") == 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (other_transports); i++)
    if (strcmp (plus + 1, other_transports[i]) == 0)
      return vc_fail (error, VC_ERROR_UNSUPPORTED, "transport '%s' is not supported: use tls, ssh or unix",
                      plus + 1);
  return vc_fail (error, VC_ERROR_INVALID, "unknown transport '%s'", plus + 1);
}

static gboolean
check_place (const char *path, VcUriPlace *ret_place, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (strcmp (path, places[i]) == 0)
      {
        *ret_place = (VcUriPlace) i;
        return TRUE;
      }
  return vc_fail (error, VC_ERROR_INVALID, "'%s' is none of /system, /session and /embed", path);
}

static gboolean
set_path (char **at, const char *name, const char *value, GError **error)
{
  if (!g_path_is_absolute (value))
    return vc_fail (error, VC_ERROR_INVALID, "parameter '%s': '%s' is no absolute path", name, value);
  *at = g_strdup (value);
  return TRUE;
}

static gboolean
set_flag (gboolean *at, const char *name, const char *value, GError **error)
{
  if (strcmp (value, "0") != 0 && strcmp (value, "1") != 0)
    return vc_fail (error, VC_ERROR_INVALID, "parameter '%s': '%s' is neither 0 nor 1", name, value);
  *at = *value == '1';
  return TRUE;
}

enum
{
  HERE = 1 << VC_URI_HERE,
  TLS = 1 << VC_URI_TLS,
  SSH = 1 << VC_URI_SSH,
};

/* What a URI may have after its '?'. */
static const struct
{
  const char *name;
  gsize at;
  enum
  {
    PATH,
    TEXT,
    AUTH,
    FLAG,
    TOKEN, /* a PKCS#11 URI */
  } sort;
  guint transports; /* a bit for each VcUriTransport */
} parameters[] = {
  { "socket", offsetof (VcUri, socket), PATH, HERE | SSH },
  { "root", offsetof (VcUri, root), PATH, HERE },
  { "pkipath", offsetof (VcUri, pkipath), PATH, TLS },
  { "tls_priority", offsetof (VcUri, tls_priority), TEXT, TLS },
  { "auth", offsetof (VcUri, auth), AUTH, TLS },
  { "no_verify", offsetof (VcUri, no_verify), FLAG, TLS | SSH },
  { "no_sanity", offsetof (VcUri, no_sanity), FLAG, TLS },
  { "system_ca", offsetof (VcUri, system_ca), FLAG, TLS },
  { "client_cert", offsetof (VcUri, client_cert), TOKEN, TLS },
  { "client_key", offsetof (VcUri, client_key), TOKEN, TLS },
  { "command", offsetof (VcUri, command), TEXT, SSH },
  { "keyfile", offsetof (VcUri, keyfile), PATH, SSH },
  { "netcat", offsetof (VcUri, netcat), TEXT, SSH },
  { "no_tty", offsetof (VcUri, no_tty), FLAG, SSH },
};

/* given: a bit for each of parameters. */
static gboolean
set_parameter (VcUri *uri, const char *name, const char *value, guint *given, GError **error)
{
  gpointer at;
  guint i = 0;

  while (i < G_N_ELEMENTS (parameters) && strcmp (name, parameters[i].name) != 0)
    i++;
  if (i == G_N_ELEMENTS (parameters))
    return vc_fail (error, VC_ERROR_INVALID, "unknown parameter '%s'", name);
  if ((parameters[i].transports & 1u << uri->transport) == 0)
    return vc_fail (error, VC_ERROR_INVALID, "parameter '%s' is not for transport %s", name,
                    transports[uri->transport]);
  if ((*given & 1u << i) != 0)
    return vc_fail (error, VC_ERROR_INVALID, "parameter '%s' is given twice", name);
  *given |= 1u << i;
  at = (char *) uri + parameters[i].at;
  if (parameters[i].sort == PATH)
    return set_path (at, name, value, error);
  if (parameters[i].sort == FLAG)
    return set_flag (at, name, value, error);
  if (parameters[i].sort == AUTH && strcmp (value, "sasl") != 0
      && (!g_str_has_prefix (value, "sasl.") || value[strlen ("sasl.")] == '\0'))
    return vc_fail (error, VC_ERROR_INVALID, "parameter '%s': '%s' is neither sasl nor sasl.MECHANISM", name,
                    value);
  if (parameters[i].sort == TOKEN && !vc_token_check_uri (value, error))
    return vc_prefix (error, "parameter '%s': ", name);
  *(char **) at = g_strdup (value);
  return TRUE;
}

static gboolean
read_parameters (VcUri *uri, const char *query, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;
  g_autoptr (GError) why = NULL;
  guint given = 0;
  GUriParamsIter at;

  g_uri_params_iter_init (&at, query, -1, "&", G_URI_PARAMS_NONE);
  while (g_uri_params_iter_next (&at, &name, &value, &why))
    {
      if (!set_parameter (uri, name, value, &given, error))
        return FALSE;
      g_clear_pointer (&name, g_free);
      g_clear_pointer (&value, g_free);
    }
  if (why != NULL)
    return vc_fail (error, VC_ERROR_INVALID, "parameters '%s': %s", query, why->message);
  return TRUE;
}

static VcUriTransport
transport_of (const char *name)
{
  return strcmp (name, "tls") == 0 ? VC_URI_TLS : strcmp (name, "ssh") == 0 ? VC_URI_SSH : VC_URI_HERE;
}

/* Is there anything in it that is not to be said again? */
static gboolean
has_secret (const char *text)
{
  const char *query = strchr (text, '?');
  g_autofree char *before = g_strndup (text, query != NULL ? (gsize) (query - text) : strlen (text));
  g_autofree char *plain = g_uri_unescape_string (text, NULL);
  const char *user = strstr (before, "//");
  const char *end = user != NULL ? strrchr (user, '@') : NULL;

  return strstr (plain != NULL ? plain : text, "pin-value") != NULL
         || (end != NULL
             && (g_strstr_len (user, end - user, ":") != NULL
                 || g_strstr_len (user, end - user, "%3") != NULL));
}

/* ssh gives it to other programs, some of them by way of a shell. */
static gboolean
check_word (const char *word, const char *what, GError **error)
{
  for (const char *at = word; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at) || strchr (" \"'`$&|;<>(){}*?!\\#", *at) != NULL || (at == word && *at == '-'))
      return vc_fail (error, VC_ERROR_INVALID, "%s '%s' cannot be given to ssh", what, word);
  return TRUE;
}

/* A colon is of an address, whose zone ("%eth0") does not matter here; an encoded one is of nothing. */
static gboolean
check_host (const char *host, GError **error)
{
  g_autofree char *address = g_strndup (host, strcspn (host, "%"));

  return strchr (host, ':') == NULL || g_hostname_is_ip_address (address)
         || vc_fail (error, VC_ERROR_INVALID, "'%s' is no host", host);
}

/* Who is meant, where it is not this host.  A host alone means TLS, as it does to libvirt. */
static gboolean
take_host (VcUri *uri, Parts *parts, const char *transport, GError **error)
{
  gboolean has_host = parts->host != NULL && parts->host[0] != '\0';

  uri->transport = transport == NULL ? (has_host ? VC_URI_TLS : VC_URI_HERE) : transport_of (transport);
  if (uri->transport == VC_URI_HERE && (parts->user != NULL || parts->port >= 0 || has_host))
    return vc_fail (error, VC_ERROR_INVALID, "a host, user or port needs a transport over the network");
  if (uri->transport == VC_URI_HERE)
    return TRUE;
  if (!has_host)
    return vc_fail (error, VC_ERROR_INVALID, "transport %s needs a host", transports[uri->transport]);
  if (!check_host (parts->host, error))
    return FALSE;
  if (parts->user != NULL && strchr (parts->user, ':') != NULL)
    return vc_fail (error, VC_ERROR_INVALID,
                    "a password does not belong into a URI, which others can see: it is asked for, or read "
                    "from a file");
  if (uri->transport == VC_URI_SSH
      && !(check_word (parts->host, "host", error)
           && (parts->user == NULL || check_word (parts->user, "user", error))))
    return FALSE;
  if (parts->port == 0)
    return vc_fail (error, VC_ERROR_INVALID, "0 is no port");
  if (uri->place == VC_URI_EMBED)
    return vc_fail (error, VC_ERROR_INVALID, "/embed is in this process and has no transport");
  uri->host = g_steal_pointer (&parts->host);
  uri->user = g_steal_pointer (&parts->user);
  uri->port = parts->port > 0 ? (guint) parts->port : uri->transport == VC_URI_TLS ? VC_URI_TLS_PORT : 0;
  return TRUE;
}

static gboolean
check_together (const VcUri *uri, const char *transport, GError **error)
{
  if (uri->place == VC_URI_EMBED && transport != NULL)
    return vc_fail (error, VC_ERROR_INVALID, "/embed is in this process and has no transport");
  if (uri->place == VC_URI_EMBED && uri->socket != NULL)
    return vc_fail (error, VC_ERROR_INVALID, "/embed is in this process and has no socket");
  if (uri->root != NULL && uri->socket != NULL)
    return vc_fail (error, VC_ERROR_INVALID, "parameters 'root' and 'socket' exclude each other");
  if (uri->client_cert != NULL && uri->client_key == NULL)
    return vc_fail (error, VC_ERROR_INVALID, "parameter 'client_cert' needs 'client_key'");
  return TRUE;
}

static gboolean
read_all (VcUri *uri, const char *text, GError **error)
{
  g_auto (Parts) parts = { .port = -1 };
  const char *transport = NULL;

  if (!split (text, &parts, error) || !check_scheme (parts.scheme, &transport, error))
    return FALSE;
  if (parts.fragment != NULL)
    return vc_fail (error, VC_ERROR_INVALID, "nothing can follow '#'");
  return check_place (parts.path, &uri->place, error) && take_host (uri, &parts, transport, error)
         && (parts.query == NULL || read_parameters (uri, parts.query, error))
         && check_together (uri, transport, error);
}

VcUri *
vc_uri_read (const char *text, GError **error)
{
  g_autoptr (VcUri) uri = g_new0 (VcUri, 1);

  if (!read_all (uri, text, error))
    {
      vc_prefix (error, "URI '%s': ", has_secret (text) ? "..." : text);
      return NULL;
    }
  return g_steal_pointer (&uri);
}

static void
add_host (GString *out, const VcUri *uri)
{
  gboolean is_v6 = strchr (uri->host, ':') != NULL;

  if (uri->user != NULL)
    {
      g_string_append_uri_escaped (out, uri->user, NULL, FALSE);
      g_string_append_c (out, '@');
    }
  if (is_v6)
    g_string_append_c (out, '[');
  g_string_append_uri_escaped (out, uri->host, ":", FALSE);
  if (is_v6)
    g_string_append_c (out, ']');
  if (uri->port != (uri->transport == VC_URI_TLS ? VC_URI_TLS_PORT : 0))
    g_string_append_printf (out, ":%u", uri->port);
}

static void
add_parameters (GString *out, const VcUri *uri)
{
  char before = '?';

  for (guint i = 0; i < G_N_ELEMENTS (parameters); i++)
    {
      gconstpointer at = (const char *) uri + parameters[i].at;
      gboolean is_flag = parameters[i].sort == FLAG;
      const char *value = !is_flag ? *(char *const *) at : *(const gboolean *) at ? "1" : NULL;

      if (value == NULL)
        continue;
      g_string_append_printf (out, "%c%s=", before, parameters[i].name);
      g_string_append_uri_escaped (out, value, "/", FALSE);
      before = '&';
    }
}

char *
vc_uri_print (const VcUri *uri)
{
  GString *out = g_string_new ("qemu");

  if (uri->transport != VC_URI_HERE || uri->socket != NULL)
    g_string_append_printf (out, "+%s", transports[uri->transport]);
  g_string_append (out, "://");
  if (uri->host != NULL)
    add_host (out, uri);
  g_string_append (out, places[uri->place]);
  add_parameters (out, uri);
  return g_string_free (out, FALSE);
}

void
vc_uri_free (VcUri *uri)
{
  if (uri == NULL)
    return;
  g_free (uri->socket);
  g_free (uri->root);
  g_free (uri->host);
  g_free (uri->user);
  g_free (uri->pkipath);
  g_free (uri->tls_priority);
  g_free (uri->command);
  g_free (uri->keyfile);
  g_free (uri->netcat);
  g_free (uri->auth);
  g_free (uri->client_cert);
  g_free (uri->client_key);
  g_free (uri);
}
