/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/interface.h"

#include <assert.h>
#include <string.h>

enum
{
  RTL8139 = 1,
  VIRTIO,
  TRANSITIONAL,
  NON_TRANSITIONAL,
  E1000,
  VMXNET3
};

const char *const vc_interface_models[] = { "",
                                            "rtl8139",
                                            "virtio",
                                            "virtio-transitional",
                                            "virtio-non-transitional",
                                            "e1000",
                                            "e1000e",
                                            "e1000-82544gc",
                                            "e1000-82545em",
                                            "ne2k_pci",
                                            "pcnet",
                                            "vmxnet3",
                                            "i82551",
                                            "i82557b",
                                            "i82559er",
                                            NULL };
const char *const vc_interface_links[] = { "", "up", "down", NULL };
const char *const vc_interface_drivers[] = { "", "qemu", "vhost", NULL };
const char *const vc_interface_txs[] = { "", "iothread", "timer", NULL };

/* a card's address */

static gboolean
read_mac (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", -1);
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean good = g_strv_length (parts) == 6;
  guint64 byte = 0, first = 0;

  for (guint i = 0; good && i < 6; i++)
    {
      good = strlen (parts[i]) <= 2 && g_ascii_string_to_unsigned (parts[i], 16, 0, 255, &byte, NULL);
      first = i == 0 ? byte : first;
      g_string_append_printf (out, "%s%02x", i > 0 ? ":" : "", (guint) byte);
    }
  if (!good)
    *ret_why = g_strdup_printf ("'%s' is not the address of a card such as 52:54:00:12:34:56", text);
  else if (first & 1)
    *ret_why = g_strdup_printf ("'%s' is an address of many: its first byte is odd", text);
  if (*ret_why != NULL)
    return FALSE;
  g_free (*(char **) at);
  *(char **) at = g_strdup (out->str);
  return TRUE;
}

static char *
print_mac (const VcField *row, gconstpointer at)
{
  return g_strdup (*(char *const *) at);
}

static void
clear_mac (gpointer at)
{
  g_clear_pointer ((char **) at, g_free);
}

static void
schema_mac (const VcField *row, GString *out)
{
  g_string_append (
      out, "<data type='string'><param name='pattern'>[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}</param></data>");
}

const VcType vc_type_mac = {
  .name = "address of a card", .read = read_mac, .print = print_mac, .clear = clear_mac, .schema = schema_mac
};

gboolean
vc_interface_is_virtio (const VcInterface *self)
{
  return self->model >= VIRTIO && self->model <= NON_TRANSITIONAL;
}

gboolean
vc_interface_is_tap (const VcDevice *dev)
{
  return vc_is (dev, "interface", "bridge") || vc_is (dev, "interface", "network")
         || vc_is (dev, "interface", "ethernet");
}

void
vc_interface_fill (VcDevice *dev, const VcPeers *peers)
{
  VcInterface *self = (VcInterface *) dev;

  if (self->mac == NULL) /* QEMU's own range */
    self->mac = g_strdup_printf ("52:54:00:%02x:%02x:%02x", (guint) g_random_int_range (0, 256),
                                 (guint) g_random_int_range (0, 256), (guint) g_random_int_range (0, 256));
  if (self->model == 0)
    self->model = RTL8139;
  if (self->target != NULL && g_str_has_prefix (self->target, VC_INTERFACE_PREFIX) && !dev->found)
    g_clear_pointer (&self->target, g_free); /* that of an earlier start */
  if (self->frames.set && self->frames.value == 0)
    self->frames.set = FALSE;
  switch (self->model)
    {
    case RTL8139:
    case E1000:
    case VMXNET3:
      dev->pci = VC_PCI_CONVENTIONAL;
      break;
    default: /* also cards libvirt does not know */
      dev->pci = vc_interface_is_virtio (self) ? vc_virtio_pci (self->model - VIRTIO + VC_VIRTIO_PLAIN)
                                               : VC_PCI_EXPRESS;
    }
}

static gboolean
check_driver (const VcInterface *self, GError **error)
{
  gboolean any = self->driver != 0 || self->tx != 0 || self->ioeventfd != VC_TRI_UNSET
                 || self->event_idx != VC_TRI_UNSET || self->rss != VC_TRI_UNSET
                 || self->rss_report != VC_TRI_UNSET || self->queues.set || self->rx_size.set
                 || self->tx_size.set || vc_virtio_any (&self->virtio);

  if (any && self->model != 0 && !vc_interface_is_virtio (self))
    return vc_device_fail (&self->base, error, "<driver> is for the model virtio, not '%s'",
                           vc_interface_models[self->model]);
  if (self->rx_size.set && (self->rx_size.value & (self->rx_size.value - 1)) != 0)
    return vc_device_fail (&self->base, error, "driver/@rx_queue_size: %u is not a power of two",
                           self->rx_size.value);
  if (self->tx_size.set && (self->tx_size.value & (self->tx_size.value - 1)) != 0)
    return vc_device_fail (&self->base, error, "driver/@tx_queue_size: %u is not a power of two",
                           self->tx_size.value);
  return TRUE;
}

