/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/controller-pci.h"
#include "devices/controller-usb.h"
#include "devices/sound.h"
#include "devices/video.h"
#include "domain/internal.h"

/* How this works
 *
 * A bus is 32 slots of 8 functions.  The chipset's own functions and given addresses are marked
 * first, then ports and bridges are placed, then devices in libvirt's order of elements.
 *
 *   pc    everything on bus 0, at the lowest free slot
 *   q35   bus 0 (pcie.0) holds root ports, eight to a slot; a PCI Express device gets a port of
 *         its own, an old PCI device a slot of a pcie-to-pci-bridge.  When ports had to be added
 *         and the description named none, one more is kept free for plugging in. */

#define SLOTS     32u
#define MAX_BUSES 256u

typedef struct
{
  VcPciModel model;   /* 0: no such bus                                       */
  guint8 used[SLOTS]; /* a bit a function                                     */
  guint32 ports;      /* a bit a slot that holds root ports: it may be shared */
} Bus;

typedef struct
{
  VcDomain *domain;
  gboolean q35;
  guint n;     /* buses                                   */
  guint added; /* buses added here                        */
  Bus buses[MAX_BUSES];
} Seating;

static guint
first_slot (const Bus *bus)
{
  return bus->model == VC_PCI_MODEL_ROOT_PORT ? 0 : 1;
}

static guint
last_slot (const Bus *bus)
{
  return bus->model == VC_PCI_MODEL_ROOT_PORT ? 0 : SLOTS - 1;
}

static gboolean
put (Seating *self, const VcDevice *dev, GError **error)
{
  const VcSeat *seat = &dev->seat;
  guint index = vc_u32_or (seat->bus, 0), slot = vc_u32_or (seat->slot, 0),
        function = vc_u32_or (seat->function, 0);
  Bus *bus;

  if (vc_u32_or (seat->domain, 0) != 0)
    return vc_device_fail (dev, error, "<address> @domain: a guest has the PCI domain 0 only, not %u",
                           seat->domain.value);
  if (index >= self->n || self->buses[index].model == 0)
    return vc_device_fail (dev, error, "<address> @bus: there is no pci controller with index %u", index);
  bus = &self->buses[index];
  if (slot < first_slot (bus) || slot > last_slot (bus))
    return vc_device_fail (dev, error, "<address> @slot: bus %u has the slots %u to %u, not %u", index,
                           first_slot (bus), last_slot (bus), slot);
  if (bus->used[slot] & (1u << function))
    return vc_device_fail (dev, error, "<address>: PCI address %04x:%02x:%02x.%x is taken", 0, index, slot,
                           function);
  if (vc_is (dev, "controller", "pci") && vc_pci_model (dev) == VC_PCI_MODEL_ROOT_PORT)
    bus->ports |= 1u << slot;
  bus->used[slot] |= function == 0 && seat->multifunction != VC_TRI_YES ? 0xff : (guint8) (1u << function);
  return TRUE;
}

static gboolean
find_buses (Seating *self, GError **error)
{
  for (guint i = 0; i < self->domain->devices->len; i++)
    {
      const VcDevice *dev = self->domain->devices->pdata[i];
      guint index;

      if (!vc_is (dev, "controller", "pci"))
        continue;
      index = ((const VcController *) dev)->index.value;
      if (self->buses[index].model != 0)
        return vc_device_fail (dev, error, "@index: there is another pci controller with index %u", index);
      self->buses[index].model = vc_pci_model (dev);
      self->n = MAX (self->n, index + 1);
    }
  if (self->buses[0].model == 0)
    {
      VcDevice *dev = vc_pci_new (self->q35 ? VC_PCI_MODEL_PCIE_ROOT : VC_PCI_MODEL_ROOT, 0);

      dev->origin = self->domain->origin;
      vc_domain_add (self->domain, dev);
      self->buses[0].model = vc_pci_model (dev);
      self->n = MAX (self->n, 1);
    }
  return TRUE;
}

/* Buses that numbers or addresses leave out are root ports on q35. */
static void
fill_gaps (Seating *self)
{
  guint n = self->n;

  for (guint i = 0; i < self->domain->devices->len; i++)
    {
      const VcDevice *dev = self->domain->devices->pdata[i];

      if (dev->bus == &vc_bus_pci && vc_seat_placed (&dev->seat))
        n = MAX (n, vc_u32_or (dev->seat.bus, 0) + 1);
    }
  for (guint i = 1; self->q35 && i < n; i++)
    if (self->buses[i].model == 0)
      {
        VcDevice *dev = vc_pci_new (VC_PCI_MODEL_ROOT_PORT, i);

        dev->origin = self->domain->origin;
        vc_domain_add (self->domain, dev);
        self->buses[i].model = VC_PCI_MODEL_ROOT_PORT;
        self->n = MAX (self->n, i + 1);
      }
}

