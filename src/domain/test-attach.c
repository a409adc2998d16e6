/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/attach.h"

#include <string.h>

#include "base/error.h"
#include "domain/test-machine.h"

#define CARD       "<smartcard mode='passthrough' type='null'/>"
#define RNG        "<rng model='virtio'><backend model='builtin'/></rng>"
#define DISK(name) "<disk type='file'><source file='/" name "'/><target dev='" name "'/></disk>"
#define USB_SERIAL "<serial type='null'><target type='usb-serial'/></serial>"
#define CONSOLE    "<console type='null'><target type='virtio'/></console>"

static const VcTlsFacts tls = { .on = TRUE, .folder = "/pki" };

static VcXml *
element (const char *text)
{
  g_autoptr (GError) error = NULL;
  VcXml *xml = vc_xml_read (text, strlen (text), "d.xml", &error);

  g_assert_no_error (error);
  return xml;
}

static char *
print (VcDomain *domain)
{
  return vc_domain_print (domain, VC_PRINT_STATUS);
}

/* What came, as "alias place" with commas between. */
static char *
attach (VcDomain *domain, const char *text)
{
  g_autoptr (VcXml) xml = element (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) added = vc_domain_attach (domain, xml, &tls, &error);
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint n = 0; n < added->len; n++)
    {
      const VcDevice *dev = added->pdata[n];
      const VcSeat *seat = &dev->seat;

      g_assert_true (dev->along == (n + 1 < added->len));
      g_string_append_printf (out, "%s%s", n > 0 ? ", " : "", dev->alias);
      if (seat->type == VC_SEAT_USB)
        g_string_append_printf (out, " usb %s", seat->port);
      else if (seat->type == VC_SEAT_PCI)
        g_string_append_printf (out, " pci %u:%u", seat->bus.value, seat->slot.value);
      else if (seat->type != VC_SEAT_NONE || seat->counted)
        g_string_append_printf (out, " %s%u:%u", seat->counted ? "counted " : "", seat->controller.value,
                                seat->type == VC_SEAT_CCID ? seat->slot.value : seat->nr.value);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
assert_attach (VcDomain *domain, const char *text, const char *want)
{
  g_autofree char *got = attach (domain, text);

  g_assert_cmpstr (got, ==, want);
}

/* … and nothing has changed. */
static void
assert_refused (VcDomain *domain, const char *text, int code, const char *message)
{
  g_autoptr (VcXml) xml = element (text);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = print (domain), *after = NULL;

  g_assert_null (vc_domain_attach (domain, xml, &tls, &error));
  after = print (domain);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, VC_ERROR, code);
}

static void
test_cards (void)
{
  g_autoptr (VcDomain) pc = test_seated ("pc", CARD);
  g_autoptr (VcDomain) xhci = test_seated ("pc", "<controller type='usb' model='qemu-xhci' ports='8'/>");

  /* the last port is kept for a hub */
  assert_attach (pc, CARD, "hub0 usb 2, ccid1 usb 2.1, smartcard1 1:0");
  assert_attach (pc, CARD, "ccid2 usb 2.2, smartcard2 2:0");
  assert_attach (xhci, CARD, "ccid0 usb 1, smartcard0 0:0");
  assert_attach (xhci, "<controller type='ccid'/>", "ccid1 usb 2");
  assert_attach (xhci, CARD, "smartcard1 1:0");
  assert_attach (xhci,
                 "<smartcard mode='passthrough' type='null'><alias name='ua-mine'/>"
                 "<address type='ccid' controller='7' slot='0'/></smartcard>",
                 "ccid7 usb 3, ua-mine 7:0");
  assert_refused (xhci,
                  "<smartcard mode='passthrough' type='null'>"
                  "<address type='ccid' controller='7' slot='0'/></smartcard>",
                  VC_ERROR_INVALID,
                  "d.xml:1: <smartcard>: <address>: the slot of reader 7 is taken by the card in line 1");
  assert_refused (xhci, "<smartcard mode='passthrough' type='null'><alias name='ua-mine'/></smartcard>",
                  VC_ERROR_INVALID,
                  "d.xml:1: <smartcard>: <alias> @name: 'ua-mine' is taken by the <smartcard> in line 1");
  assert_refused (xhci, "<smartcard mode='passthrough' type='null' oops='1'/>", VC_ERROR_INVALID,
                  "d.xml:1: <smartcard>: unknown attribute 'oops'");
  assert_refused (xhci, "<controller type='ccid' index='7'/>", VC_ERROR_INVALID,
                  "d.xml:1: <controller>: @index: another ccid controller, added by itself, has index 7");
}

