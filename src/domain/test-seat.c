/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "domain/test-machine.h"

#define RNG     "<rng model='virtio'><backend model='random'/></rng>"
#define CHANNEL "<channel type='null'><target type='virtio'/></channel>"
#define CARD    "<smartcard mode='passthrough' type='null'/>"
#define AT(s)   "<address type='pci' slot='" s "'/>"

static char *
times (const char *part, guint n)
{
  GString *all = g_string_new (NULL);

  while (n-- > 0)
    g_string_append (all, part);
  return g_string_free (all, FALSE);
}

static char *
place (const VcDevice *dev)
{
  const VcSeat *seat = &dev->seat;

  switch (seat->type)
    {
    case VC_SEAT_PCI:
      return g_strdup_printf ("pci %u:%u.%u", seat->bus.value, seat->slot.value, seat->function.value);
    case VC_SEAT_USB:
      return g_strdup_printf ("usb %u:%s", seat->bus.value, seat->port);
    case VC_SEAT_CCID:
      return g_strdup_printf ("ccid %u:%u", seat->controller.value, seat->slot.value);
    case VC_SEAT_VIRTIO_SERIAL:
      return g_strdup_printf ("port %u:%u", seat->controller.value, seat->nr.value);
    case VC_SEAT_DRIVE:
      return g_strdup_printf ("drive %u:%u:%u", seat->controller.value, seat->bus.value, seat->unit.value);
    default:
      return g_strdup ("nowhere");
    }
}

static guint
count (VcDomain *domain, const char *element, const char *value)
{
  guint n = 0;

  for (guint i = 0; i < domain->devices->len; i++)
    n += vc_is (domain->devices->pdata[i], element, value);
  return n;
}

/* The n-th device of an element sits there. */
static void
assert_place (VcDomain *domain, const char *element, const char *value, guint n, const char *want)
{
  const VcDevice *dev = vc_peers_find (vc_domain_peers (domain), element, value, n);
  g_autofree char *got = NULL;

  g_assert_nonnull (dev);
  got = place (dev);
  g_assert_cmpstr (got, ==, want);
}

/* No two devices sit at one place. */
static void
assert_apart (VcDomain *domain)
{
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];
      char *at = place (dev);

      if (dev->seat.type == VC_SEAT_NONE || dev->seat.type == VC_SEAT_DRIVE)
        g_free (at);
      else if (!g_hash_table_add (places, at))
        g_error ("two devices at one place");
    }
}

static void
test_pci_on_pc (void)
{
  g_autofree char *all = times (RNG, 29), *more = times (RNG, 30);
  g_autoptr (VcDomain) few = test_seated ("pc", RNG "<controller type='sata'/>" RNG "<rng model='virtio'>"
                                                    "<backend model='random'/>" AT ("0x02") "</rng>");
  g_autoptr (VcDomain) full = NULL;

  assert_place (few, "controller", "usb", 0, "pci 0:1.2");
  assert_place (few, "controller", "sata", 0, "pci 0:3.0"); /* 2 is taken, controllers come first */
  assert_place (few, "memballoon", NULL, 0, "pci 0:4.0");
  assert_place (few, "rng", NULL, 0, "pci 0:5.0");
  assert_place (few, "rng", NULL, 1, "pci 0:6.0");
  assert_apart (few);
  full = test_seated ("pc", all);
  assert_place (full, "rng", NULL, 28, "pci 0:31.0");
  assert_apart (full);
  test_refused ("pc", more, "t.xml:2: <rng>: no PCI slot is free");
}

static void
test_pci_functions (void)
{
  g_autoptr (VcDomain) domain = test_seated (
      "pc",
      "<rng model='virtio'><backend model='random'/><address type='pci' slot='0x09' function='0x1'/></rng>"
      "<rng model='virtio'><backend model='random'/><address type='pci' slot='0x09' "
      "multifunction='on'/></rng>");

  assert_place (domain, "rng", NULL, 0, "pci 0:9.1");
  test_refused ("pc",
                "<rng model='virtio'><backend model='random'/>" AT (
                    "0x09") "</rng>\n"
                            "<rng model='virtio'><backend model='random'/>" AT ("0x09") "</rng>",
                "t.xml:3: <rng>: <address>: PCI address 0000:00:09.0 is taken");
}

static void
test_pci_on_q35 (void)
{
  g_autofree char *hundred = times (RNG, 100), *far_too_many = times (RNG, 300);
  g_autoptr (VcDomain) one = test_seated ("q35", RNG);
  g_autoptr (VcDomain) many = test_seated ("q35", hundred);
  g_autofree char *last = place (vc_peers_find (vc_domain_peers (many), "rng", NULL, 99));
  g_autofree char *text = test_text ("q35", far_too_many);
  g_autoptr (GPtrArray) errors = NULL;

  assert_place (one, "controller", "sata", 0, "pci 0:31.2");
  assert_place (one, "rng", NULL, 0, "pci 3:0.0");
  assert_apart (one);
  assert_apart (many);
  g_assert_true (g_str_has_prefix (last, "pci "));
  g_assert_null (test_describe (text, &errors));
  g_assert_cmpuint (errors->len, ==, 1);
}

