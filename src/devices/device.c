/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "devices/kind.h"
#include "fields/known.h"
#include "fields/path.h"

const VcBus vc_bus_pci = { "pci", VC_SEAT_PCI };
const VcBus vc_bus_usb = { "usb", VC_SEAT_USB };
const VcBus vc_bus_ccid = { "ccid", VC_SEAT_CCID };
const VcBus vc_bus_virtio_serial = { "virtio-serial", VC_SEAT_VIRTIO_SERIAL };
const VcBus vc_bus_ide = { "ide", VC_SEAT_DRIVE };
const VcBus vc_bus_scsi = { "scsi", VC_SEAT_DRIVE };
const VcBus vc_bus_fdc = { "fdc", VC_SEAT_DRIVE };
const VcBus vc_bus_isa = { "isa", VC_SEAT_ISA };

const VcKind *
vc_kind_find (const char *name)
{
  for (guint i = 0; vc_kinds[i] != NULL; i++)
    if (strcmp (vc_kinds[i]->name, name) == 0)
      return vc_kinds[i];
  return NULL;
}

VcDevice *
vc_device_new (const VcKind *kind)
{
  VcDevice *dev = g_malloc0 (kind->size);

  dev->kind = kind;
  dev->bus = kind->plugs_into;
  dev->pci = kind->pci;
  return dev;
}

void
vc_device_free (VcDevice *dev)
{
  if (dev == NULL)
    return;
  vc_fields_clear (dev->kind->rows, dev);
  vc_seat_clear (&dev->seat);
  g_free (dev->alias);
  g_free (dev);
}

/* Find the value that chooses the kind: an attribute of the element or of a child. */
static gboolean
find_value (const char *select, VcNode *node, VcNode **ret_holder, const char **ret_attr,
            const char **ret_value, GError **error)
{
  VcStep step;

  *ret_value = NULL;
  *ret_holder = node;
  while (vc_step (&select, &step))
    {
      if (step.is_attr)
        {
          *ret_attr = g_intern_string (step.name);
          *ret_value = vc_node_attr (node, step.name);
          return TRUE;
        }
      if (!vc_node_child (node, step.name, NULL, NULL, &node, error))
        return FALSE;
      if (node == NULL)
        return TRUE;
      *ret_holder = node;
    }
  g_assert_not_reached ();
}

static gpointer
fail_no_kind (const char *element, VcNode *holder, const char *attr, const char *value, GError **error)
{
  g_autoptr (GString) all = g_string_new (NULL);

  if (vc_known_value (vc_node_name (holder), attr, value))
    {
      vc_node_fail_code (holder, error, VC_ERROR_UNSUPPORTED,
                         "@%s: '%s' is known to libvirt but not supported here", attr, value);
      return NULL;
    }
  for (guint i = 0; vc_kinds[i] != NULL; i++)
    if (strcmp (vc_kinds[i]->element, element) == 0)
      g_string_append_printf (all, "%s%s", all->len > 0 ? ", " : "", vc_kinds[i]->value);
  vc_node_fail (holder, error, "@%s: '%s' is none of: %s", attr, value, all->str);
  return NULL;
}

static const VcKind *
find_kind (VcNode *node, gboolean *ret_by_default, GError **error)
{
  const char *element = vc_node_name (node), *attr = NULL, *value = NULL;
  const VcKind *first = NULL;
  VcNode *holder = NULL;

  for (guint i = 0; first == NULL && vc_kinds[i] != NULL; i++)
    if (strcmp (vc_kinds[i]->element, element) == 0)
      first = vc_kinds[i];
  if (first == NULL)
    {
      if (vc_known_element ("devices", element))
        vc_node_fail_code (node, error, VC_ERROR_UNSUPPORTED, "known to libvirt but not supported here");
      else
        vc_node_fail (node, error, "unknown device");
      return NULL;
    }
  *ret_by_default = FALSE;
  if (first->select == NULL)
    return first;
  if (!find_value (first->select, node, &holder, &attr, &value, error))
    return NULL;
  *ret_by_default = value == NULL;
  for (guint i = 0; vc_kinds[i] != NULL; i++)
    if (strcmp (vc_kinds[i]->element, element) == 0
        && (value != NULL ? g_strcmp0 (vc_kinds[i]->value, value) == 0 : vc_kinds[i]->is_default))
      return vc_kinds[i];
  if (value == NULL)
    {
      vc_node_fail (node, error, "needs %s", first->select);
      return NULL;
    }
  return fail_no_kind (element, holder, attr, value, error);
}