static void
test_full_usb (void)
{
  g_autoptr (VcDomain) domain
      = test_seated ("pc", "<input type='tablet' bus='usb'/><input type='keyboard' bus='usb'/>");
  g_autoptr (VcDomain) none = test_seated ("pc", "<controller type='usb' model='none'/>");

  assert_refused (domain, CARD, VC_ERROR_INVALID, "d.xml:1: <smartcard>: no USB port is free");
  assert_refused (
      none, CARD, VC_ERROR_INVALID,
      "d.xml:1: <smartcard>: its reader needs USB, and <controller type='usb' model='none'/> says "
      "that the guest has none");
}

/* QEMU put the consoles where they were counted, whatever comes and goes. */
static void
test_ports (void)
{
  g_autoptr (VcDomain) domain
      = test_seated ("pc", "<channel type='null'><target type='virtio' name='a'/></channel>" CONSOLE CONSOLE);

  assert_attach (domain, "<channel type='null'><target type='virtio' name='b'/></channel>", "channel1 0:3");
  vc_domain_detach (domain, vc_domain_find_alias (domain, "channel0", NULL));
  assert_attach (domain, CONSOLE, "console2 counted 0:1");
  assert_attach (domain, "<channel type='null'><target type='virtio' name='c'/></channel>", "channel2 0:4");
  assert_attach (domain, USB_SERIAL, "serial0 usb 1");
}

static void
test_pci (void)
{
  g_autoptr (VcDomain) pc = test_seated ("pc", RNG);
  g_autoptr (VcDomain) q35 = test_seated ("q35", RNG);
  g_autoptr (VcDomain) bare = test_seated ("pc", "");

  assert_attach (pc, RNG, "rng1 pci 0:4");
  assert_attach (pc, "<serial type='null'><target type='pci-serial'/></serial>", "serial0 pci 0:5");
  assert_attach (bare, "<channel type='null'><target type='virtio' name='a'/></channel>",
                 "virtio-serial0 pci 0:3, channel0 0:1");
  assert_attach (q35, RNG, "rng1 pci 4:0"); /* the port that was kept free */
  assert_refused (q35, RNG, VC_ERROR_UNSUPPORTED,
                  "d.xml:1: <rng>: it needs another <controller type='pci'>, which cannot be attached to a "
                  "running guest: PCI buses are there from start to end: describe root ports to spare");
  assert_refused (
      q35, "<rng model='virtio'><backend model='builtin'/><address type='pci' bus='0' slot='9'/></rng>",
      VC_ERROR_UNSUPPORTED,
      "d.xml:1: <rng>: bus 0 of this machine takes devices only when QEMU starts: leave the place "
      "open, or name a free root port");
  assert_refused (
      pc,
      "<rng model='virtio'><backend model='builtin'/>"
      "<address type='pci' slot='9' function='1'/></rng>",
      VC_ERROR_UNSUPPORTED,
      "d.xml:1: <rng>: a PCI device with several functions cannot be attached to a running guest");
}

/* Block nodes keep the numbers QEMU knows them by. */
static void
test_disks (void)
{
  g_autoptr (VcDomain) domain = test_seated ("pc", DISK ("vda") DISK ("vdb"));
  const VcDomainPlan how = { .monitor = "/m", .channels = "/c", .tls = tls };
  g_autoptr (VcPlan) plan = NULL;
  g_autofree char *nodes = g_strdup ("");

  assert_attach (domain, DISK ("vdc"), "virtio-disk2 pci 0:5");
  vc_domain_detach (domain, vc_domain_find_alias (domain, "virtio-disk0", NULL));
  assert_attach (domain, DISK ("vdd"), "virtio-disk3 pci 0:2");
  plan = vc_domain_plan (domain, test_caps (), &how, NULL);
  for (guint n = 0; n < vc_plan_n (plan); n++)
    if (vc_plan_nth (plan, n)->what == VC_Q_BLOCK)
      {
        g_autofree char *old = nodes;

        nodes = g_strconcat (old, vc_props_id (vc_plan_nth (plan, n)->props), " ", NULL);
      }
  g_assert_cmpstr (nodes, ==,
                   "libvirt-1-storage libvirt-1-format libvirt-3-storage libvirt-3-format libvirt-4-storage "
                   "libvirt-4-format ");
}

