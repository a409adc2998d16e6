/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/chardev.h"

#include "base/error.h"

/* How this works
 *
 *   -chardev socket,id=c,host=h,port=1,server=on
 *
 *   { "id": "c", "backend": { "type": "socket", "data": {
 *       "addr": { "type": "inet", "data": { "host": "h", "port": "1" } }, "server": true } } }
 *
 * One row says where one flat property goes.  Back ends without rows of their own take the
 * common ones only.
 */

typedef enum
{
  DATA, /* backend.data                                      */
  INET, /* backend.data.addr, which is then of type inet ... */
  UNIX,
  FD,
  REMOTE,  /* backend.data.remote, always inet                  */
  LOCAL,   /* backend.data.local, always inet                   */
  DROPPED, /* the command line's alone, without a meaning       */
} Place;

typedef struct
{
  const char *driver; /* NULL: any                     */
  const char *flat;
  Place place;
  const char *nested;
  gboolean text; /* a string there, even a number */
} Row;

static const Row rows[] = {
  { NULL, "logfile", DATA, "logfile" },
  { NULL, "logappend", DATA, "logappend" },
  { "file", "path", DATA, "out" },
  { "file", "append", DATA, "append" },
  { "pipe", "path", DATA, "device" },
  { "serial", "path", DATA, "device" },
  { "parallel", "path", DATA, "device" },
  { "stdio", "signal", DATA, "signal" },
  { "socket", "host", INET, "host" },
  { "socket", "port", INET, "port", TRUE },
  { "socket", "to", INET, "to" },
  { "socket", "ipv4", INET, "ipv4" },
  { "socket", "ipv6", INET, "ipv6" },
  { "socket", "path", UNIX, "path" },
  { "socket", "abstract", UNIX, "abstract" },
  { "socket", "tight", UNIX, "tight" },
  { "socket", "fd", FD, "str", TRUE },
  { "socket", "server", DATA, "server" },
  { "socket", "wait", DATA, "wait" },
  { "socket", "nodelay", DATA, "nodelay" },
  { "socket", "telnet", DATA, "telnet" },
  { "socket", "tn3270", DATA, "tn3270" },
  { "socket", "websocket", DATA, "websocket" },
  { "socket", "reconnect", DATA, "reconnect" },
  { "socket", "tls-creds", DATA, "tls-creds" },
  { "socket", "tls-authz", DATA, "tls-authz" },
  { "udp", "host", REMOTE, "host" },
  { "udp", "port", REMOTE, "port", TRUE },
  { "udp", "ipv4", REMOTE, "ipv4" },
  { "udp", "ipv6", REMOTE, "ipv6" },
  { "udp", "localaddr", LOCAL, "host" },
  { "udp", "localport", LOCAL, "port", TRUE },
  { "spicevmc", "name", DATA, "type" },
  { "spiceport", "name", DATA, "fqdn" },
  { "dbus", "name", DATA, "name" },
  { "qemu-vdagent", "name", DROPPED, NULL },
  { "qemu-vdagent", "mouse", DATA, "mouse" },
  { "qemu-vdagent", "clipboard", DATA, "clipboard" },
  { "vc", "width", DATA, "width" },
  { "vc", "height", DATA, "height" },
  { "vc", "cols", DATA, "cols" },
  { "vc", "rows", DATA, "rows" },
  { "ringbuf", "size", DATA, "size" },
};

static const char *const type_of[]
    = { [INET] = "inet", [UNIX] = "unix", [FD] = "fd", [REMOTE] = "inet", [LOCAL] = "inet" };
static const char *const member_of[]
    = { [INET] = "addr", [UNIX] = "addr", [FD] = "addr", [REMOTE] = "remote", [LOCAL] = "local" };

static const Row *
find_row (const char *driver, const char *flat)
{
  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    if ((rows[n].driver == NULL || g_str_equal (rows[n].driver, driver)) && g_str_equal (rows[n].flat, flat))
      return &rows[n];
  return NULL;
}

