/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "daemon/daemon.h"

/* How this works
 *
 * A connection's callbacks are rows: what sort of event it wants, of one guest or of all, under which number
 * it wants to hear of it.  An event goes to every connection with a row that it suits.  Sorts that virtcard
 * has no events of can be asked for all the same: they just never come.
 */

#define MAX_CALLBACKS 1024u

enum
{
  N_DOMAIN_EVENTS = 27, /* libvirt's events of domains have numbers below this, others these sorts */
  SORT_MONITOR = VC_EVENT_MONITOR,
  SORT_NETWORK = 2000,
  SORT_POOL = 2100,
  SORT_NODE_DEVICE = 2200,
  SORT_SECRET = 2300,
};

typedef struct
{
  int number;    /* -1: in the old way, without one */
  int sort;      /* a VcEventKind, or SORT_… and libvirt's number of the event */
  char uuid[37]; /* of one guest; "": of all        */
  char *name;    /* of one event of QEMU's; NULL: all */
} Callback;

static void
callback_clear (gpointer data)
{
  Callback *callback = data;

  g_free (callback->name);
}

VcSession *
vc_session_new (void)
{
  VcSession *session = g_new0 (VcSession, 1);

  session->callbacks = g_array_new (FALSE, TRUE, sizeof (Callback));
  g_array_set_clear_func (session->callbacks, callback_clear);
  session->last_callback = -1;
  return session;
}

void
vc_session_free (VcSession *session)
{
  if (session == NULL)
    return;
  g_array_unref (session->callbacks);
  g_free (session);
}

static VcSession *
session_of (const VcRpcRequest *request)
{
  return vc_rpc_client_get_data (vc_rpc_request_client (request));
}

/* Registering. */

static gboolean
add (VcRpcRequest *request, Callback *callback, gboolean is_old, int *ret_number, GError **error)
{
  VcSession *session = session_of (request);

  if (session->callbacks->len >= MAX_CALLBACKS)
    return vc_fail (error, VC_ERROR_LIMIT, "a connection may have %u event callbacks", MAX_CALLBACKS);
  callback->number = is_old ? -1 : ++session->last_callback;
  *ret_number = callback->number;
  g_array_append_val (session->callbacks, *callback);
  return TRUE;
}

static gboolean
drop (VcRpcRequest *request, int number, int sort_from, int sort_to, const char *what, GError **error)
{
  GArray *callbacks = session_of (request)->callbacks;

  for (guint i = 0; i < callbacks->len; i++)
    {
      const Callback *callback = &g_array_index (callbacks, Callback, i);

      if (callback->number != number || callback->sort < sort_from || callback->sort >= sort_to)
        continue;
      g_array_remove_index (callbacks, i);
      return TRUE;
    }
  return vc_wire_fail (error, VC_WIRE_INTERNAL, "%s event callback %d not registered", what, number);
}

static gboolean
check_event (int event, int n, GError **error)
{
  if (event >= 0 && event < n)
    return TRUE;
  return vc_wire_fail (error, VC_WIRE_INTERNAL, "unsupported event ID %d", event);
}

static gboolean
register_domain (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  Callback callback = { .sort = vc_xdr_read_int (args) };
  int number;

  if (!check_event (callback.sort, N_DOMAIN_EVENTS, error))
    return FALSE;
  if (vc_xdr_read_optional (args))
    {
      VcGuest *guest = vc_wire_read_guest (request, args, error);

      if (guest == NULL)
        return FALSE;
      g_strlcpy (callback.uuid, vc_guest_uuid (guest), sizeof callback.uuid);
    }
  if (!add (request, &callback, FALSE, &number, error))
    return FALSE;
  vc_xdr_put_int (ret, number);
  return TRUE;
}

static gboolean
deregister_domain (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return drop (request, vc_xdr_read_int (args), 0, N_DOMAIN_EVENTS, "domain", error);
}

/* The old way: one callback for each sort of event, without a number. */
static gboolean
register_old (VcRpcRequest *request, int event, GError **error)
{
  Callback callback = { .sort = event };
  int number;

  return check_event (event, N_DOMAIN_EVENTS, error) && add (request, &callback, TRUE, &number, error);
}

