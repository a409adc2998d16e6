/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "domain/test-machine.h"

static void
assert_errors (const char *text, const char *const *messages)
{
  g_autoptr (GPtrArray) errors = NULL;
  g_autoptr (VcDomain) domain = test_describe (text, &errors);
  guint n = 0;

  g_assert_null (domain);
  for (; messages[n] != NULL; n++)
    {
      g_assert_cmpuint (n, <, errors->len);
      g_assert_cmpstr (((GError *) errors->pdata[n])->message, ==, messages[n]);
    }
  g_assert_cmpuint (errors->len, ==, n);
}

/* One error an element, in the order of lines whoever found them. */
static void
test_errors (void)
{
  static const char *const messages[]
      = { "t.xml:1: <domain>: needs <memory>, the memory of the guest",
          "t.xml:2: <name>: 'a/b' is no name: it needs a character, and none may be '/' or a new line",
          "t.xml:3: <idmap>: known to libvirt but not supported here below <domain>",
          "t.xml:4: <os>: boot device 'hd' is given twice",
          "t.xml:6: <smartcard>: @mode: 'x' is none of: host, host-certificates, passthrough",
          "t.xml:7: <serial>: needs source/@path, the file that gets what the guest sends",
          "t.xml:10: <vcpu>: '0' is not a number from 1 to 4096",
          NULL };

  assert_errors ("<domain type='qemu'>\n<name>a/b</name>\n<idmap/>\n"
                 "<os><type>hvm</type><boot dev='hd'/><boot dev='hd'/></os>\n<devices>\n"
                 "<smartcard mode='x' y='z'/>\n<serial type='file'><source/></serial>\n\n</devices>\n"
                 "<vcpu>0</vcpu>\n</domain>",
                 messages);
}

/* A reason that an error hides is not a second error. */
static void
test_hidden (void)
{
  static const char *const graphics[] = { "t.xml:2: <graphics>: @type: 'spic' is none of: spice, vnc", NULL };
  static const char *const machine[] = { "t.xml:1: <type>: @arch: 'x' is none of: x86_64, i686", NULL };
  g_autofree char *text
      = test_text ("pc", "<graphics type='spic'/>\n<smartcard mode='passthrough' type='spicevmc'/>");

  assert_errors (text, graphics);
  assert_errors (
      "<domain type='qemu'><name>g</name><memory>1</memory><os><type arch='x' machine='q35'>hvm</type></os>\n"
      "<devices>\n<controller type='pci' index='1' model='pcie-root-port'/>\n</devices></domain>",
      machine);
}

static void
test_fill_twice (void)
{
  g_autoptr (VcDomain) domain = test_seated (
      "pc", "<smartcard mode='passthrough' type='spicevmc'/><graphics type='spice' autoport='yes'/>"
            "<console type='pty'/><channel type='spicevmc'><target type='virtio'/></channel><input "
            "type='tablet'/>");
  g_autofree char *once = vc_domain_print (domain, VC_PRINT_INACTIVE), *twice = NULL;
  guint n = domain->devices->len;

  vc_domain_fill (domain, test_caps ());
  g_assert_true (vc_domain_seat (domain, NULL));
  vc_domain_name_all (domain);
  g_assert_cmpuint (domain->devices->len, ==, n);
  twice = vc_domain_print (domain, VC_PRINT_INACTIVE);
  g_assert_cmpstr (once, ==, twice);
}

/* Other programs' words are kept to the byte, wherever their prefixes were declared. */
static void
test_metadata (void)
{
  static const char *const metadata = "<metadata>\n\t<a:b xmlns:a=\"urn:a\" x='1'   y=\"&lt;&#10;&amp;\">  t "
                                      "<!-- c --><?p i?><![CDATA[<&]]> </a:b>"
                                      "<c xmlns='urn:c'/>\n\n</metadata>";
  g_autofree char *head = g_strdup_printf ("<memory>65536</memory>%s", metadata),
                  *plain = test_text ("pc", "");
  g_auto (GStrv) parts = g_strsplit (plain, "<memory>65536</memory>", 2);
  g_autofree char *text = g_strconcat (parts[0], head, parts[1], NULL), *once = NULL, *twice = NULL;
  g_autoptr (GPtrArray) errors = NULL;
  g_autoptr (VcDomain) domain = test_describe (text, &errors), again = NULL;

  g_assert_nonnull (domain);
  once = vc_domain_print (domain, VC_PRINT_INACTIVE);
  g_assert_nonnull (strstr (once, "<![CDATA[<&]]>"));
  g_assert_nonnull (strstr (once, "<!-- c -->"));
  g_assert_nonnull (strstr (once, "<?p i?>"));
  g_assert_nonnull (strstr (once, "xmlns=\"urn:c\""));
  again = test_describe (once, &errors);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->metadata, ==, domain->metadata);
  twice = vc_domain_print (again, VC_PRINT_INACTIVE);
  g_assert_cmpstr (once, ==, twice);
}

static void
test_many (void)
{
  g_autoptr (GString) devices = g_string_new (NULL);

  for (guint i = 0; i < VC_DOMAIN_MAX_DEVICES; i++)
    g_string_append (devices, "<hub type='usb'/>");
  g_string_append (devices,
                   "<emulator>/usr/bin/qemu-system-x86_64</emulator>\n<hub type='usb'/><hub type='usb'/>");
  test_refused ("pc", devices->str, "t.xml:3: <hub>: a guest has at most 1024 devices");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/domain/errors", test_errors);
  g_test_add_func ("/domain/hidden", test_hidden);
  g_test_add_func ("/domain/fill-twice", test_fill_twice);
  g_test_add_func ("/domain/metadata", test_metadata);
  g_test_add_func ("/domain/many", test_many);
  return g_test_run ();
}
