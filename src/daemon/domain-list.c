/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

/* Which guests are meant, by libvirt's bits: a group of bits of which none is set does not choose. */
enum
{
  ACTIVE = 1 << 0,
  INACTIVE = 1 << 1,
  PERSISTENT = 1 << 2,
  TRANSIENT = 1 << 3,
  RUNNING = 1 << 4,
  PAUSED = 1 << 5,
  SHUTOFF = 1 << 6,
  OTHER = 1 << 7,
  SAVED = 1 << 8,
  NOT_SAVED = 1 << 9,
  AUTOSTART = 1 << 10,
  NO_AUTOSTART = 1 << 11,
  SNAPSHOT = 1 << 12,
  NO_SNAPSHOT = 1 << 13,
  CHECKPOINT = 1 << 14,
  NO_CHECKPOINT = 1 << 15,
};

static gboolean
suits (guint flags, guint group, guint is)
{
  return (flags & group) == 0 || (flags & is) != 0;
}

gboolean
vc_wire_chooses (const VcGuest *guest, guint flags)
{
  int reason;
  VcState state
      = flags & (RUNNING | PAUSED | SHUTOFF | OTHER) ? vc_guest_state (guest, &reason) : VC_STATE_RUNNING;
  guint is = state == VC_STATE_RUNNING   ? RUNNING
             : state == VC_STATE_PAUSED  ? PAUSED
             : state == VC_STATE_SHUTOFF ? SHUTOFF
                                         : OTHER;

  return suits (flags, ACTIVE | INACTIVE, vc_guest_is_active (guest) ? ACTIVE : INACTIVE)
         && suits (flags, PERSISTENT | TRANSIENT, vc_guest_is_persistent (guest) ? PERSISTENT : TRANSIENT)
         && suits (flags, RUNNING | PAUSED | SHUTOFF | OTHER, is)
         && suits (flags, AUTOSTART | NO_AUTOSTART, vc_guest_autostart (guest) ? AUTOSTART : NO_AUTOSTART)
         && ((flags & (SAVED | NOT_SAVED)) == 0
             || suits (flags, SAVED | NOT_SAVED, vc_guest_is_saved (guest) ? SAVED : NOT_SAVED))
         && suits (flags, SNAPSHOT | NO_SNAPSHOT, NO_SNAPSHOT)
         && suits (flags, CHECKPOINT | NO_CHECKPOINT, NO_CHECKPOINT);
}

static gboolean
list_all (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcManager *manager = vc_daemon_of (request)->manager;
  gboolean wants_names = vc_xdr_read_int (args) != 0;
  guint flags = vc_xdr_read_uint (args);
  guint n = 0;

  if (!vc_wire_flags (request, flags, 0xffff, error))
    return FALSE;
  vc_xdr_put_list (ret);
  for (guint i = 0; i < vc_manager_n (manager); i++)
    {
      VcGuest *guest = vc_manager_nth (manager, i);

      if (flags != 0 && !vc_wire_chooses (guest, flags))
        continue;
      n++;
      if (wants_names)
        vc_wire_put_guest (ret, guest);
    }
  vc_xdr_end_list (ret);
  vc_xdr_put_uint (ret, n);
  return TRUE;
}

static gboolean
n_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_int (ret, (int) vc_manager_n_active (vc_daemon_of (request)->manager));
  return TRUE;
}

static gboolean
n_defined (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcManager *manager = vc_daemon_of (request)->manager;

  vc_xdr_put_int (ret, (int) (vc_manager_n (manager) - vc_manager_n_active (manager)));
  return TRUE;
}

/* Names of those that do not run, or numbers of those that do: as many as there is room for. */
static void
list_some (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, gboolean is_active)
{
  VcManager *manager = vc_daemon_of (request)->manager;
  int room = vc_xdr_read_int (args);

  vc_xdr_put_list (ret);
  for (guint i = 0; i < vc_manager_n (manager) && room > 0; i++)
    {
      VcGuest *guest = vc_manager_nth (manager, i);

      if (vc_guest_is_active (guest) != is_active)
        continue;
      if (is_active)
        vc_xdr_put_int (ret, vc_guest_id (guest));
      else
        vc_xdr_put_text (ret, vc_guest_name (guest));
      room--;
    }
  vc_xdr_end_list (ret);
}

static gboolean
list_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  list_some (request, args, ret, TRUE);
  return TRUE;
}

static gboolean
list_defined (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  list_some (request, args, ret, FALSE);
  return TRUE;
}

static gboolean
found (VcXdrWriter *ret, const VcGuest *guest, GError *why, GError **error)
{
  if (guest != NULL)
    {
      vc_wire_put_guest (ret, guest);
      return TRUE;
    }
  vc_wire_fail (error, VC_WIRE_NO_DOMAIN, "%s", why->message);
  g_error_free (why);
  return FALSE;
}

static gboolean
by_name (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  GError *why = NULL;
  VcGuest *guest;
  const char *name = vc_xdr_read_text (args);

  guest = vc_manager_find_name (vc_daemon_of (request)->manager, name, &why);
  return found (ret, guest, why, error);
}

static gboolean
by_uuid (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  GError *why = NULL;
  VcGuest *guest;
  char uuid[37];

  vc_wire_uuid (vc_xdr_read_uuid (args), uuid);
  guest = vc_manager_find_uuid (vc_daemon_of (request)->manager, uuid, &why);
  return found (ret, guest, why, error);
}

static gboolean
by_id (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  GError *why = NULL;
  VcGuest *guest;
  int id = vc_xdr_read_int (args);

  guest = vc_manager_find_id (vc_daemon_of (request)->manager, id, &why);
  return found (ret, guest, why, error);
}

const VcHandlerRow vc_handlers_domain_list[] = {
  { VC_CALL_CONNECT_LIST_ALL_DOMAINS, list_all },
  { VC_CALL_CONNECT_NUM_OF_DOMAINS, n_active },
  { VC_CALL_CONNECT_NUM_OF_DEFINED_DOMAINS, n_defined },
  { VC_CALL_CONNECT_LIST_DOMAINS, list_active },
  { VC_CALL_CONNECT_LIST_DEFINED_DOMAINS, list_defined },
  { VC_CALL_DOMAIN_LOOKUP_BY_NAME, by_name },
  { VC_CALL_DOMAIN_LOOKUP_BY_UUID, by_uuid },
  { VC_CALL_DOMAIN_LOOKUP_BY_ID, by_id },
  VC_HANDLERS_END,
};