static gboolean
register_any (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return register_old (request, vc_xdr_read_int (args), error);
}

static gboolean
deregister_any (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  int event = vc_xdr_read_int (args);

  return check_event (event, N_DOMAIN_EVENTS, error) && drop (request, -1, event, event + 1, "domain", error);
}

static gboolean
register_lifecycle (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (!register_old (request, VC_EVENT_LIFECYCLE, error))
    return FALSE;
  vc_xdr_put_int (ret, 1);
  return TRUE;
}

static gboolean
deregister_lifecycle (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (!drop (request, -1, VC_EVENT_LIFECYCLE, VC_EVENT_LIFECYCLE + 1, "domain", error))
    return FALSE;
  vc_xdr_put_int (ret, 0);
  return TRUE;
}

/* Events of what is no guest: of one, by its UUID, or of all. */
static gboolean
register_other (VcRpcRequest *request, VcXdrReader *args, int sort, VcXdrWriter *ret, GError **error)
{
  int event = vc_xdr_read_int (args);
  Callback callback = { 0 };
  int number;

  if (!check_event (event, 2, error))
    return FALSE;
  callback.sort = sort + event;
  if (vc_xdr_read_optional (args))
    {
      if (sort == SORT_NETWORK || sort == SORT_POOL)
        vc_xdr_read_text (args);
      vc_wire_uuid (vc_xdr_read_uuid (args), callback.uuid);
    }
  if (!add (request, &callback, FALSE, &number, error))
    return FALSE;
  vc_xdr_put_int (ret, number);
  return TRUE;
}

static gboolean
register_network (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return register_other (request, args, SORT_NETWORK, ret, error);
}

static gboolean
deregister_network (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return drop (request, vc_xdr_read_int (args), SORT_NETWORK, SORT_POOL, "network", error);
}

static gboolean
register_pool (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return register_other (request, args, SORT_POOL, ret, error);
}

static gboolean
deregister_pool (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return drop (request, vc_xdr_read_int (args), SORT_POOL, SORT_NODE_DEVICE, "storage pool", error);
}

/* They never change: of all of them is of none. */
static gboolean
register_node_device (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  int event = vc_xdr_read_int (args);
  Callback callback = { 0 };
  int number;

  if (!check_event (event, 2, error))
    return FALSE;
  callback.sort = SORT_NODE_DEVICE + event;
  if (!add (request, &callback, FALSE, &number, error))
    return FALSE;
  vc_xdr_put_int (ret, number);
  return TRUE;
}

static gboolean
deregister_node_device (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return drop (request, vc_xdr_read_int (args), SORT_NODE_DEVICE, SORT_SECRET, "node device", error);
}

static gboolean
register_secret (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return register_other (request, args, SORT_SECRET, ret, error);
}

static gboolean
deregister_secret (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return drop (request, vc_xdr_read_int (args), SORT_SECRET, SORT_SECRET + 2, "secret", error);
}

/* A name is meant word for word: the flags that make it a pattern are refused. */
static gboolean
register_monitor (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  Callback callback = { .sort = SORT_MONITOR };
  VcGuest *guest = NULL;
  const char *name;
  int number;

  if (vc_xdr_read_optional (args))
    {
      guest = vc_wire_read_guest (request, args, error);
      if (guest == NULL)
        return FALSE;
      g_strlcpy (callback.uuid, vc_guest_uuid (guest), sizeof callback.uuid);
    }
  name = vc_xdr_read_text_or_null (args);
  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  callback.name = g_strdup (name);
  if (!add (request, &callback, FALSE, &number, error))
    {
      g_free (callback.name);
      return FALSE;
    }
  vc_xdr_put_int (ret, number);
  return TRUE;
}

static gboolean
deregister_monitor (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return drop (request, vc_xdr_read_int (args), SORT_MONITOR, SORT_MONITOR + 1, "domain", error);
}

/* Telling. */