static void
test_fixed (void)
{
  static const struct
  {
    const char *text, *why;
  } rows[] = {
    { "<serial type='null'/>", "<serial>: cannot be attached to a running guest: the ISA bus takes devices "
                               "only when QEMU starts: ports of <target type='usb-serial'/> and "
                               "'pci-serial' can" },
    { "<parallel type='null'/>", "<parallel>: cannot be attached to a running guest: the ISA bus takes "
                                 "devices only when QEMU starts" },
    { "<console type='null'/>", "<console>: cannot be attached to a running guest: it is the first serial "
                                "port under its other name: a console of <target type='virtio'/> can" },
    { "<controller type='pci' model='pcie-root-port'/>",
      "<controller>: cannot be attached to a running guest: PCI buses are there from start to end: describe "
      "root ports to spare" },
    { DISK ("hda"), "<disk>: cannot be attached to a running guest: IDE and SATA take disks only when QEMU "
                    "starts: a disk of <target bus='virtio'/> can" },
    { "<graphics type='vnc'/>",
      "<graphics>: cannot be attached to a running guest: QEMU opens displays only when it starts" },
    { "<input type='mouse' bus='ps2'/>",
      "<input>: cannot be attached to a running guest: it is part of the machine" },
  };
  g_autoptr (VcDomain) domain = test_seated ("pc", "");

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autofree char *message = g_strconcat ("d.xml:1: ", rows[n].why, NULL);

      assert_refused (domain, rows[n].text, VC_ERROR_UNSUPPORTED, message);
    }
}

/* A connection that does not say is encrypted when the host says so, and shown as such. */
static void
test_tls (void)
{
  g_autoptr (VcDomain) domain = test_seated ("pc", "");
  g_autofree char *text = NULL;
  g_autofree char *added = attach (domain, "<smartcard mode='passthrough' type='tcp'>"
                                           "<source mode='connect' host='h' service='1'/></smartcard>");

  g_assert_cmpstr (added, ==, "ccid0 usb 1, smartcard0 0:0");
  text = vc_domain_print (domain, VC_PRINT_LIVE);
  g_assert_nonnull (strstr (text, "service='1' tls='yes'"));
}

static char *
find (VcDomain *domain, const char *text)
{
  g_autoptr (VcXml) xml = element (text);
  g_autoptr (GError) error = NULL;
  const VcDevice *dev = vc_domain_find_same (domain, xml, &error);

  return g_strdup (dev != NULL ? dev->alias : error->message);
}