/* Where a row's value goes: data itself, or the data of one of its addresses, made when missing. */
static VcJson *
find_place (VcJson *data, Place place, GError **error)
{
  VcJson *address;
  VcJson *inner;

  if (place == DATA)
    return data;
  address = vc_json_get (data, member_of[place]);
  if (address == NULL)
    {
      address = json_object ();
      json_object_set_new (data, member_of[place], address);
      json_object_set_new (address, "type", json_string (type_of[place]));
      inner = json_object ();
      json_object_set_new (address, "data", inner);
      return inner;
    }
  if (!g_str_equal (vc_json_str (address, "type"), type_of[place]))
    return vc_fail_null (error, VC_ERROR_INVALID, "one socket cannot have both an %s and an %s address",
                         vc_json_str (address, "type"), type_of[place]);
  return vc_json_get (address, "data");
}

static gboolean
put (VcJson *at, const Row *row, const VcProp *prop, GError **error)
{
  g_autofree char *text = NULL;

  switch (prop->type)
    {
    case VC_PROP_BOOL:
      json_object_set_new (at, row->nested, json_boolean (prop->flag));
      return TRUE;
    case VC_PROP_U64:
    case VC_PROP_I64:
      if (!row->text)
        {
          json_object_set_new (at, row->nested, json_integer ((gint64) prop->number));
          return TRUE;
        }
      text = g_strdup_printf ("%" G_GUINT64_FORMAT, prop->number);
      return vc_json_put_str (at, row->nested, text, error);
    case VC_PROP_FILE:
      text = prop->fd >= 0 ? g_strdup_printf ("/dev/fdset/%u", prop->fdset) : NULL;
      return vc_json_put_str (at, row->nested, text != NULL ? text : prop->text, error);
    case VC_PROP_STR:
    case VC_PROP_LISTEN:
      return vc_json_put_str (at, row->nested, prop->text, error);
    default:
      return vc_fail (error, VC_ERROR_UNSUPPORTED, "character device property '%s' has no place over QMP",
                      prop->name);
    }
}

static void
put_default (VcJson *address, const char *key, const char *value)
{
  const char *now = vc_json_str (address, key);

  if (now == NULL || *now == '\0')
    json_object_set_new (address, key, json_string (value));
}

/* Where the command line and QMP have different ideas of what is meant by saying nothing. */
static void
fill (VcJson *data, const char *driver)
{
  VcJson *remote = vc_json_get (vc_json_get (data, "remote"), "data");
  VcJson *local = vc_json_get (vc_json_get (data, "local"), "data");

  if (g_str_equal (driver, "socket") && vc_json_get (data, "server") == NULL)
    json_object_set_new (data, "server", json_false ());
  if (remote != NULL)
    put_default (remote, "host", "localhost");
  if (local != NULL)
    {
      put_default (local, "host", "");
      put_default (local, "port", "0");
    }
}

VcJson *
vc_chardev_spell (const VcProps *props, GError **error)
{
  const char *driver = vc_props_driver (props);
  const char *id = vc_props_id (props);
  g_autoptr (json_t) arguments = json_object ();
  VcJson *backend = json_object ();
  VcJson *data = json_object ();

  if (!vc_json_put_str (arguments, "id", id, error))
    return NULL;
  json_object_set_new (arguments, "backend", backend);
  json_object_set_new (backend, "type", json_string (driver));
  json_object_set_new (backend, "data", data);

  for (guint n = 0; n < vc_props_n (props); n++)
    {
      static const Row sent = { "socket", "fd", FD, "str", TRUE };
      const VcProp *prop = vc_props_nth (props, n);
      gboolean passed = prop->type == VC_PROP_LISTEN && prop->fd >= 0;
      const Row *row = passed ? &sent : find_row (driver, prop->name);
      VcJson *at;

      if (row == NULL)
        return vc_fail_null (error, VC_ERROR_UNSUPPORTED,
                             "character device '%s': '%s' can be said only when QEMU starts", id, prop->name);
      if (row->place == DROPPED)
        continue;
      at = find_place (data, row->place, error);
      if (at == NULL
          || (passed ? !vc_json_put_str (at, row->nested, id, error) : !put (at, row, prop, error)))
        {
          vc_prefix (error, "character device '%s': ", id);
          return NULL;
        }
    }
  fill (data, driver);
  return g_steal_pointer (&arguments);
}
