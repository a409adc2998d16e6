/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

/* Virtcard's own calls: libvirt has no word for a card that is out of its reader. */

static void
put_card (VcXdrWriter *ret, const VcDevice *card)
{
  vc_xdr_put_text (ret, card->alias);
  vc_xdr_put_text (ret, card->kind->value);
  vc_xdr_put_uint (ret, card->seat.controller.value);
  vc_xdr_put_int (ret, card->ejected != VC_TRI_YES);
}

static gboolean
list (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint flags = vc_xdr_read_uint (args);
  const VcDomain *domain = NULL;

  if (guest != NULL && vc_wire_flags (request, flags, 0, error))
    domain = vc_guest_domain (guest, VC_GUEST_LIVE, error);
  if (domain == NULL)
    return FALSE;
  vc_xdr_put_list (ret);
  for (guint n = 0; n < domain->devices->len; n++)
    if (vc_is (domain->devices->pdata[n], "smartcard", NULL))
      put_card (ret, domain->devices->pdata[n]);
  vc_xdr_end_list (ret);
  return TRUE;
}

typedef void (*Move) (VcGuest *guest, const char *alias, VcGuestFn done, gpointer data);

static gboolean
move (VcRpcRequest *request, VcXdrReader *args, Move fn, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *alias = vc_xdr_read_text_or_null (args);
  guint flags = vc_xdr_read_uint (args);

  if (guest == NULL || !vc_wire_flags (request, flags, 0, error))
    return FALSE;
  fn (guest, alias, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
eject (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return move (request, args, vc_guest_eject_card, error);
}

static gboolean
insert (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return move (request, args, vc_guest_insert_card, error);
}

const VcHandlerRow vc_handlers_card[] = {
  { VC_CALL_CARD_LIST, list },
  { VC_CALL_CARD_EJECT, eject },
  { VC_CALL_CARD_INSERT, insert },
  VC_HANDLERS_END,
};