static VcDevice *
find (const Seating *self, const char *element, const char *value)
{
  return vc_peers_find (vc_domain_peers (self->domain), element, value, 0);
}

static gboolean
wants (const VcDevice *dev)
{
  return dev->bus == &vc_bus_pci && !vc_seat_placed (&dev->seat);
}

/* A function of the chipset; a description that puts it elsewhere is wrong. */
static gboolean
seat_built_in (VcDevice *dev, guint slot, guint function, GError **error)
{
  const VcSeat *seat = &dev->seat;

  if (vc_seat_placed (seat)
      && (vc_u32_or (seat->bus, 0) != 0 || seat->slot.value != slot
          || vc_u32_or (seat->function, 0) != function))
    return vc_device_fail (dev, error,
                           "<address>: the machine's own %s controller has PCI address 0000:00:%02x.%x",
                           dev->kind->value, slot, function);
  vc_seat_pci (&dev->seat, 0, slot, function);
  return TRUE;
}

/* On q35 the first two groups of USB 2 controllers go where real machines have them. */
static gboolean
seat_q35_usb2 (Seating *self, GError **error)
{
  static const guint slots[] = { 0x1d, 0x1a };

  for (guint i = 0; i < self->domain->devices->len; i++)
    {
      VcDevice *dev = self->domain->devices->pdata[i];

      if (!vc_is (dev, "controller", "usb") || vc_usb_function (dev) != 0 || !wants (dev))
        continue;
      for (guint j = 0; j < G_N_ELEMENTS (slots); j++)
        if (self->buses[0].used[slots[j]] == 0)
          {
            vc_seat_pci (&dev->seat, 0, slots[j], 0);
            dev->seat.multifunction = VC_TRI_YES;
            if (!put (self, dev, error))
              return FALSE;
            break;
          }
    }
  return TRUE;
}

/* … and the first ich9 sound card. */
static gboolean
seat_q35_sound (Seating *self, GError **error)
{
  VcDevice *dev;

  for (guint i = 0; (dev = vc_peers_find (vc_domain_peers (self->domain), "sound", NULL, i)) != NULL; i++)
    if (vc_sound_is_ich9 (dev) && wants (dev) && self->buses[0].used[0x1b] == 0)
      {
        vc_seat_pci (&dev->seat, 0, 0x1b, 0);
        return put (self, dev, error);
      }
  return TRUE;
}

/* Mark slot as the chipset's own, but for functions that devices of the description fill. */
static gboolean
seat_chipset (Seating *self, GError **error)
{
  VcDevice *ide = vc_peers_controller (vc_domain_peers (self->domain), "ide", 0);
  VcDevice *usb = vc_peers_controller (vc_domain_peers (self->domain), "usb", 0);
  VcDevice *sata = vc_peers_controller (vc_domain_peers (self->domain), "sata", 0);
  VcDevice *video = find (self, "video", NULL);
  guint chipset = self->q35 ? 0x1f : 1, display = self->q35 ? 1 : 2;

  self->buses[0].used[chipset] |= 0x01 | 0x08; /* bridge; power management or SMBus */
  if (!self->q35 && ide != NULL && !seat_built_in (ide, 1, 1, error))
    return FALSE;
  if (!self->q35 && usb != NULL && vc_usb_is_piix3 (usb) && wants (usb))
    vc_seat_pci (&usb->seat, 0, 1, 2);
  if (self->q35 && sata != NULL && !seat_built_in (sata, 0x1f, 2, error))
    return FALSE;
  for (guint i = 0; i < self->domain->devices->len; i++)
    {
      VcDevice *dev = self->domain->devices->pdata[i];

      if (dev->bus == &vc_bus_pci && vc_seat_placed (&dev->seat) && !put (self, dev, error))
        return FALSE;
    }
  self->buses[0].used[chipset] = 0xff;
  if (self->q35 && !seat_q35_usb2 (self, error))
    return FALSE;
  if (video != NULL && wants (video) && self->buses[0].used[display] == 0)
    {
      vc_seat_pci (&video->seat, 0, display, 0);
      if (!put (self, video, error))
        return FALSE;
    }
  return !self->q35 || seat_q35_sound (self, error);
}

/* A root port takes the next function of a slot that holds root ports, or a fresh slot. */
static gboolean
seat_port (Seating *self, VcDevice *dev, GError **error)
{
  Bus *bus = &self->buses[0];

  for (guint slot = first_slot (bus); slot <= last_slot (bus); slot++)
    for (guint function = 0; function < 8; function++)
      {
        if ((bus->ports & (1u << slot)) == 0 && bus->used[slot] != 0)
          break;
        if (bus->used[slot] & (1u << function))
          continue;
        bus->ports |= 1u << slot;
        vc_seat_pci (&dev->seat, 0, slot, function);
        if (function == 0)
          dev->seat.multifunction = VC_TRI_YES;
        vc_pci_fill_port (dev);
        return put (self, dev, error);
      }
  return vc_device_fail (dev, error, "no PCI slot is free for another root port");
}