/* How an event of a sort is told: in the old way where there was one. */
static const struct
{
  VcEventKind kind;
  int tell, old; /* a VcTell; -1: not in the old way */
} tells[] = {
  { VC_EVENT_LIFECYCLE, VC_TELL_DOMAIN_LIFECYCLE, VC_TELL_DOMAIN_LIFECYCLE_OLD },
  { VC_EVENT_REBOOT, VC_TELL_DOMAIN_REBOOT, VC_TELL_DOMAIN_REBOOT_OLD },
  { VC_EVENT_BALLOON_CHANGE, VC_TELL_DOMAIN_BALLOON_CHANGE, VC_TELL_DOMAIN_BALLOON_CHANGE_OLD },
  { VC_EVENT_DEVICE_REMOVED, VC_TELL_DOMAIN_DEVICE_REMOVED, VC_TELL_DOMAIN_DEVICE_REMOVED_OLD },
  { VC_EVENT_AGENT, VC_TELL_DOMAIN_AGENT_LIFECYCLE, -1 },
  { VC_EVENT_DEVICE_ADDED, VC_TELL_DOMAIN_DEVICE_ADDED, -1 },
  { VC_EVENT_DEVICE_REMOVAL_FAILED, VC_TELL_DOMAIN_DEVICE_REMOVAL_FAILED, -1 },
  { VC_EVENT_METADATA_CHANGE, VC_TELL_DOMAIN_METADATA_CHANGE, -1 },
  { VC_EVENT_MONITOR, VC_TELL_MONITOR_EVENT, -1 },
};

static void
put_event (VcXdrWriter *writer, const VcEvent *event)
{
  guint8 uuid[16];

  vc_wire_read_uuid (event->uuid, uuid);
  vc_xdr_put_domain (writer, &(VcXdrDomain){ event->name, uuid, event->id });
  switch (event->kind)
    {
    case VC_EVENT_LIFECYCLE:
    case VC_EVENT_AGENT:
      vc_xdr_put_int (writer, event->event);
      vc_xdr_put_int (writer, event->detail);
      break;
    case VC_EVENT_REBOOT:
      break;
    case VC_EVENT_BALLOON_CHANGE:
      vc_xdr_put_uhyper (writer, (guint64) event->number);
      break;
    case VC_EVENT_DEVICE_REMOVED:
    case VC_EVENT_DEVICE_ADDED:
    case VC_EVENT_DEVICE_REMOVAL_FAILED:
      vc_xdr_put_text (writer, event->text);
      break;
    case VC_EVENT_METADATA_CHANGE:
      vc_xdr_put_int (writer, event->event);
      vc_xdr_put_text_or_null (writer, event->text);
      break;
    case VC_EVENT_MONITOR:
      vc_xdr_put_text (writer, event->text);
      vc_xdr_put_hyper (writer, event->number);
      vc_xdr_put_uint (writer, (guint) event->micros);
      vc_xdr_put_text_or_null (writer, event->more);
      break;
    }
}

static void
tell_client (VcRpcClient *client, gpointer data)
{
  const VcEvent *event = data;
  const VcSession *session = vc_rpc_client_get_data (client);

  for (guint i = 0; session != NULL && i < session->callbacks->len; i++)
    {
      const Callback *callback = &g_array_index (session->callbacks, Callback, i);
      VcXdrWriter *writer;
      gsize row = 0;
      int tell;

      if (callback->sort != (int) event->kind
          || (*callback->uuid && strcmp (callback->uuid, event->uuid) != 0)
          || (callback->name != NULL && strcmp (callback->name, event->text) != 0))
        continue;
      while (tells[row].kind != event->kind)
        row++;
      tell = callback->number < 0 ? tells[row].old : tells[row].tell;
      if (tell < 0)
        continue;
      writer = vc_rpc_tell (client, (VcTell) tell);
      if (callback->number >= 0)
        vc_xdr_put_int (writer, callback->number);
      put_event (writer, event);
      vc_rpc_tell_send (client);
    }
}

void
vc_daemon_tell (const VcEvent *event, gpointer data)
{
  VcDaemon *daemon = data;

  vc_rpc_server_foreach (daemon->server, tell_client, (gpointer) event);
}

/* Of what is no guest. */
typedef struct
{
  int sort;
  VcTell tell;
  const char *name, *uuid;
  int usage; /* of secrets  */
  int event; /* -1: there is only one of this sort */
} Other;

