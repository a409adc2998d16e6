/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "devices/disk.h"
#include "devices/interface.h"
#include "domain/attach.h"
#include "manager/internal.h"

/* A changed definition goes the way of a new one: checked, filled, checked, seated. */
static gboolean
complete (VcDescription *config, GError **error)
{
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();

  vc_domain_check (config->domain, NULL, errors);
  if (errors->len == 0)
    {
      vc_domain_fill (config->domain, config->caps);
      vc_domain_check (config->domain, NULL, errors);
    }
  if (errors->len > 0)
    {
      g_propagate_error (error, g_error_copy (errors->pdata[0]));
      return FALSE;
    }
  return vc_domain_seat (config->domain, error);
}

static VcDevice *
read_device (const VcXml *xml, GError **error)
{
  VcNode *root = vc_xml_root (xml);

  if (!vc_node_is_foreign (root))
    return vc_device_read (root, error);
  vc_fields_fail_unread (root, error);
  return NULL;
}

gboolean
vc_edit_attach (VcDescription *config, const VcXml *xml, GError **error)
{
  VcDevice *dev = read_device (xml, error);

  if (dev == NULL)
    return FALSE;
  vc_domain_add (config->domain, dev);
  return complete (config, error);
}

gboolean
vc_edit_detach (VcDescription *config, const VcXml *xml, GError **error)
{
  VcDevice *dev;

  vc_domain_name_all (config->domain); /* it may be described by the alias it would get */
  dev = vc_domain_find_same (config->domain, xml, error);
  if (dev == NULL)
    return FALSE;
  vc_domain_detach (config->domain, dev);
  return complete (config, error);
}

/* Is it the device that wanted is to take the place of? */
static gboolean
is_meant (const VcDevice *dev, const VcDevice *wanted)
{
  if (strcmp (dev->kind->element, wanted->kind->element) != 0)
    return FALSE;
  if (wanted->own_alias)
    return g_strcmp0 (dev->alias, wanted->alias) == 0;
  if (vc_is (wanted, "disk", NULL))
    return g_strcmp0 (vc_disk_target (dev), vc_disk_target (wanted)) == 0;
  if (vc_is (wanted, "interface", NULL) && vc_interface_mac (wanted) != NULL)
    return g_strcmp0 (vc_interface_mac (dev), vc_interface_mac (wanted)) == 0;
  return wanted->seat.type == VC_SEAT_NONE || vc_seat_same (&dev->seat, &wanted->seat);
}

static VcDevice *
find_meant (const VcDomain *domain, const VcDevice *wanted, guint *ret_at, GError **error)
{
  VcDevice *found = NULL;

  for (guint n = 0; n < domain->devices->len; n++)
    {
      VcDevice *dev = domain->devices->pdata[n];

      if (!is_meant (dev, wanted))
        continue;
      if (found != NULL)
        {
          vc_device_fail (wanted, error, "the domain has several of these: say which one, by <address>");
          return NULL;
        }
      found = dev;
      *ret_at = n;
    }
  if (found == NULL)
    {
      vc_device_fail (wanted, error, "the domain has no such device");
      if (error != NULL)
        (*error)->code = VC_ERROR_NOT_FOUND;
    }
  return found;
}

VcDevice *
vc_edit_wanted (VcDomain *domain, const VcXml *xml, VcDevice **ret_dev, GError **error)
{
  g_autoptr (VcDevice) wanted = read_device (xml, error);
  VcDevice *dev = NULL;
  guint at;

  if (wanted != NULL)
    dev = find_meant (domain, wanted, &at, error);
  if (dev == NULL)
    return NULL;
  if (vc_is (wanted, "disk", NULL))
    wanted->kind->fill (wanted, vc_domain_peers (domain));
  *ret_dev = dev;
  return g_steal_pointer (&wanted);
}

gboolean
vc_edit_update (VcDescription *config, const VcXml *xml, GError **error)
{
  g_autoptr (VcDevice) wanted = read_device (xml, error);
  VcDevice *old;
  guint at = 0;

  if (wanted == NULL)
    return FALSE;
  old = find_meant (config->domain, wanted, &at, error);
  if (old == NULL)
    return FALSE;
  if (wanted->seat.type == VC_SEAT_NONE && old->kind == wanted->kind)
    {
      wanted->seat = old->seat;
      old->seat = (VcSeat){ 0 };
    }
  config->domain->devices->pdata[at] = g_steal_pointer (&wanted);
  vc_device_free (old);
  return complete (config, error);
}