static gboolean
add_bus (Seating *self, VcPciModel model, const VcDevice *for_whom, VcDevice **ret_dev, GError **error)
{
  if (self->n == MAX_BUSES)
    return vc_device_fail (for_whom, error, "a guest has at most %u PCI buses", MAX_BUSES);
  *ret_dev = vc_pci_new (model, self->n);
  (*ret_dev)->origin = self->domain->origin;
  self->buses[self->n++].model = model;
  self->added++;
  vc_domain_add (self->domain, *ret_dev);
  return TRUE;
}

/* A whole free slot on a bus of that model; FALSE when there is none. */
static gboolean
find_slot (const Seating *self, VcPciModel model, guint *ret_bus, guint *ret_slot)
{
  for (guint i = 0; i < self->n; i++)
    for (guint slot = first_slot (&self->buses[i]);
         self->buses[i].model == model && slot <= last_slot (&self->buses[i]); slot++)
      if (self->buses[i].used[slot] == 0)
        {
          *ret_bus = i;
          *ret_slot = slot;
          return TRUE;
        }
  return FALSE;
}

/* A root port with nothing in it; one is added when there is none. */
static gboolean
need_port (Seating *self, const VcDevice *for_whom, guint *ret_bus, GError **error)
{
  VcDevice *port;
  guint slot;

  if (find_slot (self, VC_PCI_MODEL_ROOT_PORT, ret_bus, &slot))
    return TRUE;
  if (!add_bus (self, VC_PCI_MODEL_ROOT_PORT, for_whom, &port, error) || !seat_port (self, port, error))
    return FALSE;
  *ret_bus = self->n - 1;
  return TRUE;
}

static gboolean
seat_express (Seating *self, VcDevice *dev, GError **error)
{
  guint bus;

  if (!need_port (self, dev, &bus, error))
    return FALSE;
  vc_seat_pci (&dev->seat, bus, 0, 0);
  return put (self, dev, error);
}

/* A whole slot for an old PCI device; on q35 a bridge is added when there is none, always with a port. */
static gboolean
need_slot (Seating *self, const VcDevice *for_whom, guint *ret_bus, guint *ret_slot, GError **error)
{
  VcPciModel model = self->q35 ? VC_PCI_MODEL_TO_PCI_BRIDGE : VC_PCI_MODEL_ROOT;
  VcDevice *bridge, *port;

  if (find_slot (self, model, ret_bus, ret_slot))
    return TRUE;
  if (!self->q35)
    return vc_device_fail (for_whom, error, "no PCI slot is free");
  return add_bus (self, VC_PCI_MODEL_ROOT_PORT, for_whom, &port, error) && seat_port (self, port, error)
         && add_bus (self, model, for_whom, &bridge, error) && seat_express (self, bridge, error)
         && find_slot (self, model, ret_bus, ret_slot);
}

static gboolean
seat_conventional (Seating *self, VcDevice *dev, GError **error)
{
  guint bus, slot;

  if (!need_slot (self, dev, &bus, &slot, error))
    return FALSE;
  vc_seat_pci (&dev->seat, bus, slot, 0);
  return put (self, dev, error);
}

/* USB 2 controllers and their companions share a slot, each at its own function. */
static gboolean
seat_usb2 (Seating *self, VcDevice *dev, GError **error)
{
  guint index = ((VcController *) dev)->index.value, bus = 0, slot = 0;
  gboolean found = FALSE;

  for (guint i = 0; !found && i < self->domain->devices->len; i++)
    {
      const VcDevice *other = self->domain->devices->pdata[i];

      found = other != dev && vc_is (other, "controller", "usb") && vc_usb_function (other) >= 0
              && vc_seat_placed (&other->seat) && ((const VcController *) other)->index.value == index;
      if (found)
        {
          bus = vc_u32_or (other->seat.bus, 0);
          slot = other->seat.slot.value;
        }
    }
  if (!found && !need_slot (self, dev, &bus, &slot, error))
    return FALSE;
  vc_seat_pci (&dev->seat, bus, slot, (guint) vc_usb_function (dev));
  if (vc_usb_function (dev) == 0)
    dev->seat.multifunction = VC_TRI_YES;
  return put (self, dev, error);
}

static gboolean
seat_one (Seating *self, VcDevice *dev, GError **error)
{
  if (vc_is (dev, "controller", "usb") && vc_usb_function (dev) >= 0)
    return seat_usb2 (self, dev, error);
  if (self->q35 && vc_is (dev, "controller", "pci") && vc_pci_model (dev) == VC_PCI_MODEL_ROOT_PORT)
    return seat_port (self, dev, error);
  if (self->q35 && (dev->pci == VC_PCI_EXPRESS || vc_is (dev, "controller", "pci")))
    return seat_express (self, dev, error);
  return seat_conventional (self, dev, error);
}

