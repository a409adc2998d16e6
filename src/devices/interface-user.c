/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network card whose packets QEMU itself sends on, as a user program.
 *
 *   <interface type='user'>
 *     <mac address='52:54:00:12:34:56'/>
 *     <model type='virtio'/>
 *   </interface>
 */
#include <arpa/inet.h>

#include "devices/interface.h"
#include "fields/list.h"

static const char *const families[] = { "", "ipv4", "ipv6", NULL };

typedef struct
{
  char *address;
  int family;
  VcU32 prefix;
} Ip;

typedef struct
{
  VcInterface base;
  GPtrArray *ips; /* Ip */
} InterfaceUser;

static const VcField ip[]
    = { VC_STR (Ip, address, "@address", .flags = VC_REQUIRED, .doc = "address of the network"),
        VC_CHOICE (Ip, family, "@family", families, .doc = "kind of address"),
        VC_U32 (Ip, prefix, "@prefix", .min = 1, .max = 128, .doc = "bits that are the network's"),
        { 0 } };

static const VcList ips = { .size = sizeof (Ip), .rows = ip };

static const VcField rows[] = { VC_INTERFACE_ROWS,
                                VC_LIST (InterfaceUser, ips, "ip[]", ips, .doc = "networks the guest is in"),
                                { 0 } };

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const InterfaceUser *self = (const InterfaceUser *) dev;
  guint count[3] = { 0 };

  for (guint i = 0; i < vc_list_n (self->ips); i++)
    {
      const Ip *net = vc_list_nth (self->ips, i);
      gboolean six = net->family == 2;
      struct in6_addr bytes; /* large enough for either */

      if (inet_pton (six ? AF_INET6 : AF_INET, net->address, &bytes) != 1)
        return vc_device_fail (dev, error, "ip/@address: '%s' is no %s address", net->address,
                               families[six ? 2 : 1]);
      if (!six && vc_u32_or (net->prefix, 1) > 32)
        return vc_device_fail (dev, error, "ip/@prefix: %u is more than 32", net->prefix.value);
      if (count[six ? 2 : 1]++ > 0)
        return vc_device_fail (dev, error, "two <ip> of the family %s: QEMU takes one",
                               families[six ? 2 : 1]);
    }
  return vc_interface_check (dev, peers, error);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const InterfaceUser *self = (const InterfaceUser *) dev;
  VcProps *props = vc_interface_netdev (dev, "user", out);

  for (guint i = 0; i < vc_list_n (self->ips); i++)
    {
      const Ip *net = vc_list_nth (self->ips, i);

      if (net->family == 2)
        {
          vc_props_str (props, "ipv6-prefix", net->address);
          vc_props_u32 (props, "ipv6-prefixlen", net->prefix);
        }
      else if (net->prefix.set)
        vc_props_strf (props, "net", "%s/%u", net->address, net->prefix.value);
      else
        vc_props_str (props, "net", net->address);
    }
  return vc_interface_plan (dev, ctx, out, error);
}

const VcKind vc_kind_interface_user = {
  .name = "interface-user",
  .element = "interface",
  .select = "@type",
  .value = "user",
  .summary = "A network card whose packets QEMU itself sends on, as a user program.",
  .size = sizeof (InterfaceUser),
  .rows = rows,
  .alias = "net",
  .plugs_into = &vc_bus_pci,
  .fill = vc_interface_fill,
  .check = check,
  .plan = plan,
};
