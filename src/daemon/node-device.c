/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "xml/xml.h"

/* The host's devices, as far as virtcard gives any to guests: none.  What stands for the whole host is there:
 * clients begin with it. */

#define NAME       "computer"
#define CAPABILITY "system"

#define SYSTEM   1u /* flags of CONNECT_LIST_ALL_NODE_DEVICES: sorts of devices, … */
#define SORTS    0x3fffffu
#define INACTIVE (1u << 30) /* … and whether they are there */
#define ACTIVE   (1u << 31)

static gboolean
has_capability (const char *capability)
{
  return capability == NULL || strcmp (capability, CAPABILITY) == 0;
}

static gboolean
count (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  gboolean is_it = has_capability (vc_xdr_read_text_or_null (args));

  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  vc_xdr_put_int (ret, is_it);
  return TRUE;
}

static gboolean
list_names (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  gboolean is_it = has_capability (vc_xdr_read_text_or_null (args));
  int room = vc_xdr_read_int (args);

  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  vc_xdr_put_list (ret);
  if (is_it && room > 0)
    vc_xdr_put_text (ret, NAME);
  vc_xdr_end_list (ret);
  return TRUE;
}

static gboolean
list_all (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  gboolean wants_it = vc_xdr_read_int (args) != 0;
  guint flags = vc_xdr_read_uint (args);
  gboolean is_it = ((flags & SORTS) == 0 || (flags & SYSTEM) != 0)
                   && ((flags & (ACTIVE | INACTIVE)) == 0 || (flags & ACTIVE) != 0);

  if (!vc_wire_flags (request, flags, SORTS | ACTIVE | INACTIVE, error))
    return FALSE;
  vc_xdr_put_list (ret);
  if (is_it && wants_it)
    vc_xdr_put_text (ret, NAME);
  vc_xdr_end_list (ret);
  vc_xdr_put_uint (ret, is_it);
  return TRUE;
}

static gboolean
read_name (VcXdrReader *args, GError **error)
{
  const char *name = vc_xdr_read_text (args);

  return strcmp (name, NAME) == 0
         || vc_wire_fail (error, VC_WIRE_NO_NODE_DEVICE, "no node device with matching name '%s'", name);
}

static gboolean
by_name (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (!read_name (args, error))
    return FALSE;
  vc_xdr_put_text (ret, NAME);
  return TRUE;
}

static gboolean
get_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  g_autoptr (VcXml) xml = vc_xml_new ("device");
  g_autofree char *text = NULL;

  if (!read_name (args, error) || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  vc_node_set_text (vc_node_add (vc_xml_root (xml), "name"), NAME);
  vc_node_set (vc_node_add (vc_xml_root (xml), "capability"), "type", CAPABILITY);
  text = vc_xml_print (xml);
  vc_xdr_put_text (ret, text);
  return TRUE;
}

/* It stands in nothing. */
static gboolean
get_parent (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (!read_name (args, error))
    return FALSE;
  vc_xdr_put_text_or_null (ret, NULL);
  return TRUE;
}

static gboolean
count_capabilities (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (!read_name (args, error))
    return FALSE;
  vc_xdr_put_int (ret, 1);
  return TRUE;
}

static gboolean
list_capabilities (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (!read_name (args, error))
    return FALSE;
  vc_xdr_put_list (ret);
  if (vc_xdr_read_int (args) > 0)
    vc_xdr_put_text (ret, CAPABILITY);
  vc_xdr_end_list (ret);
  return TRUE;
}

static gboolean
is_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (!read_name (args, error))
    return FALSE;
  vc_xdr_put_int (ret, TRUE);
  return TRUE;
}

const VcHandlerRow vc_handlers_node_device[] = {
  { VC_CALL_NODE_NUM_OF_DEVICES, count },
  { VC_CALL_NODE_LIST_DEVICES, list_names },
  { VC_CALL_CONNECT_LIST_ALL_NODE_DEVICES, list_all },
  { VC_CALL_NODE_DEVICE_LOOKUP_BY_NAME, by_name },
  { VC_CALL_NODE_DEVICE_GET_XML_DESC, get_xml },
  { VC_CALL_NODE_DEVICE_GET_PARENT, get_parent },
  { VC_CALL_NODE_DEVICE_NUM_OF_CAPS, count_capabilities },
  { VC_CALL_NODE_DEVICE_LIST_CAPS, list_capabilities },
  { VC_CALL_NODE_DEVICE_IS_ACTIVE, is_active },
  VC_HANDLERS_END,
};
