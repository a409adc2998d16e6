/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "domain/attach.h"
#include "domain/internal.h"

VcDevice *
vc_domain_find_alias (VcDomain *domain, const char *alias, GError **error)
{
  for (guint n = 0; n < domain->devices->len; n++)
    {
      VcDevice *dev = domain->devices->pdata[n];

      /* two names of one thing, and the port is the thing */
      if (g_strcmp0 (dev->alias, alias) == 0 && !vc_is (dev, "console", "serial"))
        return dev;
    }
  return vc_fail_null (error, VC_ERROR_NOT_FOUND, "the guest has no device with the alias '%s'", alias);
}

static VcDevice *
find_by_alias (VcDomain *domain, const VcNode *node, const char *alias, GError **error)
{
  VcDevice *dev = vc_domain_find_alias (domain, alias, NULL);

  if (dev == NULL)
    {
      vc_node_fail_code (node, error, VC_ERROR_NOT_FOUND, "the guest has no device with the alias '%s'",
                         alias);
      return NULL;
    }
  if (vc_is (dev, vc_node_name (node), NULL))
    return dev;
  vc_node_fail_code (node, error, VC_ERROR_NOT_FOUND, "the device with the alias '%s' is a <%s>", alias,
                     dev->kind->element);
  return NULL;
}

static gboolean
is_described (const VcDevice *dev, const VcNode *node)
{
  g_autoptr (VcXml) xml = vc_xml_new ("devices");

  vc_device_print (dev, vc_xml_root (xml), VC_PRINT_LIVE);
  return vc_node_is_within (node, vc_node_next (vc_xml_root (xml), NULL, NULL));
}

/* By all that the description says, in the words in which it would be printed. */
static VcDevice *
find_by_facts (VcDomain *domain, const VcNode *node, const VcDevice *wanted, GError **error)
{
  g_autoptr (VcXml) xml = vc_xml_new ("devices");
  VcDevice *found = NULL;

  vc_device_print (wanted, vc_xml_root (xml), VC_PRINT_INACTIVE);
  for (guint n = 0; n < domain->devices->len; n++)
    {
      VcDevice *dev = domain->devices->pdata[n];

      if (dev->kind != wanted->kind || !is_described (dev, vc_node_next (vc_xml_root (xml), NULL, NULL)))
        continue;
      if (found != NULL)
        {
          vc_node_fail (node, error, "it fits both '%s' and '%s': say which one, by <alias> or <address>",
                        found->alias, dev->alias);
          return NULL;
        }
      found = dev;
    }
  if (found == NULL)
    vc_node_fail_code (node, error, VC_ERROR_NOT_FOUND, "the guest has no such device");
  return found;
}

VcDevice *
vc_domain_find_same (VcDomain *domain, const VcXml *xml, GError **error)
{
  VcNode *node = vc_xml_root (xml);
  g_autoptr (VcDevice) wanted = NULL;
  VcNode *alias = NULL;

  if (vc_node_is_foreign (node))
    {
      vc_fields_fail_unread (node, error);
      return NULL;
    }
  if (!vc_node_child (node, "alias", NULL, NULL, &alias, error))
    return NULL;
  if (alias != NULL && vc_node_attr (alias, "name") != NULL)
    return find_by_alias (domain, node, vc_node_attr (alias, "name"), error);
  wanted = vc_device_read (node, error);
  return wanted != NULL ? find_by_facts (domain, node, wanted, error) : NULL;
}

/* Does a device sit on another one, a controller or a hub? */
static gboolean
sits_on (const VcDevice *dev, const VcDevice *provider)
{
  guint index = vc_is (provider, "controller", NULL) ? ((const VcController *) provider)->index.value : 0;
  const VcSeat *seat = &dev->seat;
  gsize len;

  if (dev == provider)
    return FALSE;
  if (vc_is (provider, "controller", "ccid"))
    return seat->type == VC_SEAT_CCID && seat->controller.value == index;
  if (vc_is (provider, "controller", "virtio-serial"))
    return (seat->type == VC_SEAT_VIRTIO_SERIAL || seat->counted) && seat->controller.value == index;
  if (vc_is (provider, "controller", "usb"))
    return seat->type == VC_SEAT_USB && seat->bus.value == index;
  if (!vc_is (provider, "hub", NULL) || seat->type != VC_SEAT_USB
      || seat->bus.value != provider->seat.bus.value)
    return FALSE;
  len = strlen (provider->seat.port);
  return strncmp (seat->port, provider->seat.port, len) == 0 && seat->port[len] == '.';
}

const VcDevice *
vc_domain_find_on (const VcDomain *domain, const VcDevice *provider)
{
  for (guint n = 0; n < domain->devices->len; n++)
    if (sits_on (domain->devices->pdata[n], provider))
      return domain->devices->pdata[n];
  return NULL;
}

/* QEMU lets all functions of a slot go at once. */
static gboolean
shares_slot (const VcDomain *domain, const VcDevice *dev)
{
  const VcSeat *seat = &dev->seat;

  for (guint n = 0; seat->type == VC_SEAT_PCI && n < domain->devices->len; n++)
    {
      const VcDevice *other = domain->devices->pdata[n];

      if (other != dev && other->seat.type == VC_SEAT_PCI && other->seat.bus.value == seat->bus.value
          && other->seat.slot.value == seat->slot.value)
        return TRUE;
    }
  return seat->type == VC_SEAT_PCI && (seat->function.value != 0 || seat->multifunction == VC_TRI_YES);
}

gboolean
vc_domain_check_detach (VcDomain *domain, const VcDevice *dev, GError **error)
{
  const VcDevice *other = vc_domain_find_on (domain, dev);
  const char *name = dev->alias != NULL ? dev->alias : dev->kind->element;
  const char *why = dev->kind->fixed;

  if (why == NULL && dev->bus == &vc_bus_ide)
    why = "IDE and SATA let no disk go before QEMU ends";
  if (why == NULL && (dev->bus == &vc_bus_fdc || dev->bus == &vc_bus_isa))
    why = "it is there from start to end";
  if (why == NULL && dev->kind->plugs_into != NULL && dev->bus == NULL)
    why = "it is part of the machine";
  if (why == NULL && shares_slot (domain, dev))
    why = "its PCI slot has several functions";
  if (why != NULL)
    return vc_fail (error, VC_ERROR_UNSUPPORTED, "'%s' cannot be detached from a running guest: %s", name,
                    why);
  if (other != NULL)
    return vc_fail (error, VC_ERROR_BUSY, "'%s' holds '%s': detach that first", name,
                    other->alias != NULL ? other->alias : other->kind->element);
  return TRUE;
}

VcDevice *
vc_domain_find_idle (VcDomain *domain)
{
  for (guint n = 0; n < domain->devices->len; n++)
    {
      VcDevice *dev = domain->devices->pdata[n];

      if (dev->along && vc_domain_find_on (domain, dev) == NULL)
        return dev;
    }
  return NULL;
}

void
vc_domain_detach (VcDomain *domain, VcDevice *dev)
{
  gboolean was_there = g_ptr_array_remove (domain->devices, dev);

  g_assert (was_there);
}
