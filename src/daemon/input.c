/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "daemon/daemon.h"
#include "qemu/qmp.h"

/* Keys and other things one can press. */

enum /* sets of key codes, by libvirt's numbers */
{
  CODES_LINUX = 0,
  CODES_XT = 1,
  CODES_ATSET1 = 2,
  CODES_QNUM = 9,
};

#define MAX_HOLD_MS 10000u

/* QEMU's numbers are those of the first PC keyboards, 0x80 added to what was behind an 0xe0; Linux counts the
 * same way up to 88 and then its own. */
static const struct
{
  guint8 linux_code, qnum;
} beyond[] = {
  { 96, 0x9c },  { 97, 0x9d },  { 98, 0xb5 },  { 99, 0x54 },  { 100, 0xb8 }, { 102, 0xc7 },
  { 103, 0xc8 }, { 104, 0xc9 }, { 105, 0xcb }, { 106, 0xcd }, { 107, 0xcf }, { 108, 0xd0 },
  { 109, 0xd1 }, { 110, 0xd2 }, { 111, 0xd3 }, { 113, 0xa0 }, { 114, 0xae }, { 115, 0xb0 },
  { 116, 0xde }, { 119, 0xc6 }, { 125, 0xdb }, { 126, 0xdc }, { 127, 0xdd },
};

static gboolean
find_key (guint codes, guint code, guint *ret_qnum, GError **error)
{
  *ret_qnum = code;
  if (codes == CODES_LINUX && code > 88)
    {
      gsize i = 0;

      while (i < G_N_ELEMENTS (beyond) && beyond[i].linux_code != code)
        i++;
      if (i == G_N_ELEMENTS (beyond))
        return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "there is no key %u", code);
      *ret_qnum = beyond[i].qnum;
    }
  if (code == 0 || *ret_qnum > 0xff || ((codes == CODES_XT || codes == CODES_ATSET1) && code > 0x7f))
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "there is no key %u", code);
  return TRUE;
}

static void
on_reply (VcJson *value, const GError *error, gpointer data)
{
  vc_wire_done (NULL, error, data);
}

static gboolean
send_key (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint codes = vc_xdr_read_uint (args);
  guint hold = vc_xdr_read_uint (args);
  guint n = vc_xdr_read_list (args);
  g_autoptr (json_t) keys = json_array ();
  VcJson *arguments;

  if (codes != CODES_LINUX && codes != CODES_XT && codes != CODES_ATSET1 && codes != CODES_QNUM)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "key codes of set %u are not known", codes);
  for (guint i = 0; i < n; i++)
    {
      guint qnum;

      if (!find_key (codes, vc_xdr_read_uint (args), &qnum, error))
        return FALSE;
      json_array_append_new (keys, json_pack ("{s:s, s:i}", "type", "number", "data", (int) qnum));
    }
  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  if (hold > MAX_HOLD_MS)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "keys can be held for %u ms at most", MAX_HOLD_MS);
  if (vc_guest_domain (guest, VC_GUEST_LIVE, error) == NULL)
    return FALSE;
  arguments = json_pack ("{s:O}", "keys", keys);
  if (hold > 0)
    json_object_set_new (arguments, "hold-time", json_integer (hold));
  vc_guest_call (guest, vc_qmp_command ("send-key", arguments), on_reply, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
inject_nmi (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
      || vc_guest_domain (guest, VC_GUEST_LIVE, error) == NULL)
    return FALSE;
  vc_guest_call (guest, vc_qmp_command ("inject-nmi", NULL), on_reply, vc_rpc_keep (request));
  return TRUE;
}

const VcHandlerRow vc_handlers_input[] = {
  { VC_CALL_DOMAIN_SEND_KEY, send_key },
  { VC_CALL_DOMAIN_INJECT_NMI, inject_nmi },
  VC_HANDLERS_END,
};
