/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

#include <string.h>

#include "base/error.h"
#include "lib/describe.h"
#include "qemu/cache.h"

static const VcHandlerRow *const nouns[] = {
  vc_handlers_block,       vc_handlers_capabilities, vc_handlers_card,   vc_handlers_connect,
  vc_handlers_console,     vc_handlers_device,       vc_handlers_domain, vc_handlers_domain_list,
  vc_handlers_domain_live, vc_handlers_domain_save,  vc_handlers_event,  vc_handlers_host,
  vc_handlers_input,       vc_handlers_interface,    vc_handlers_login,  vc_handlers_monitor,
  vc_handlers_network,     vc_handlers_node_device,  vc_handlers_none,   vc_handlers_pool,
  vc_handlers_pool_list,   vc_handlers_screenshot,   vc_handlers_secret, vc_handlers_size,
  vc_handlers_snapshot,    vc_handlers_stats,        vc_handlers_vcpu,   vc_handlers_volume,
};

const VcRpcHandler *
vc_handlers_all (void)
{
  static VcRpcHandler all[VC_N_CALLS];

  for (gsize i = 0; i < G_N_ELEMENTS (nouns); i++)
    for (const VcHandlerRow *row = nouns[i]; row->handler != NULL; row++)
      all[row->call] = row->handler;
  return all;
}

guint
vc_handlers_count (VcCallIndex call)
{
  guint n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (nouns); i++)
    for (const VcHandlerRow *row = nouns[i]; row->handler != NULL; row++)
      n += row->call == call;
  return n;
}

VcDaemon *
vc_daemon_of (const VcRpcRequest *request)
{
  return vc_rpc_request_data (request);
}

const char *
vc_wire_uuid (const guint8 *uuid, char *buffer)
{
  static const char digits[] = "0123456789abcdef";
  char *at = buffer;

  for (guint i = 0; i < 16; i++)
    {
      if (i == 4 || i == 6 || i == 8 || i == 10)
        *at++ = '-';
      *at++ = digits[uuid[i] >> 4];
      *at++ = digits[uuid[i] & 15];
    }
  *at = '\0';
  return buffer;
}

/* Of a digit that is one: a list of guests is made of these. */
static guint8
digit_value (char c)
{
  return (guint8) ((c & 0xf) + (c > '9' ? 9 : 0));
}

void
vc_wire_read_uuid (const char *text, guint8 *uuid)
{
  for (guint i = 0; i < 16; i++, text += 2)
    {
      text += *text == '-';
      uuid[i] = (guint8) (digit_value (text[0]) << 4 | digit_value (text[1]));
    }
}

void
vc_wire_put_guest (VcXdrWriter *writer, const VcGuest *guest)
{
  guint8 uuid[16];

  vc_wire_read_uuid (vc_guest_uuid (guest), uuid);
  vc_xdr_put_domain (writer, &(VcXdrDomain){ vc_guest_name (guest), uuid, vc_guest_id (guest) });
}

VcGuest *
vc_wire_read_guest (VcRpcRequest *request, VcXdrReader *args, GError **error)
{
  VcXdrDomain domain;
  char uuid[37];
  VcGuest *guest;

  vc_xdr_read_domain (args, &domain);
  guest = vc_manager_find_uuid (vc_daemon_of (request)->manager, vc_wire_uuid (domain.uuid, uuid), NULL);
  if (guest == NULL)
    vc_wire_fail (error, VC_WIRE_NO_DOMAIN, "no domain with matching uuid '%s' (%s)", uuid, domain.name);
  return guest;
}

gboolean
vc_wire_flags (const VcRpcRequest *request, guint flags, guint known, GError **error)
{
  if ((flags & ~known) == 0)
    return TRUE;
  return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "unsupported flags (0x%x) in function vir%s",
                       flags & ~known, vc_rpc_request_call (request)->api);
}

void
vc_wire_done (VcGuest *guest, const GError *error, gpointer data)
{
  if (error != NULL)
    vc_rpc_answer_error (data, error);
  else
    vc_rpc_answer (data);
}

void
vc_wire_done_guest (VcGuest *guest, const GError *error, gpointer data)
{
  g_autoptr (GError) gone = NULL;

  if (error == NULL && guest == NULL)
    vc_wire_fail (&gone, VC_WIRE_NO_DOMAIN, "the domain has ended already");
  if (guest == NULL)
    {
      vc_rpc_answer_error (data, error != NULL ? error : gone);
      return;
    }
  vc_wire_put_guest (vc_rpc_begin (data), guest);
  vc_rpc_answer (data);
}

/* The answer is in memory after the first time: asking QEMU takes half a second. */
VcCaps *
vc_daemon_emulator (VcDaemon *daemon, const char *binary, const char *arch, GError **error)
{
  if (binary == NULL)
    binary = vc_describe_emulator (arch);
  if (*binary != '/')
    {
      vc_wire_fail (error, VC_WIRE_INVALID_ARG, "'%s' is not an absolute path", binary);
      return NULL;
    }
  return vc_caps_find (binary, daemon->paths->caps, error);
}
