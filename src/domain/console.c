/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/serial.h"
#include "domain/internal.h"

/* The first console and the first serial port are two names of one thing, as in libvirt:
 *
 *   a serial console and no serial port      makes the serial port
 *   a serial console and a serial port       the console takes over the port's host side
 *   a serial port and no serial console      makes the console, before the others
 *
 * Ports without a number get one; the serial console has its port's, and its alias. */

static VcDevice *
make (VcDomain *domain, const VcKind *kind, const VcChardev *chr, int at)
{
  VcDevice *dev = vc_device_new (kind);

  dev->origin = domain->origin;
  dev->by_default = TRUE;
  ((VcSerial *) dev)->chr = vc_chardev_copy (chr);
  if (kind->fill != NULL)
    kind->fill (dev, vc_domain_peers (domain));
  g_ptr_array_insert (domain->devices, at, dev);
  return dev;
}

static void
pair (VcDomain *domain)
{
  const VcPeers *peers = vc_domain_peers (domain);
  VcDevice *serial = vc_peers_find (peers, "serial", NULL, 0),
           *console = vc_peers_find (peers, "console", NULL, 0);
  guint at = domain->devices->len;
  VcChardev *copy;

  if (console != NULL && console->kind == &vc_kind_console_serial)
    {
      if (serial == NULL)
        {
          make (domain, &vc_kind_serial_isa, ((VcSerial *) console)->chr, -1)->line = console->line;
          return;
        }
      if (console->found)
        return; /* it has its own copy of what the start decided */
      copy = vc_chardev_copy (((VcSerial *) serial)->chr);
      vc_chardev_free (((VcSerial *) console)->chr);
      ((VcSerial *) console)->chr = copy;
    }
  else if (serial != NULL && serial->kind == &vc_kind_serial_isa)
    {
      if (console != NULL)
        g_ptr_array_find (domain->devices, console, &at);
      make (domain, &vc_kind_console_serial, ((VcSerial *) serial)->chr, (int) at);
    }
}

static gboolean
taken (const VcPeers *peers, const char *element, guint port)
{
  const VcSerial *other;

  for (guint i = 0; (other = (VcSerial *) vc_peers_find (peers, element, NULL, i)) != NULL; i++)
    if (other->port.set && other->port.value == port)
      return TRUE;
  return FALSE;
}

/* One more than the highest number so far; a serial port that would so be beyond the last one there can
 * be gets the lowest free. */
static void
number (VcDomain *domain, const char *element)
{
  const VcPeers *peers = vc_domain_peers (domain);
  VcSerial *self, *other;

  for (guint i = 0; (self = (VcSerial *) vc_peers_find (peers, element, NULL, i)) != NULL; i++)
    {
      guint port = 0;

      if (self->port.set)
        continue;
      for (guint j = 0; (other = (VcSerial *) vc_peers_find (peers, element, NULL, j)) != NULL; j++)
        if (other->port.set && other->port.value >= port)
          port = other->port.value + 1;
      if (self->base.kind == &vc_kind_serial_isa && port >= VC_ISA_SERIAL_MAX)
        for (port = 0; taken (peers, element, port);)
          port++;
      self->port = vc_u32 (port);
    }
}

/* Two names of one thing: number and alias are the port's. */
static void
share (VcSerial *console, const VcSerial *serial)
{
  console->port = serial->port;
  g_free (console->base.alias);
  console->base.alias = g_strdup (serial->base.alias);
  console->base.own_alias = serial->base.own_alias;
}

/* Ports that are said to be ISA ones come before all others, each at the lowest number no other such
 * one has. */
static void
number_isa (VcDomain *domain)
{
  const VcPeers *peers = vc_domain_peers (domain);
  VcSerial *self, *other;

  for (guint i = 0; (self = (VcSerial *) vc_peers_find (peers, "serial", "isa-serial", i)) != NULL; i++)
    {
      guint port = 0;

      if (self->port.set || self->base.by_default)
        continue;
      for (guint j = 0; (other = (VcSerial *) vc_peers_find (peers, "serial", "isa-serial", j)) != NULL; j++)
        if (!other->base.by_default && other->port.set && other->port.value == port)
          {
            port++;
            j = G_MAXUINT; /* from the first again */
          }
      self->port = vc_u32 (port);
    }
}

void
vc_console_seat (VcDomain *domain)
{
  VcDevice *console = vc_peers_find (vc_domain_peers (domain), "console", NULL, 0);
  const VcDevice *serial = vc_peers_find (vc_domain_peers (domain), "serial", NULL, 0);

  if (console == NULL || console->kind != &vc_kind_console_serial || serial == NULL)
    return;
  vc_seat_clear (&console->seat);
  console->seat = serial->seat;
  console->seat.port = g_strdup (serial->seat.port);
}

void
vc_console_number (VcDomain *domain)
{
  number (domain, "console");
  number (domain, "serial");
  number (domain, "parallel");
}

void
vc_console_name (VcDomain *domain)
{
  VcSerial *console = (VcSerial *) vc_peers_find (vc_domain_peers (domain), "console", NULL, 0);
  const VcSerial *serial = (const VcSerial *) vc_peers_find (vc_domain_peers (domain), "serial", NULL, 0);

  if (console != NULL && console->base.kind == &vc_kind_console_serial && serial != NULL)
    share (console, serial);
}

void
vc_console_pair (VcDomain *domain)
{
  number (domain, "console");
  pair (domain);
  number_isa (domain);
  number (domain, "serial");
  number (domain, "parallel");
  vc_console_name (domain);
}
