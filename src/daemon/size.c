/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

/* How much memory and how many processors a guest has. */

enum /* libvirt's numbers */
{
  LIVE = VC_GUEST_LIVE,
  CONFIG = VC_GUEST_CONFIG,
  PARTS = LIVE | CONFIG,
  MAXIMUM = 4,
};

static gboolean
set_memory_of (VcRpcRequest *request, VcGuest *guest, guint64 size, guint flags, GError **error)
{
  if (size == 0 || size > G_MAXINT64 / 1024)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "memory of %" G_GUINT64_FORMAT " KiB", size);
  if ((flags & MAXIMUM) != 0)
    return vc_guest_set_max_memory (guest, size, flags & PARTS, error);
  vc_guest_set_memory (guest, size, flags & PARTS, vc_wire_done, vc_rpc_keep (request));
  return TRUE;
}

static gboolean
set_memory (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && set_memory_of (request, guest, vc_xdr_read_uhyper (args), LIVE, error);
}

static gboolean
set_max_memory (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && set_memory_of (request, guest, vc_xdr_read_uhyper (args), MAXIMUM, error);
}

static gboolean
set_memory_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint64 size = vc_xdr_read_uhyper (args);
  guint flags = vc_xdr_read_uint (args);

  return guest != NULL && vc_wire_flags (request, flags, PARTS | MAXIMUM, error)
         && set_memory_of (request, guest, size, flags, error);
}

/* Processors come and go with a start only. */
static gboolean
check_live (VcGuest *guest, guint n, GError **error)
{
  const VcDomain *domain = vc_guest_domain (guest, VC_GUEST_LIVE, error);
  guint most;

  if (domain == NULL)
    return FALSE;
  most = vc_u32_or (domain->vcpus, 1);
  if (n > most)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG,
                         "requested vcpus is greater than max allowable vcpus for the live domain: %u > %u",
                         n, most);
  if (n != vc_u32_or (domain->online, most))
    return vc_wire_fail (
        error, VC_WIRE_UNSUPPORTED,
        "failed to find appropriate hotpluggable vcpus to reach the desired target vcpu count");
  return TRUE;
}

static gboolean
set_vcpus_of (VcGuest *guest, guint n, guint flags, GError **error)
{
  guint part = flags & PARTS;

  if (n == 0 || n > G_MAXINT32)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "%u processors", n);
  if (part == VC_GUEST_CURRENT)
    part = vc_guest_is_active (guest) ? LIVE : CONFIG;
  if ((part & LIVE) != 0 && (flags & MAXIMUM) != 0)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG,
                         "the most processors a domain can have are changed in its definition only");
  return ((part & LIVE) == 0 || check_live (guest, n, error))
         && ((part & CONFIG) == 0 || vc_guest_set_vcpus (guest, n, (flags & MAXIMUM) != 0, error));
}

static gboolean
set_vcpus (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && set_vcpus_of (guest, vc_xdr_read_uint (args), LIVE, error);
}

static gboolean
set_vcpus_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint n = vc_xdr_read_uint (args);
  guint flags = vc_xdr_read_uint (args);

  return guest != NULL && vc_wire_flags (request, flags, PARTS | MAXIMUM, error)
         && set_vcpus_of (guest, n, flags, error);
}

const VcHandlerRow vc_handlers_size[] = {
  { VC_CALL_DOMAIN_SET_MEMORY, set_memory },
  { VC_CALL_DOMAIN_SET_MAX_MEMORY, set_max_memory },
  { VC_CALL_DOMAIN_SET_MEMORY_FLAGS, set_memory_flags },
  { VC_CALL_DOMAIN_SET_VCPUS, set_vcpus },
  { VC_CALL_DOMAIN_SET_VCPUS_FLAGS, set_vcpus_flags },
  VC_HANDLERS_END,
};
