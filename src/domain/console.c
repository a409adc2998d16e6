/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/serial.h"
#include "domain/internal.h"

/* The first console and the first serial port are two names of one thing, as in libvirt:
 *
 *   a serial console and no serial port      makes the serial port
 *   a serial console and a serial port       the console takes over the port's host side
 *   a serial port and no console             makes the console
 *
 * Then ports without a number get one. */

static VcDevice *
make (VcDomain *domain, const VcKind *kind, const VcChardev *chr)
{
  VcDevice *dev = vc_device_new (kind);

  dev->origin = domain->origin;
  ((VcSerial *) dev)->chr = vc_chardev_copy (chr);
  if (kind->fill != NULL)
    kind->fill (dev, vc_domain_peers (domain));
  g_ptr_array_add (domain->devices, dev);
  return dev;
}

static void
pair (VcDomain *domain)
{
  const VcPeers *peers = vc_domain_peers (domain);
  VcDevice *serial = vc_peers_find (peers, "serial", NULL, 0),
           *console = vc_peers_find (peers, "console", NULL, 0);
  VcChardev *copy;

  if (console != NULL && console->kind == &vc_kind_console_serial)
    {
      if (serial == NULL)
        {
          make (domain, &vc_kind_serial_isa, ((VcSerial *) console)->chr);
          return;
        }
      copy = vc_chardev_copy (((VcSerial *) serial)->chr);
      vc_chardev_free (((VcSerial *) console)->chr);
      ((VcSerial *) console)->chr = copy;
    }
  else if (console == NULL && serial != NULL && serial->kind == &vc_kind_serial_isa)
    make (domain, &vc_kind_console_serial, ((VcSerial *) serial)->chr);
}

/* The lowest number that no other port of the element has. */
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
      self->port = vc_u32 (port);
    }
}

void
vc_console_pair (VcDomain *domain)
{
  pair (domain);
  number (domain, "serial");
  number (domain, "console");
}
