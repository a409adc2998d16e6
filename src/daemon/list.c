/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/list.h"

#define COMMON 0x3fu /* flags of every sort */

static gboolean
chooses (const VcList *list, const VcListed *one, guint flags)
{
  const guint pairs[] = {
    VC_LIST_INACTIVE | VC_LIST_ACTIVE,
    VC_LIST_PERSISTENT | VC_LIST_TRANSIENT,
    VC_LIST_STARTS | VC_LIST_STARTS_NOT,
    list->types,
  };
  guint is = (one->is_active ? VC_LIST_ACTIVE : VC_LIST_INACTIVE)
             | (one->is_persistent ? VC_LIST_PERSISTENT : VC_LIST_TRANSIENT)
             | (one->starts ? VC_LIST_STARTS : VC_LIST_STARTS_NOT) | one->type;

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    if ((flags & pairs[i]) != 0 && (flags & is & pairs[i]) == 0)
      return FALSE;
  return TRUE;
}

/* The next one that flags mean, from *at on.  Returns: FALSE when there is none. */
static gboolean
next (VcRpcRequest *request, const VcList *list, guint flags, guint *at, VcListed *ret_one)
{
  VcDaemon *daemon = vc_daemon_of (request);

  while (*at < list->n (daemon))
    {
      *ret_one = list->nth (daemon, (*at)++);
      if (chooses (list, ret_one, flags))
        return TRUE;
    }
  return FALSE;
}

gboolean
vc_list_count (VcRpcRequest *request, const VcList *list, VcXdrWriter *ret, guint flags)
{
  VcListed one;
  guint at = 0;
  int n = 0;

  while (next (request, list, flags, &at, &one))
    n++;
  vc_xdr_put_int (ret, n);
  return TRUE;
}

gboolean
vc_list_names (VcRpcRequest *request, const VcList *list, VcXdrReader *args, VcXdrWriter *ret, guint flags)
{
  VcListed one;
  guint at = 0;

  vc_xdr_put_list (ret);
  for (int room = vc_xdr_read_int (args); room > 0 && next (request, list, flags, &at, &one); room--)
    vc_xdr_put_text (ret, one.name);
  vc_xdr_end_list (ret);
  return TRUE;
}

gboolean
vc_list_all (VcRpcRequest *request, const VcList *list, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  gboolean wants_them = vc_xdr_read_int (args) != 0;
  guint flags = vc_xdr_read_uint (args), at = 0, n = 0;
  VcListed one;

  if (!vc_wire_flags (request, flags, COMMON | list->types, error))
    return FALSE;
  vc_xdr_put_list (ret);
  for (; next (request, list, flags, &at, &one); n++)
    if (wants_them)
      vc_list_put (ret, one.name, one.uuid);
  vc_xdr_end_list (ret);
  vc_xdr_put_uint (ret, n);
  return TRUE;
}

void
vc_list_put (VcXdrWriter *ret, const char *name, const char *uuid)
{
  guint8 bytes[16];

  vc_wire_read_uuid (uuid, bytes);
  vc_xdr_put_text (ret, name);
  vc_xdr_put_uuid (ret, bytes);
}