/* A generated alias is what libvirt prints for a running domain: accepted and dropped, but for that domain.
 */
static gboolean
read_alias (VcDevice *dev, VcNode *node, GError **error)
{
  VcNode *child = NULL;
  const char *name;

  if (!vc_node_child (node, "alias", NULL, NULL, &child, error))
    return FALSE;
  if (child == NULL)
    return TRUE;
  name = vc_node_attr (child, "name");
  if (name == NULL)
    return vc_node_fail (child, error, "needs @name, the device's own name");
  if (!g_str_has_prefix (name, "ua-"))
    {
      dev->alias = dev->found ? g_strdup (name) : NULL;
      dev->along = dev->found && g_strcmp0 (vc_node_attr (child, "along"), "yes") == 0;
      return TRUE;
    }
  if (name[3] == '\0'
      || strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != strlen (name))
    return vc_node_fail (child, error, "@name: '%s' may hold only letters, digits, '-' and '_'", name);
  dev->alias = g_strdup (name);
  dev->own_alias = TRUE;
  return TRUE;
}

/* What every device may carry. */
static const VcField common[]
    = { VC_U32 (VcDevice, acpi, "acpi/@index", .min = 1, .max = 16383, .doc = "number for the firmware"),
        { 0 } };

VcDevice *
vc_device_read (VcNode *node, GError **error)
{
  gboolean by_default = FALSE;
  const VcKind *kind = find_kind (node, &by_default, error);
  g_autoptr (VcDevice) dev = NULL;

  if (kind == NULL)
    return NULL;
  dev = vc_device_new (kind);
  dev->by_default = by_default;
  dev->found = vc_node_is_found (node);
  dev->origin = vc_node_origin (node);
  dev->line = vc_node_line (node);
  if (!vc_fields_read (kind->rows, dev, node, error) || !vc_fields_read (common, dev, node, error)
      || !read_alias (dev, node, error) || !vc_seat_read (&dev->seat, node, error)
      || !vc_fields_done (node, error) || !vc_fields_missing (kind->rows, dev, node, error))
    return NULL;
  return g_steal_pointer (&dev);
}

static void
print_value (const VcKind *kind, VcNode *node)
{
  const char *select = kind->select;
  VcStep step;

  while (select != NULL && vc_step (&select, &step))
    if (step.is_attr)
      vc_node_set (node, step.name, kind->value);
    else
      node = vc_node_need (node, step.name, NULL, NULL);
}

void
vc_device_print (const VcDevice *dev, VcNode *parent, VcPrint how)
{
  VcNode *node = vc_node_add (parent, dev->kind->element);
  gboolean outside = dev->kind->select != NULL && dev->kind->select[0] == '@';

  if (outside)
    print_value (dev->kind, node);
  vc_fields_print (dev->kind->rows, dev, node, how);
  if (!outside)
    print_value (dev->kind, node);
  if (dev->own_alias || ((how == VC_PRINT_LIVE || how == VC_PRINT_STATUS) && dev->alias != NULL))
    vc_node_set (vc_node_add (node, "alias"), "name", dev->alias);
  if (how == VC_PRINT_STATUS && dev->along)
    vc_node_set (vc_node_need (node, "alias", NULL, NULL), "along", "yes");
  vc_fields_print (common, dev, node, how);
  vc_seat_print (&dev->seat, node);
}

gboolean
vc_device_plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *plan, GError **error)
{
  if (dev->kind->driver != NULL && !vc_caps_has (ctx->caps, dev->kind->driver))
    return vc_device_fail_unsupported (dev, error, "%s has no device '%s'", ctx->caps->binary,
                                       dev->kind->driver);
  if (dev->kind->plan != NULL)
    return dev->kind->plan (dev, ctx, plan, error);
  if (dev->kind->driver != NULL)
    vc_plan_device (plan, dev, NULL, ctx);
  return TRUE;
}

