/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/daemon.h"

/* Flags a client sends.  All but the first are notes to itself on how it came here; it sends them too. */
#define READ_ONLY  1u
#define NO_ALIASES 2u
#define AUTOSTART  4u /* comes with qemu:///session */

/* What this server can do for a client, by libvirt's numbers. */
enum
{
  TYPED_TEXT = 9,
  KEEPALIVE = 10,
  EVENT_CALLBACKS = 14,
  CLOSE_CALLBACKS = 15,
};

#define LIBRARY_VERSION 9000000u /* of the libvirt that this wire is like */

/* "qemu:///system", "qemu:///session", "qemu:///embed?root=…", and whatever stands before a '?'. */
static gboolean
check_uri (const char *uri, GError **error)
{
  static const char *const paths[] = { "/system", "/session", "/embed", NULL };
  g_autofree char *path = NULL;

  if (uri == NULL || *uri == '\0')
    return TRUE;
  if (!g_str_has_prefix (uri, "qemu://"))
    return vc_wire_fail (error, VC_WIRE_NO_CONNECT, "%s", uri);
  uri += strlen ("qemu://");
  if (*uri != '/')
    return vc_wire_fail (error, VC_WIRE_INTERNAL, "unexpected host in the URI 'qemu://%s'", uri);
  path = g_strndup (uri, strcspn (uri, "?"));
  if (!g_strv_contains (paths, path))
    return vc_wire_fail (error, VC_WIRE_INTERNAL, "unexpected qemu URI path '%s', try qemu:///system", path);
  return TRUE;
}

static gboolean
open_it (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcRpcClient *client = vc_rpc_request_client (request);
  const char *uri = vc_xdr_read_text_or_null (args);
  guint flags = vc_xdr_read_uint (args);

  if (vc_rpc_client_is_open (client))
    return vc_wire_fail (error, VC_WIRE_INTERNAL, "connection already open");
  if (!vc_wire_flags (request, flags, READ_ONLY | NO_ALIASES | AUTOSTART, error) || !check_uri (uri, error))
    return FALSE;
  if ((flags & READ_ONLY) != 0)
    vc_rpc_client_set_read_only (client);
  vc_rpc_client_set_data (client, vc_session_new ());
  vc_rpc_client_open (client);
  return TRUE;
}

void
vc_daemon_gone (VcRpcClient *client, gpointer data)
{
  VcDaemon *daemon = data;
  VcSession *session = vc_rpc_client_get_data (client);

  if (daemon->logins != NULL)
    vc_logins_gone (daemon->logins, client);
  if (session == NULL)
    return;
  vc_manager_drop_owner (daemon->manager, session);
  vc_session_free (session);
}

static gboolean
close_it (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_rpc_client_leave (vc_rpc_request_client (request));
  return TRUE;
}

static gboolean
supports_feature (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcRpcClient *client = vc_rpc_request_client (request);
  int feature = vc_xdr_read_int (args);

  if (feature == KEEPALIVE)
    vc_rpc_client_keep_alive (client);
  else if (!vc_rpc_client_is_open (client))
    return vc_wire_fail (error, VC_WIRE_INTERNAL, "hypervisor connection not open");
  vc_xdr_put_int (ret, feature == TYPED_TEXT || feature == KEEPALIVE || feature == EVENT_CALLBACKS
                           || feature == CLOSE_CALLBACKS);
  return TRUE;
}

static gboolean
get_type (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_text (ret, "QEMU");
  return TRUE;
}

static gboolean
get_version (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  g_autoptr (VcCaps) caps = vc_daemon_emulator (vc_daemon_of (request), NULL, NULL, error);

  if (caps == NULL)
    return FALSE;
  vc_xdr_put_uhyper (ret, caps->release);
  return TRUE;
}

static gboolean
get_lib_version (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_uhyper (ret, LIBRARY_VERSION);
  return TRUE;
}

static gboolean
get_uri (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_text (ret, vc_daemon_of (request)->uri);
  return TRUE;
}

static gboolean
get_hostname (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  char name[256];

  if (gethostname (name, sizeof name) < 0)
    return vc_fail (error, VC_ERROR_FAILED, "the host has no name");
  name[sizeof name - 1] = '\0';
  vc_xdr_put_text (ret, name);
  return TRUE;
}

static gboolean
is_secure (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_int (ret, TRUE); /* a unix socket, or TLS */
  return TRUE;
}

/* Whoever has this connection is told of its end by its end. */
static gboolean
close_callback (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return TRUE;
}

/* Who a client says it speaks for changes nothing: the socket says who it is. */
static gboolean
set_identity (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return vc_wire_fail (error, VC_WIRE_DENIED, "the identity of a connection is that of its process");
}

const VcHandlerRow vc_handlers_connect[] = {
  { VC_CALL_CONNECT_OPEN, open_it },
  { VC_CALL_CONNECT_CLOSE, close_it },
  { VC_CALL_CONNECT_SUPPORTS_FEATURE, supports_feature },
  { VC_CALL_CONNECT_GET_TYPE, get_type },
  { VC_CALL_CONNECT_GET_VERSION, get_version },
  { VC_CALL_CONNECT_GET_LIB_VERSION, get_lib_version },
  { VC_CALL_CONNECT_GET_URI, get_uri },
  { VC_CALL_CONNECT_GET_HOSTNAME, get_hostname },
  { VC_CALL_CONNECT_IS_SECURE, is_secure },
  { VC_CALL_CONNECT_REGISTER_CLOSE_CALLBACK, close_callback },
  { VC_CALL_CONNECT_UNREGISTER_CLOSE_CALLBACK, close_callback },
  { VC_CALL_CONNECT_SET_IDENTITY, set_identity },
  VC_HANDLERS_END,
};
