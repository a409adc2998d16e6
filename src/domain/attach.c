/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/attach.h"

#include <string.h>

#include "base/error.h"
#include "devices/chardev.h"
#include "devices/disk.h"
#include "domain/internal.h"

/* How this works
 *
 * The new device goes behind the others, and then the whole machine is seated once more: the others have
 * places, which are kept as given ones are, so that only what is new looks for one.  What comes to stand
 * behind the device was added for it.  The seats are noted before: should one have moved, or anything fail,
 * all is put back. */

typedef struct
{
  VcDomain *domain;
  guint n;       /* devices before       */
  VcSeat *seats; /* theirs, ports copied */
} Before;

static Before *
note (VcDomain *domain)
{
  Before *before = g_new0 (Before, 1);

  before->domain = domain;
  before->n = domain->devices->len;
  before->seats = g_new0 (VcSeat, before->n);
  for (guint n = 0; n < before->n; n++)
    {
      before->seats[n] = ((const VcDevice *) domain->devices->pdata[n])->seat;
      before->seats[n].port = g_strdup (before->seats[n].port);
    }
  return before;
}

static void
before_free (Before *before)
{
  for (guint n = 0; n < before->n; n++)
    g_free (before->seats[n].port);
  g_free (before->seats);
  g_free (before);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Before, before_free)

static void
put_back (Before *before)
{
  GPtrArray *devices = before->domain->devices;

  g_ptr_array_set_size (devices, (int) before->n);
  for (guint n = 0; n < before->n; n++)
    {
      VcSeat *seat = &((VcDevice *) devices->pdata[n])->seat;

      vc_seat_clear (seat);
      *seat = before->seats[n];
      before->seats[n].port = NULL;
    }
}

static gboolean
check_unmoved (const Before *before, const VcDevice *dev, GError **error)
{
  for (guint n = 0; n < before->n; n++)
    {
      const VcDevice *other = before->domain->devices->pdata[n];

      if (!vc_seat_same (&other->seat, &before->seats[n]))
        return vc_device_fail_unsupported (dev, error, "there is no place for it unless '%s' moved",
                                           other->alias != NULL ? other->alias : other->kind->element);
    }
  return TRUE;
}

static VcDevice *
read_device (VcDomain *domain, const VcXml *xml, GError **error)
{
  VcNode *root = vc_xml_root (xml);

  if (vc_node_is_foreign (root))
    {
      vc_fields_fail_unread (root, error);
      return NULL;
    }
  if (domain->devices->len >= VC_DOMAIN_MAX_DEVICES)
    {
      vc_node_fail_code (root, error, VC_ERROR_LIMIT, "a guest has at most %u devices",
                         VC_DOMAIN_MAX_DEVICES);
      return NULL;
    }
  return vc_device_read (root, error);
}

/* What QEMU creates only when it starts. */
static gboolean
check_kind (const VcDevice *dev, GError **error)
{
  const char *why = dev->kind->fixed;

  if (why == NULL && dev->bus == &vc_bus_ide)
    why = "IDE and SATA take disks only when QEMU starts: a disk of <target bus='virtio'/> can";
  if (why == NULL && (dev->bus == &vc_bus_fdc || dev->bus == &vc_bus_isa))
    why = "it is there from start to end";
  if (why == NULL && dev->kind->plugs_into != NULL && dev->bus == NULL)
    why = "it is part of the machine";
  return why == NULL
         || vc_device_fail_unsupported (dev, error, "cannot be attached to a running guest: %s", why);
}

