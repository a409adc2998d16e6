/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "host/secret.h"

#define USAGE_TLS 4 /* libvirt's number of the only use there is here */

enum
{
  EPHEMERAL = 1 << 0,
  NOT_EPHEMERAL = 1 << 1,
  PRIVATE = 1 << 2,
  NOT_PRIVATE = 1 << 3,
};

#define VALUE_CHANGED -1
#define DEFINED       0
#define UNDEFINED     1

static GPtrArray *
list (const VcRpcRequest *request, GError **error)
{
  return vc_secrets_list (vc_daemon_of (request)->paths, error);
}

static void
put (VcXdrWriter *ret, const VcSecret *secret)
{
  guint8 uuid[16];

  vc_wire_read_uuid (secret->uuid, uuid);
  vc_xdr_put_uuid (ret, uuid);
  vc_xdr_put_int (ret, USAGE_TLS);
  vc_xdr_put_text (ret, secret->name);
}

static void
tell (const VcRpcRequest *request, const VcSecret *secret, int event)
{
  guint8 uuid[16];

  vc_wire_read_uuid (secret->uuid, uuid);
  vc_daemon_tell_secret (vc_daemon_of (request), uuid, USAGE_TLS, secret->name, event);
}

/* Borrowed from secrets, or NULL with libvirt's words. */
static const VcSecret *
find (const GPtrArray *secrets, const guint8 *uuid, GError **error)
{
  char text[37];

  vc_wire_uuid (uuid, text);
  for (guint i = 0; secrets != NULL && i < secrets->len; i++)
    if (strcmp (((const VcSecret *) secrets->pdata[i])->uuid, text) == 0)
      return secrets->pdata[i];
  if (secrets != NULL)
    vc_wire_fail (error, VC_WIRE_NO_SECRET, "no secret with matching uuid '%s'", text);
  return NULL;
}

/* The secret that a call names: its UUID counts, what else it says of it is only remembered. */
static const VcSecret *
read_secret (VcXdrReader *args, const GPtrArray *secrets, GError **error)
{
  const guint8 *uuid = vc_xdr_read_uuid (args);

  vc_xdr_read_int (args);
  vc_xdr_read_text (args);
  return find (secrets, uuid, error);
}

static gboolean
count (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  g_autoptr (GPtrArray) secrets = list (request, error);

  if (secrets == NULL)
    return FALSE;
  vc_xdr_put_int (ret, (int) secrets->len);
  return TRUE;
}

static gboolean
list_uuids (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  g_autoptr (GPtrArray) secrets = list (request, error);
  int room = vc_xdr_read_int (args);

  if (secrets == NULL)
    return FALSE;
  vc_xdr_put_list (ret);
  for (guint i = 0; i < secrets->len && room > 0; i++, room--)
    vc_xdr_put_text (ret, ((const VcSecret *) secrets->pdata[i])->uuid);
  vc_xdr_end_list (ret);
  return TRUE;
}

static gboolean
chooses (const VcSecret *secret, guint flags)
{
  guint is = (secret->is_private == VC_TRI_YES ? PRIVATE : NOT_PRIVATE) | NOT_EPHEMERAL;

  return ((flags & (PRIVATE | NOT_PRIVATE)) == 0 || (flags & is & (PRIVATE | NOT_PRIVATE)) != 0)
         && ((flags & (EPHEMERAL | NOT_EPHEMERAL)) == 0 || (flags & is & NOT_EPHEMERAL) != 0);
}

static gboolean
list_all (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  gboolean wants_names = vc_xdr_read_int (args) != 0;
  guint flags = vc_xdr_read_uint (args);
  g_autoptr (GPtrArray) secrets = NULL;
  guint n = 0;

  if (!vc_wire_flags (request, flags, 15, error))
    return FALSE;
  secrets = list (request, error);
  if (secrets == NULL)
    return FALSE;
  vc_xdr_put_list (ret);
  for (guint i = 0; i < secrets->len; i++)
    if (chooses (secrets->pdata[i], flags))
      {
        n++;
        if (wants_names)
          put (ret, secrets->pdata[i]);
      }
  vc_xdr_end_list (ret);
  vc_xdr_put_uint (ret, n);
  return TRUE;
}