static void
put_seat (const VcDevice *dev, const VcPeers *peers, VcProps *props)
{
  const VcSeat *seat = &dev->seat;
  const char *type = vc_seat_types[seat->type];
  const VcDevice *provider = NULL;

  if (seat->type == VC_SEAT_PCI || seat->type == VC_SEAT_USB)
    provider = vc_peers_controller (peers, type, seat->bus.value);
  else if (seat->type == VC_SEAT_CCID || seat->type == VC_SEAT_VIRTIO_SERIAL)
    provider = vc_peers_controller (peers, type, seat->controller.value);
  switch (seat->type)
    {
    case VC_SEAT_PCI:
      vc_props_str (props, "bus", provider->alias);
      if (seat->multifunction != VC_TRI_UNSET)
        vc_props_tri (props, "multifunction", seat->multifunction);
      if (seat->function.value != 0)
        vc_props_strf (props, "addr", "0x%x.0x%x", seat->slot.value, seat->function.value);
      else
        vc_props_strf (props, "addr", "0x%x", seat->slot.value);
      vc_props_u32 (props, "acpi-index", dev->acpi);
      break;
    case VC_SEAT_USB:
      vc_props_strf (props, "bus", "%s.0", provider->alias);
      vc_props_str (props, "port", seat->port);
      break;
    case VC_SEAT_CCID:
      vc_props_strf (props, "bus", "%s.0", provider->alias);
      break;
    case VC_SEAT_VIRTIO_SERIAL:
      vc_props_strf (props, "bus", "%s.%u", provider->alias, vc_u32_or (seat->bus, 0));
      vc_props_u64 (props, "nr", seat->nr.value);
      break;
    case VC_SEAT_ISA:
      vc_props_u32 (props, "iobase", seat->iobase);
      vc_props_u32 (props, "irq", seat->irq);
      break;
    case VC_SEAT_DRIVE: /* the disk's room spells it: buses are called differently */
    case VC_SEAT_NONE:
      break;
    }
}

VcProps *
vc_plan_device (VcPlan *plan, const VcDevice *dev, const char *driver, const VcPlanContext *ctx)
{
  VcProps *props = vc_plan_add (plan, VC_Q_DEVICE, driver != NULL ? driver : dev->kind->driver, dev->alias);

  vc_fields_put (dev->kind->rows, dev, props);
  put_seat (dev, ctx->peers, props);
  return props;
}

static gboolean G_GNUC_PRINTF (4, 0)
    fail_at (const VcDevice *dev, GError **error, VcErrorCode code, const char *fmt, va_list args)
{
  g_autofree char *words = vc_xml_words (fmt, args);

  if (dev->line == 0)
    return vc_fail (error, code, "%s:1: <%s> (added by itself): %s",
                    dev->origin != NULL ? dev->origin : "domain", dev->kind->element, words);
  return vc_fail (error, code, "%s:%u: <%s>: %s", dev->origin, dev->line, dev->kind->element, words);
}

gboolean
vc_device_fail (const VcDevice *dev, GError **error, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  fail_at (dev, error, VC_ERROR_INVALID, fmt, args);
  va_end (args);
  return FALSE;
}

gboolean
vc_device_fail_unsupported (const VcDevice *dev, GError **error, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  fail_at (dev, error, VC_ERROR_UNSUPPORTED, fmt, args);
  va_end (args);
  return FALSE;
}

gboolean
vc_is (const VcDevice *dev, const char *element, const char *value)
{
  return strcmp (dev->kind->element, element) == 0
         && (value == NULL || g_strcmp0 (dev->kind->value, value) == 0);
}

VcDevice *
vc_peers_find (const VcPeers *peers, const char *element, const char *value, guint n)
{
  for (guint i = 0; i < peers->devices->len; i++)
    {
      VcDevice *dev = peers->devices->pdata[i];

      if (vc_is (dev, element, value) && n-- == 0)
        return dev;
    }
  return NULL;
}

guint
vc_peers_boot (const VcPeers *peers, const char *word)
{
  for (guint i = 0; peers->boot != NULL && peers->boot[i] != NULL; i++)
    if (strcmp (peers->boot[i], word) == 0)
      return i + 1;
  return 0;
}

VcDevice *
vc_peers_controller (const VcPeers *peers, const char *type, guint index)
{
  for (guint i = 0; i < peers->devices->len; i++)
    {
      VcDevice *dev = peers->devices->pdata[i];

      if (vc_is (dev, "controller", type) && vc_u32_or (((VcController *) dev)->index, 0) == index
          && !((VcController *) dev)->companion)
        return dev;
    }
  return NULL;
}