gboolean
vc_interface_check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const VcInterface *self = (const VcInterface *) dev;

  if (self->mtu.set && !vc_interface_is_tap (dev))
    return vc_device_fail (dev, error, "<mtu> is for the types bridge, network and ethernet");
  if (self->frames.set && self->frames.value > 0 && !vc_interface_is_tap (dev))
    return vc_device_fail (dev, error, "<coalesce> is for the types bridge, network and ethernet");
  if (self->rom == VC_TRI_NO && (self->rom_bar != VC_TRI_UNSET || self->rom_file != NULL))
    return vc_device_fail (dev, error, "<rom enabled='no'> takes no bar and no file");
  return check_driver (self, error);
}

VcProps *
vc_interface_netdev (const VcDevice *dev, const char *type, VcPlan *out)
{
  g_autofree char *id = g_strconcat ("host", dev->alias, NULL);

  return vc_plan_add (out, VC_Q_NETDEV, type, id);
}

gboolean
vc_interface_tap (const VcDevice *dev, const char *name, const char *value, const VcPlanContext *ctx,
                  VcPlan *out, GError **error)
{
  const VcInterface *self = (const VcInterface *) dev;
  gboolean vhost = vc_interface_is_virtio (self) && self->driver != VC_DRIVER_QEMU
                   && (ctx->kvm || self->driver == VC_DRIVER_VHOST);

  vc_props_tap (vc_interface_netdev (dev, "tap", out), name, value, vhost);
  return vc_interface_plan (dev, ctx, out, error);
}

void
vc_interface_show (VcDevice *dev)
{
  VcInterface *self = (VcInterface *) dev, card = *self;

  memset ((char *) self + sizeof (VcDevice), 0, sizeof *self - sizeof (VcDevice));
  self->mac = card.mac;
  self->model = card.model;
  self->target = card.target;
  g_free (card.rom_file);
  dev->boot.set = dev->acpi.set = dev->own_alias = FALSE;
}

static char *
get_driver (const VcInterface *self)
{
  if (vc_interface_is_virtio (self))
    return vc_virtio_driver ("virtio-net-pci", self->model - VIRTIO + VC_VIRTIO_PLAIN);
  return g_strdup (vc_interface_models[self->model]);
}

static void
put_virtio (const VcInterface *self, VcProps *props)
{
  static const char *const txs[] = { "", "bh", "timer" };

  vc_props_tri (props, "iommu_platform", self->virtio.iommu);
  vc_props_tri (props, "ats", self->virtio.ats);
  vc_props_tri (props, "packed", self->virtio.packed);
  vc_props_tri (props, "page-per-vq", self->virtio.page_per_vq);
  if (self->tx != 0)
    vc_props_str (props, "tx", txs[self->tx]);
  vc_props_tri (props, "ioeventfd", self->ioeventfd);
  vc_props_tri (props, "event_idx", self->event_idx);
  vc_props_tri (props, "rss", self->rss);
  vc_props_tri (props, "hash", self->rss_report);
  vc_props_u32 (props, "rx_queue_size", self->rx_size);
  vc_props_u32 (props, "tx_queue_size", self->tx_size);
  vc_props_u32 (props, "host_mtu", self->mtu);
  if (vc_u32_or (self->queues, 1) > 1 && vc_interface_is_tap (&self->base))
    {
      vc_props_bool (props, "mq", TRUE);
      vc_props_u64 (props, "vectors", 2 * (guint64) self->queues.value + 2);
    }
}

static void
put_rom (const VcInterface *self, VcProps *props)
{
  if (self->rom == VC_TRI_NO)
    vc_props_str (props, "romfile", "");
  if (self->rom_bar != VC_TRI_UNSET)
    vc_props_u64 (props, "rombar", self->rom_bar == VC_TRI_YES);
  vc_props_str (props, "romfile", self->rom_file);
}

/* <os>'s word is for the first card, unless cards have an order of their own. */
static guint
boot_index (const VcDevice *dev, const VcPlanContext *ctx)
{
  if (dev->boot.set)
    return dev->boot.value;
  return vc_peers_find (ctx->peers, "interface", NULL, 0) == dev ? vc_peers_boot (ctx->peers, "network") : 0;
}

gboolean
vc_interface_plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const VcInterface *self = (const VcInterface *) dev;
  g_autofree char *host = g_strconcat ("host", dev->alias, NULL), *driver = get_driver (self);
  guint boot = boot_index (dev, ctx);
  VcProps *props;

  if (!vc_caps_has (ctx->caps, driver))
    return vc_device_fail_unsupported (dev, error, "%s has no device '%s'", ctx->caps->binary, driver);
  props = vc_plan_device (out, dev, driver, ctx);
  vc_props_str (props, "netdev", host);
  vc_props_str (props, "mac", self->mac);
  if (boot > 0)
    vc_props_u64 (props, "bootindex", boot);
  if (vc_interface_is_virtio (self))
    put_virtio (self, props);
  put_rom (self, props);
  return TRUE;
}

const char *
vc_interface_mac (const VcDevice *dev)
{
  return ((const VcInterface *) dev)->mac;
}

void
vc_interface_set_target (VcDevice *dev, const char *name)
{
  VcInterface *self = (VcInterface *) dev;
  char *old = self->target;

  self->target = g_strdup (name);
  g_free (old);
}