static void
test_usb (void)
{
  g_autofree char *inputs = times ("<input type='mouse' bus='usb'/>", 20);
  g_autoptr (VcDomain) few = test_seated ("pc", "<input type='tablet'/>" CARD);
  g_autoptr (VcDomain) many = test_seated ("pc", inputs);
  g_autoptr (VcDomain) tree = test_seated (
      "pc", "<input type='mouse' bus='usb'><address type='usb' bus='0' port='1.2.3.4'/></input>"
            "<hub type='usb'><address type='usb' bus='0' port='1.2.3'/></hub>"
            "<hub type='usb'><address type='usb' bus='0' port='1.2'/></hub>"
            "<hub type='usb'><address type='usb' bus='0' port='1'/></hub>");

  g_assert_cmpuint (count (few, "hub", NULL), ==, 0);
  assert_place (few, "controller", "ccid", 0, "usb 0:1"); /* readers before inputs */
  assert_place (few, "input", NULL, 0, "usb 0:2");
  g_assert_cmpuint (count (many, "hub", NULL), ==, 3); /* each gives seven ports more */
  assert_apart (many);
  assert_apart (tree);
  test_refused ("pc", "<hub type='usb'><address type='usb' port='1.1'/></hub>",
                "t.xml:2: <hub>: <address> @port: there is no hub at port 1 of 1.1 on bus 0");
  test_refused ("pc", "<input type='mouse' bus='usb'><address type='usb' bus='1'/></input>",
                "t.xml:2: <input>: no USB port is free");
}

static void
test_readers (void)
{
  g_autofree char *forty = times (CARD, 40), *too_many = times (CARD, 257);
  g_autoptr (VcDomain) many = test_seated ("pc", forty);
  g_autoptr (VcDomain) mixed = test_seated (
      "pc", CARD "<smartcard mode='passthrough' type='null'><address type='ccid' controller='1'/>"
                 "</smartcard>" CARD);

  g_assert_cmpuint (count (many, "controller", "ccid"), ==, 40);
  assert_place (many, "smartcard", NULL, 39, "ccid 39:0");
  assert_apart (many);
  assert_place (mixed, "smartcard", NULL, 0, "ccid 0:0");
  assert_place (mixed, "smartcard", NULL, 1, "ccid 1:0"); /* what was given is kept */
  assert_place (mixed, "smartcard", NULL, 2, "ccid 2:0");
  test_refused ("pc", too_many, "t.xml:2: <smartcard>: a guest has at most 256 readers");
}

static void
test_channels (void)
{
  g_autofree char *thirty = times (CHANNEL, 30), *more = times (CHANNEL, 31);
  g_autoptr (VcDomain) one = test_seated ("pc", thirty), two = test_seated ("pc", more);
  g_autoptr (VcDomain) console = test_seated ("pc", "<controller type='virtio-serial' ports='2'/><console "
                                                    "type='null'><target type='virtio'/></console>" CHANNEL);

  g_assert_cmpuint (count (one, "controller", "virtio-serial"), ==, 1);
  assert_place (one, "channel", NULL, 0, "port 0:1");
  assert_place (one, "channel", NULL, 29, "port 0:30");
  g_assert_cmpuint (count (two, "controller", "virtio-serial"), ==, 2);
  assert_place (two, "channel", NULL, 30, "port 1:1");
  assert_apart (two);
  assert_place (console, "channel", NULL, 0, "port 0:1");
  test_refused (
      "pc", "<channel type='null'><target type='virtio'/><address type='virtio-serial' port='31'/></channel>",
      "t.xml:2: <channel>: <address> @port: controller 0 has the ports 0 to 30, not 31");
}

static void
test_disks (void)
{
#define DISK(bus, dev, more)                                                                                 \
  "<disk type='file'><source file='/x'/><target bus='" bus "' dev='" dev "'/>" more "</disk>"
  g_autoptr (VcDomain) domain
      = test_seated ("pc", DISK ("sata", "sdh", "") DISK ("ide", "hdd", "") DISK ("ide", "hda", ""));

  assert_place (domain, "disk", NULL, 0, "drive 1:0:1");
  assert_place (domain, "disk", NULL, 1, "drive 0:0:0"); /* in the order of names */
  assert_place (domain, "disk", NULL, 2, "drive 0:1:1");
  g_assert_cmpuint (count (domain, "controller", "sata"), ==, 2);
  test_refused (
      "pc",
      DISK ("ide", "hda", "") "\n" DISK ("ide", "hdb", "<address type='drive' controller='0' unit='0'/>"),
      "t.xml:3: <disk>: <address>: the place is taken by the disk in line 2");
  test_refused (
      "pc", DISK ("sata", "sdzzzz", ""),
      "t.xml:2: <disk>: its place is on the sata controller 79208, and 255 is the last there can be");
}

static void
test_misfits (void)
{
  test_refused ("pc", "<serial type='null'>" AT ("0x05") "</serial>",
                "t.xml:2: <serial>: <address> @type: 'pci' does not fit: this sits on the isa bus");
  test_refused ("pc", "<input type='mouse' bus='ps2'>" AT ("0x05") "</input>",
                "t.xml:2: <input>: takes no <address>: it sits on no bus that has any");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seat/pci-on-pc", test_pci_on_pc);
  g_test_add_func ("/seat/pci-functions", test_pci_functions);
  g_test_add_func ("/seat/pci-on-q35", test_pci_on_q35);
  g_test_add_func ("/seat/usb", test_usb);
  g_test_add_func ("/seat/readers", test_readers);
  g_test_add_func ("/seat/channels", test_channels);
  g_test_add_func ("/seat/disks", test_disks);
  g_test_add_func ("/seat/misfits", test_misfits);
  return g_test_run ();
}
