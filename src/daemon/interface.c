/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "devices/interface.h"

/* Numbers about a guest's network cards: those of the host's interface, where there is one. */

/* The host receives what the guest sends. */
static const char *const counters[] = { "tx_bytes", "tx_packets", "tx_errors", "tx_dropped",
                                        "rx_bytes", "rx_packets", "rx_errors", "rx_dropped" };

G_STATIC_ASSERT (G_N_ELEMENTS (counters) == VC_N_COUNTERS);

static gint64
read_counter (const char *interface, const char *counter)
{
  g_autofree char *path = g_build_filename ("/sys/class/net", interface, "statistics", counter, NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? g_ascii_strtoll (text, NULL, 10) : -1;
}

gboolean
vc_host_counters (const char *interface, gint64 ret_counters[VC_N_COUNTERS])
{
  if (strchr (interface, '/') != NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (counters); i++)
    ret_counters[i] = read_counter (interface, counters[i]);
  return ret_counters[0] >= 0;
}

static const VcInterface *
find_interface (const VcDomain *domain, const char *name, GError **error)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];
      const VcInterface *self = vc_is (dev, "interface", NULL) ? (const VcInterface *) dev : NULL;

      if (self != NULL && (g_strcmp0 (self->target, name) == 0 || g_strcmp0 (self->mac, name) == 0))
        return self;
    }
  vc_wire_fail (error, VC_WIRE_INVALID_ARG, "'%s' is not a known interface", name);
  return NULL;
}

static gboolean
get_stats (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *name = vc_xdr_read_text (args);
  const VcDomain *domain = guest != NULL ? vc_guest_domain (guest, VC_GUEST_LIVE, error) : NULL;
  const VcInterface *self = domain != NULL ? find_interface (domain, name, error) : NULL;

  gint64 numbers[VC_N_COUNTERS];

  if (self == NULL)
    return FALSE;
  if (self->target == NULL)
    return vc_wire_fail (error, VC_WIRE_INTERNAL, "Interface name not provided");
  if (!vc_host_counters (self->target, numbers))
    return vc_wire_fail (error, VC_WIRE_INTERNAL, "the host counts nothing of '%s'", self->target);
  for (gsize i = 0; i < G_N_ELEMENTS (counters); i++)
    vc_xdr_put_hyper (ret, numbers[i]);
  return TRUE;
}

const VcHandlerRow vc_handlers_interface[] = {
  { VC_CALL_DOMAIN_INTERFACE_STATS, get_stats },
  VC_HANDLERS_END,
};