static void
test_find (void)
{
  g_autoptr (VcDomain) domain = test_seated (
      "pc", "<controller type='usb' model='qemu-xhci' ports='8'/>"
            "<smartcard mode='passthrough' type='unix'><source mode='bind' path='/a'/></smartcard>"
            "<smartcard mode='passthrough' type='unix'><source mode='bind' path='/b'/></smartcard>"
            "<smartcard mode='host-certificates'><certificate>1</certificate><certificate>2</certificate>"
            "<certificate>3</certificate></smartcard>" USB_SERIAL);
  static const struct
  {
    const char *text, *want;
  } rows[] = {
    { "<smartcard mode='passthrough' type='unix'><source mode='bind' path='/b'/></smartcard>", "smartcard1" },
    { "<smartcard mode='passthrough' type='unix'><source path='/a'/></smartcard>", "smartcard0" },
    { "<smartcard mode='passthrough' type='unix'/>",
      "d.xml:1: <smartcard>: it fits both 'smartcard0' and 'smartcard1': say which one, by <alias> or "
      "<address>" },
    { "<smartcard mode='passthrough' type='unix'><address type='ccid' controller='1' slot='0'/></smartcard>",
      "smartcard1" },
    { "<smartcard><alias name='smartcard2'/></smartcard>", "smartcard2" },
    { "<serial><alias name='smartcard2'/></serial>",
      "d.xml:1: <serial>: the device with the alias 'smartcard2' is a <smartcard>" },
    { "<smartcard><alias name='smartcard3'/></smartcard>",
      "d.xml:1: <smartcard>: the guest has no device with the alias 'smartcard3'" },
    { "<smartcard mode='passthrough' type='unix'><source mode='connect' path='/b'/></smartcard>",
      "d.xml:1: <smartcard>: the guest has no such device" },
    { "<smartcard mode='host-certificates'><certificate>2</certificate></smartcard>", "smartcard2" },
    { "<smartcard mode='host-certificates'><certificate>4</certificate></smartcard>",
      "d.xml:1: <smartcard>: the guest has no such device" },
    { "<smartcard mode='host-certificates' x='1'/>", "d.xml:1: <smartcard>: unknown attribute 'x'" },
    { "<controller type='ccid' index='2'/>", "ccid2" },
    { "<serial type='null'><target type='usb-serial'/></serial>", "serial0" },
    { "<serial type='null'/>", "d.xml:1: <serial>: the guest has no such device" },
  };

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autofree char *got = find (domain, rows[n].text);

      g_assert_cmpstr (got, ==, rows[n].want);
    }
}

static void
assert_detach (VcDomain *domain, const char *alias, const char *want)
{
  g_autoptr (GError) error = NULL;
  VcDevice *dev = vc_domain_find_alias (domain, alias, &error);

  g_assert_no_error (error);
  g_assert_true (vc_domain_check_detach (domain, dev, &error) == (want == NULL));
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, want);
}

static void
test_detach (void)
{
  g_autoptr (VcDomain) domain = test_seated ("pc", CARD CONSOLE "<serial type='pty'/>" DISK ("hda"));
  g_autofree char *more = attach (domain, CARD);

  g_assert_cmpstr (more, ==, "hub0 usb 2, ccid1 usb 2.1, smartcard1 1:0");
  assert_detach (domain, "smartcard0", NULL);
  assert_detach (domain, "ccid0", "'ccid0' holds 'smartcard0': detach that first");
  assert_detach (domain, "hub0", "'hub0' holds 'ccid1': detach that first");
  assert_detach (domain, "virtio-serial0", "'virtio-serial0' holds 'console1': detach that first");
  assert_detach (
      domain, "serial0",
      "'serial0' cannot be detached from a running guest: the ISA bus takes devices only when QEMU "
      "starts: ports of <target type='usb-serial'/> and 'pci-serial' can");
  assert_detach (
      domain, "ide0-0-0",
      "'ide0-0-0' cannot be detached from a running guest: IDE and SATA let no disk go before QEMU "
      "ends");
  assert_detach (domain, "usb",
                 "'usb' cannot be detached from a running guest: its PCI slot has several "
                 "functions");

  /* What came along goes when nothing needs it, and what was there stays. */
  g_assert_null (vc_domain_find_idle (domain));
  vc_domain_detach (domain, vc_domain_find_alias (domain, "smartcard0", NULL));
  g_assert_null (vc_domain_find_idle (domain));
  vc_domain_detach (domain, vc_domain_find_alias (domain, "smartcard1", NULL));
  g_assert_cmpstr (vc_domain_find_idle (domain)->alias, ==, "ccid1");
  vc_domain_detach (domain, vc_domain_find_idle (domain));
  g_assert_cmpstr (vc_domain_find_idle (domain)->alias, ==, "hub0");
  vc_domain_detach (domain, vc_domain_find_idle (domain));
  g_assert_null (vc_domain_find_idle (domain));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attach/cards", test_cards);
  g_test_add_func ("/attach/full-usb", test_full_usb);
  g_test_add_func ("/attach/ports", test_ports);
  g_test_add_func ("/attach/pci", test_pci);
  g_test_add_func ("/attach/disks", test_disks);
  g_test_add_func ("/attach/fixed", test_fixed);
  g_test_add_func ("/attach/tls", test_tls);
  g_test_add_func ("/attach/find", test_find);
  g_test_add_func ("/attach/detach", test_detach);
  return g_test_run ();
}