static void
put_other (VcXdrWriter *writer, const Other *other)
{
  guint8 uuid[16];

  vc_wire_read_uuid (other->uuid, uuid);
  if (other->sort >= SORT_SECRET)
    {
      vc_xdr_put_uuid (writer, uuid);
      vc_xdr_put_int (writer, other->usage);
      vc_xdr_put_text (writer, other->name);
    }
  else
    {
      vc_xdr_put_text (writer, other->name);
      vc_xdr_put_uuid (writer, uuid);
    }
  if (other->event < 0)
    return;
  vc_xdr_put_int (writer, other->event);
  vc_xdr_put_int (writer, 0);
}

static void
tell_client_other (VcRpcClient *client, gpointer data)
{
  const Other *other = data;
  const VcSession *session = vc_rpc_client_get_data (client);

  for (guint i = 0; session != NULL && i < session->callbacks->len; i++)
    {
      const Callback *callback = &g_array_index (session->callbacks, Callback, i);
      VcXdrWriter *writer;

      if (callback->sort != other->sort || (*callback->uuid && strcmp (callback->uuid, other->uuid) != 0))
        continue;
      writer = vc_rpc_tell (client, other->tell);
      vc_xdr_put_int (writer, callback->number);
      put_other (writer, other);
      vc_rpc_tell_send (client);
    }
}

void
vc_daemon_tell_secret (VcDaemon *daemon, const guint8 *uuid, int usage, const char *name, int event)
{
  char text[37];
  Other secret = { event >= 0 ? SORT_SECRET : SORT_SECRET + 1,
                   event >= 0 ? VC_TELL_SECRET_LIFECYCLE : VC_TELL_SECRET_VALUE_CHANGED,
                   name,
                   vc_wire_uuid (uuid, text),
                   usage,
                   event };

  vc_rpc_server_foreach (daemon->server, tell_client_other, &secret);
}

void
vc_daemon_tell_pool (VcDaemon *daemon, const char *name, const char *uuid, int event)
{
  Other pool = { event >= 0 ? SORT_POOL : SORT_POOL + 1,
                 event >= 0 ? VC_TELL_STORAGE_POOL_LIFECYCLE : VC_TELL_STORAGE_POOL_REFRESH,
                 name,
                 uuid,
                 0,
                 event };

  vc_rpc_server_foreach (daemon->server, tell_client_other, &pool);
}

void
vc_daemon_tell_network (VcDaemon *daemon, const char *name, const char *uuid, int event)
{
  Other network = { SORT_NETWORK, VC_TELL_NETWORK_LIFECYCLE, name, uuid, 0, event };

  vc_rpc_server_foreach (daemon->server, tell_client_other, &network);
}

const VcHandlerRow vc_handlers_event[] = {
  { VC_CALL_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, register_domain },
  { VC_CALL_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, deregister_domain },
  { VC_CALL_CONNECT_DOMAIN_EVENT_REGISTER_ANY, register_any },
  { VC_CALL_CONNECT_DOMAIN_EVENT_DEREGISTER_ANY, deregister_any },
  { VC_CALL_CONNECT_DOMAIN_EVENT_REGISTER, register_lifecycle },
  { VC_CALL_CONNECT_DOMAIN_EVENT_DEREGISTER, deregister_lifecycle },
  { VC_CALL_CONNECT_NETWORK_EVENT_REGISTER_ANY, register_network },
  { VC_CALL_CONNECT_NETWORK_EVENT_DEREGISTER_ANY, deregister_network },
  { VC_CALL_CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY, register_pool },
  { VC_CALL_CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY, deregister_pool },
  { VC_CALL_CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY, register_node_device },
  { VC_CALL_CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY, deregister_node_device },
  { VC_CALL_CONNECT_SECRET_EVENT_REGISTER_ANY, register_secret },
  { VC_CALL_CONNECT_SECRET_EVENT_DEREGISTER_ANY, deregister_secret },
  { VC_CALL_MONITOR_EVENT_REGISTER, register_monitor },
  { VC_CALL_MONITOR_EVENT_DEREGISTER, deregister_monitor },
  VC_HANDLERS_END,
};