static gboolean
check_added (const Before *before, const VcDevice *asked, GError **error)
{
  for (guint n = before->n; n < before->domain->devices->len; n++)
    {
      const VcDevice *dev = before->domain->devices->pdata[n];

      if (dev != asked && dev->kind->fixed != NULL)
        return vc_device_fail_unsupported (
            asked, error, "it needs another <%s type='%s'>, which cannot be attached to a running guest: %s",
            dev->kind->element, dev->kind->value, dev->kind->fixed);
      if (dev->seat.type != VC_SEAT_PCI)
        continue;
      if (vc_machine_is_q35 (before->domain->machine) && dev->seat.bus.value == 0)
        return vc_device_fail_unsupported (
            asked, error,
            "bus 0 of this machine takes devices only when QEMU starts: leave the place open, or name "
            "a free root port");
      if (dev->seat.function.value != 0 || dev->seat.multifunction == VC_TRI_YES)
        return vc_device_fail_unsupported (
            asked, error, "a PCI device with several functions cannot be attached to a running guest");
    }
  return TRUE;
}

/* How many of the new devices want a USB port: the device itself, or the readers that its card needs. */
static guint
count_usb (VcDomain *domain, const VcDevice *dev)
{
  guint reader = vc_u32_or (dev->seat.controller, 0);

  if (dev->bus == &vc_bus_usb)
    return !vc_seat_placed (&dev->seat);
  if (dev->bus != &vc_bus_ccid)
    return 0;
  if (dev->seat.type == VC_SEAT_CCID)
    return vc_peers_controller (vc_domain_peers (domain), "ccid", reader) == NULL;
  for (guint n = 0; n < domain->devices->len; n++)
    {
      const VcController *other = domain->devices->pdata[n];
      gboolean full = FALSE;

      for (guint m = 0; vc_is (&other->base, "controller", "ccid") && m < domain->devices->len; m++)
        {
          const VcDevice *card = domain->devices->pdata[m];

          full |= card->seat.type == VC_SEAT_CCID && card->seat.controller.value == other->index.value;
        }
      if (vc_is (&other->base, "controller", "ccid") && !full)
        return 0;
    }
  return 1;
}

static gboolean
check_and_seat (const Before *before, VcDevice *dev, GError **error)
{
  VcDomain *domain = before->domain;

  vc_domain_peers (domain);
  if (!vc_domain_check_device (domain, before->n, error))
    return FALSE;
  vc_domain_fill_device (domain, dev);
  vc_domain_peers (domain);
  if (!vc_domain_check_device (domain, before->n, error) || !check_kind (dev, error))
    return FALSE;
  return vc_seat_grow_usb (domain, count_usb (domain, dev), dev, error) && vc_domain_seat (domain, error)
         && check_added (before, dev, error) && check_unmoved (before, dev, error);
}

/* Names and the last decisions; the device that was asked for comes last. */
static GPtrArray *
complete (const Before *before, VcDevice *asked, const VcTlsFacts *tls)
{
  GPtrArray *devices = before->domain->devices;
  GPtrArray *added = g_ptr_array_new ();
  VcChardev *chr = vc_chardev_of (asked);

  vc_disk_number_all (vc_domain_peers (before->domain));
  for (guint n = before->n; n < devices->len; n++)
    {
      VcDevice *dev = devices->pdata[n];

      vc_domain_name_device (before->domain, dev);
      dev->along = dev != asked;
      if (dev != asked)
        g_ptr_array_add (added, dev);
    }
  g_ptr_array_add (added, asked);
  if (chr != NULL)
    vc_chardev_resolve (chr, tls);
  return added;
}

GPtrArray *
vc_domain_attach (VcDomain *domain, const VcXml *xml, const VcTlsFacts *tls, GError **error)
{
  g_autoptr (VcDevice) read = read_device (domain, xml, error);
  g_autoptr (Before) before = NULL;
  VcDevice *dev = read;

  if (read == NULL || (read->kind->fixed != NULL && !check_kind (read, error)))
    return NULL;
  vc_disk_number_all (vc_domain_peers (domain));
  before = note (domain);
  vc_domain_add (domain, g_steal_pointer (&read));
  if (check_and_seat (before, dev, error))
    return complete (before, dev, tls);
  put_back (before);
  return NULL;
}
