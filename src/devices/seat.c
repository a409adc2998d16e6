/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/seat.h"

#include "base/error.h"
#include "fields/known.h"

const char *const vc_seat_types[] = { "", "pci", "usb", "ccid", "virtio-serial", "drive", "isa", NULL };

/* USB port: one to four numbers from 1 to 255, joined by dots: the way through hubs. */

static gboolean
read_port (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", -1);
  guint n = g_strv_length (parts);
  gboolean good = n >= 1 && n <= 4;

  for (guint i = 0; good && i < n; i++)
    {
      guint64 value;

      good = g_ascii_string_to_unsigned (parts[i], 10, 1, 255, &value, NULL);
    }
  if (!good)
    {
      *ret_why = g_strdup_printf ("'%s' is not a USB port: one to four numbers joined by dots", text);
      return FALSE;
    }
  g_free (*(char **) at);
  *(char **) at = g_strdup (text);
  return TRUE;
}

static char *
print_port (const VcField *row, gconstpointer at)
{
  return g_strdup (*(char *const *) at);
}

static void
clear_port (gpointer at)
{
  g_clear_pointer ((char **) at, g_free);
}

static void
schema_port (const VcField *row, GString *out)
{
  g_string_append (out, "<data type='string'><param name='pattern'>[0-9]+(\\.[0-9]+){0,3}</param></data>");
}

static const VcType type_port = {
  .name = "USB port", .read = read_port, .print = print_port, .clear = clear_port, .schema = schema_port
};

static const VcField none[] = { { 0 } };

static const VcField pci[]
    = { VC_U32 (VcSeat, domain, "@domain", .max = 0xffff, .digits = 4, .doc = "PCI domain"),
        VC_U32 (VcSeat, bus, "@bus", .max = 0xff, .digits = 2, .doc = "index of the pci controller"),
        VC_U32 (VcSeat, slot, "@slot", .max = 0x1f, .digits = 2, .doc = "slot on the bus"),
        VC_U32 (VcSeat, function, "@function", .max = 7, .digits = 1, .doc = "function of the slot"),
        VC_ONOFF (VcSeat, multifunction, "@multifunction",
                  .doc = "whether more functions follow in the slot"),
        { 0 } };

static const VcField usb[]
    = { VC_U32 (VcSeat, bus, "@bus", .max = 255, .doc = "index of the usb controller"),
        VC_ROW (VcSeat, port, char *, type_port, "@port", .doc = "port, with dots through hubs"),
        { 0 } };

static const VcField ccid[]
    = { VC_U32 (VcSeat, controller, "@controller", .max = 255, .doc = "index of the ccid controller"),
        VC_U32 (VcSeat, slot, "@slot", .max = 255, .doc = "slot of the reader"),
        { 0 } };

static const VcField virtio_serial[]
    = { VC_U32 (VcSeat, controller, "@controller", .max = 255,
                .doc = "index of the virtio-serial controller"),
        VC_U32 (VcSeat, bus, "@bus", .max = 255, .doc = "bus of the controller, 0"),
        VC_U32 (VcSeat, nr, "@port", .max = 1000, .doc = "port of the controller"),
        { 0 } };

static const VcField drive[]
    = { VC_U32 (VcSeat, controller, "@controller", .max = 255, .doc = "index of the disk controller"),
        VC_U32 (VcSeat, bus, "@bus", .max = 255, .doc = "bus of the controller"),
        VC_U32 (VcSeat, target, "@target", .max = 255, .doc = "target on the bus"),
        VC_U32 (VcSeat, unit, "@unit", .max = 16383, .doc = "unit of the target"),
        { 0 } };

static const VcField isa[]
    = { VC_U32 (VcSeat, iobase, "@iobase", .max = 0xffff, .digits = 1, .doc = "input/output port"),
        VC_U32 (VcSeat, irq, "@irq", .max = 255, .digits = 1, .doc = "interrupt"),
        { 0 } };

const VcField *const vc_seat_rows[] = { none, pci, usb, ccid, virtio_serial, drive, isa };

gboolean
vc_seat_read (VcSeat *seat, VcNode *device, GError **error)
{
  VcNode *node = NULL;
  const char *type;

  if (!vc_node_child (device, "address", NULL, NULL, &node, error))
    return FALSE;
  if (node == NULL)
    return TRUE;
  type = vc_node_attr (node, "type");
  if (type == NULL)
    return vc_node_fail (node, error, "needs @type, the kind of address");
  seat->type = (VcSeatType) vc_choice_find (vc_seat_types, type);
  if (seat->type == VC_SEAT_NONE && vc_known_value ("address", "type", type))
    return vc_node_fail_code (node, error, VC_ERROR_UNSUPPORTED,
                              "@type: '%s' is known to libvirt but not supported here", type);
  if (seat->type == VC_SEAT_NONE)
    return vc_node_fail (node, error, "@type: unknown address type '%s'", type);
  if (!vc_fields_read (vc_seat_rows[seat->type], seat, node, error))
    return FALSE;
  switch (seat->type)
    {
    case VC_SEAT_PCI: /* all zero means: find one, as libvirt has it */
      seat->wanted = vc_u32_or (seat->bus, 0) == 0 && vc_u32_or (seat->slot, 0) == 0
                     && vc_u32_or (seat->function, 0) == 0 && vc_u32_or (seat->domain, 0) == 0;
      break;
    case VC_SEAT_USB:
      seat->wanted = seat->port == NULL;
      break;
    default:
      break;
    }
  return TRUE;
}

void
vc_seat_print (const VcSeat *seat, VcNode *device)
{
  VcNode *node;

  if (seat->type == VC_SEAT_NONE)
    return;
  node = vc_node_add (device, "address");
  vc_node_set (node, "type", vc_seat_types[seat->type]);
  vc_fields_print (vc_seat_rows[seat->type], seat, node, VC_PRINT_INACTIVE);
}

void
vc_seat_clear (VcSeat *seat)
{
  g_clear_pointer (&seat->port, g_free);
  *seat = (VcSeat){ 0 };
}

void
vc_seat_pci (VcSeat *seat, guint bus, guint slot, guint function)
{
  seat->type = VC_SEAT_PCI;
  seat->wanted = FALSE;
  seat->domain = vc_u32 (0);
  seat->bus = vc_u32 (bus);
  seat->slot = vc_u32 (slot);
  seat->function = vc_u32 (function);
}

void
vc_seat_usb (VcSeat *seat, guint bus, const char *port)
{
  char *copy = g_strdup (port);

  g_free (seat->port);
  seat->type = VC_SEAT_USB;
  seat->wanted = FALSE;
  seat->bus = vc_u32 (bus);
  seat->port = copy;
}

gboolean
vc_seat_placed (const VcSeat *seat)
{
  return seat->type != VC_SEAT_NONE && !seat->wanted;
}

static gboolean
same_number (VcU32 a, VcU32 b)
{
  return a.set == b.set && (!a.set || a.value == b.value);
}

gboolean
vc_seat_same (const VcSeat *a, const VcSeat *b)
{
  return a->type == b->type && a->multifunction == b->multifunction && g_strcmp0 (a->port, b->port) == 0
         && same_number (a->domain, b->domain) && same_number (a->bus, b->bus)
         && same_number (a->slot, b->slot) && same_number (a->function, b->function)
         && same_number (a->controller, b->controller) && same_number (a->nr, b->nr)
         && same_number (a->target, b->target) && same_number (a->unit, b->unit)
         && same_number (a->iobase, b->iobase) && same_number (a->irq, b->irq);
}