static gboolean
by_uuid (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  g_autoptr (GPtrArray) secrets = list (request, error);
  const VcSecret *secret = find (secrets, vc_xdr_read_uuid (args), error);

  if (secret == NULL)
    return FALSE;
  put (ret, secret);
  return TRUE;
}

static gboolean
by_usage (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  int usage = vc_xdr_read_int (args);
  const char *name = vc_xdr_read_text (args);
  g_autoptr (GPtrArray) secrets = list (request, error);

  if (secrets == NULL)
    return FALSE;
  for (guint i = 0; i < secrets->len; i++)
    {
      const VcSecret *secret = secrets->pdata[i];

      if (usage != USAGE_TLS || strcmp (secret->name, name) != 0)
        continue;
      put (ret, secret);
      return TRUE;
    }
  return vc_wire_fail (error, VC_WIRE_NO_SECRET, "no secret with matching usage '%s'", name);
}

static gboolean
define (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *xml = vc_xdr_read_text (args);
  g_autoptr (VcSecret) secret = NULL;

  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 1, error))
    return FALSE;
  secret = vc_secret_read (xml, strlen (xml), "(secret)", error);
  if (secret == NULL || !vc_secret_define (vc_daemon_of (request)->paths, secret, error))
    return FALSE;
  tell (request, secret, DEFINED);
  put (ret, secret);
  return TRUE;
}

static gboolean
get_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  g_autoptr (GPtrArray) secrets = list (request, error);
  const VcSecret *secret = read_secret (args, secrets, error);
  g_autofree char *xml = NULL;

  if (secret == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  xml = vc_secret_print (secret);
  vc_xdr_put_text (ret, xml);
  return TRUE;
}

static gboolean
set_value (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  g_autoptr (GPtrArray) secrets = list (request, error);
  const VcSecret *secret = read_secret (args, secrets, error);
  gsize len;
  const guint8 *value = vc_xdr_read_bytes (args, &len);
  gboolean done = secret != NULL && vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
                  && vc_secret_set_value (vc_daemon_of (request)->paths, secret->uuid, (const char *) value,
                                          len, error);

  explicit_bzero ((void *) value, len);
  if (done)
    tell (request, secret, VALUE_CHANGED);
  return done;
}

static gboolean
get_value (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  g_autoptr (GPtrArray) secrets = list (request, error);

  if (read_secret (args, secrets, error) == NULL)
    return FALSE;
  return vc_wire_fail (error, VC_WIRE_INVALID_SECRET, "secret is private");
}

static gboolean
undefine (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  g_autoptr (GPtrArray) secrets = list (request, error);
  const VcSecret *secret = read_secret (args, secrets, error);

  if (secret == NULL || !vc_secret_undefine (vc_daemon_of (request)->paths, secret->uuid, error))
    return FALSE;
  tell (request, secret, UNDEFINED);
  return TRUE;
}

const VcHandlerRow vc_handlers_secret[] = {
  { VC_CALL_CONNECT_NUM_OF_SECRETS, count },
  { VC_CALL_CONNECT_LIST_SECRETS, list_uuids },
  { VC_CALL_CONNECT_LIST_ALL_SECRETS, list_all },
  { VC_CALL_SECRET_LOOKUP_BY_UUID, by_uuid },
  { VC_CALL_SECRET_LOOKUP_BY_USAGE, by_usage },
  { VC_CALL_SECRET_DEFINE_XML, define },
  { VC_CALL_SECRET_GET_XML_DESC, get_xml },
  { VC_CALL_SECRET_SET_VALUE, set_value },
  { VC_CALL_SECRET_GET_VALUE, get_value },
  { VC_CALL_SECRET_UNDEFINE, undefine },
  VC_HANDLERS_END,
};