/* Seat all of an element; a value, unless NULL, chooses (negated by a leading "!"). */
static gboolean
seat_element (Seating *self, const char *element, const char *value, GError **error)
{
  g_autoptr (GPtrArray) wanting = g_ptr_array_new ();

  for (guint i = 0; i < self->domain->devices->len; i++)
    {
      VcDevice *dev = self->domain->devices->pdata[i];
      gboolean fits = wants (dev) && vc_is (dev, element, NULL);

      if (fits && value != NULL)
        fits = *value == '!' ? g_strcmp0 (dev->kind->value, value + 1) != 0
                             : g_strcmp0 (dev->kind->value, value) == 0;
      if (fits)
        g_ptr_array_add (wanting, dev);
    }
  for (guint i = 0; i < wanting->len; i++)
    if (!seat_one (self, wanting->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* Devices whose place is to be found. */
static GPtrArray *
find_wanting (const VcDomain *domain)
{
  GPtrArray *wanting = g_ptr_array_new ();

  for (guint i = 0; i < domain->devices->len; i++)
    if (wants (domain->devices->pdata[i]))
      g_ptr_array_add (wanting, domain->devices->pdata[i]);
  return wanting;
}

static gboolean
seat_all (Seating *self, GError **error)
{
  static const struct
  {
    const char *element, *value;
  } order[]
      = { { "controller", "pci" },  { "filesystem", NULL }, { "interface", NULL }, { "sound", NULL },
          { "controller", "!pci" }, { "disk", NULL },       { "hostdev", NULL },   { "memballoon", NULL },
          { "rng", NULL },          { "watchdog", NULL },   { "video", NULL },     { "shmem", NULL },
          { "input", NULL },        { "parallel", NULL },   { "serial", NULL } };

  if (!find_buses (self, error))
    return FALSE;
  fill_gaps (self);
  if (!seat_chipset (self, error))
    return FALSE;
  for (guint i = 0; i < self->domain->devices->len; i++)
    if (vc_is (self->domain->devices->pdata[i], "controller", "pci")
        && !wants (self->domain->devices->pdata[i]))
      vc_pci_fill_port (self->domain->devices->pdata[i]);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (!seat_element (self, order[i].element, order[i].value, error))
      return FALSE;
  return TRUE;
}

/* A root port that is alone in its slot needs no word of other functions. */
static void
fix_multifunction (Seating *self)
{
  guint8 used[SLOTS] = { 0 };

  for (guint i = 0; i < self->domain->devices->len; i++)
    {
      const VcDevice *dev = self->domain->devices->pdata[i];

      if (dev->seat.type == VC_SEAT_PCI && dev->seat.bus.value == 0)
        used[dev->seat.slot.value] |= (guint8) (1u << dev->seat.function.value);
    }
  for (guint i = 0; i < self->domain->devices->len; i++)
    {
      VcDevice *dev = self->domain->devices->pdata[i];

      if (vc_is (dev, "controller", "pci") && dev->line == 0 && dev->seat.type == VC_SEAT_PCI
          && used[dev->seat.slot.value] == 1)
        dev->seat.multifunction = VC_TRI_UNSET;
    }
}

/* Twice: the first time finds out which ports and bridges are needed, the second seats these before
 * all other devices. */
gboolean
vc_seat_all_pci (VcDomain *domain, GError **error)
{
  g_autofree Seating *self = g_new0 (Seating, 1);
  g_autoptr (GPtrArray) wanting = find_wanting (domain);
  guint first = domain->devices->len, given, bus, slot;
  VcDevice *port;

  self->domain = domain;
  self->q35 = vc_machine_is_q35 (domain->machine);
  if (!seat_all (self, error))
    return FALSE;
  if (self->added == 0)
    return TRUE;
  given = self->n - self->added;
  if (given == 1 && !find_slot (self, VC_PCI_MODEL_ROOT_PORT, &bus, &slot)
      && !add_bus (self, VC_PCI_MODEL_ROOT_PORT, domain->devices->pdata[0], &port, error))
    return FALSE;
  for (guint i = 0; i < wanting->len; i++)
    vc_pci_forget (wanting->pdata[i]);
  for (guint i = first; i < domain->devices->len; i++)
    if (((VcDevice *) domain->devices->pdata[i])->bus == &vc_bus_pci)
      vc_pci_forget (domain->devices->pdata[i]);
  memset (self, 0, sizeof *self);
  self->domain = domain;
  self->q35 = TRUE;
  if (!seat_all (self, error))
    return FALSE;
  fix_multifunction (self);
  return TRUE;
}
