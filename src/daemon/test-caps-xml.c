/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/caps-xml.h"

#include <string.h>

static VcCaps *
read_caps (void)
{
  g_autofree char *text = NULL;
  gsize len;
  VcCaps *caps;

  g_assert_true (g_file_get_contents (VC_CAPS, &text, &len, NULL));
  caps = vc_caps_read (text, len, NULL);
  g_assert_nonnull (caps);
  return caps;
}

/* What stands between two words, without what is around elements. */
static void
assert_part (const char *text, const char *from, const char *to, const char *want)
{
  const char *begin = strstr (text, from), *end = begin != NULL ? strstr (begin, to) : NULL;
  g_autoptr (GString) got = g_string_new (NULL);

  g_assert_nonnull (end);
  for (const char *at = begin; at < end + strlen (to); at++)
    if (*at != '\n' && (*at != ' ' || (at[1] != ' ' && at[1] != '<')))
      g_string_append_c (got, *at);
  g_assert_cmpstr (got->str, ==, want);
}

static char *
print_domain (const VcCaps *caps)
{
  return vc_caps_print_domain (caps, "x86_64", vc_caps_machine (caps, "pc"), FALSE);
}

static void
test_smartcards (void)
{
  g_autoptr (VcCaps) caps = read_caps ();
  g_autofree char *all = print_domain (caps), *some = NULL, *none = NULL;

  assert_part (
      all, "<smartcard", "</smartcard>",
      "<smartcard supported='yes'><enum name='mode'><value>host</value><value>host-certificates</value>"
      "<value>passthrough</value></enum></smartcard>");
  g_hash_table_remove (caps->types, "ccid-card-emulated"); /* a QEMU without libcacard */
  some = print_domain (caps);
  assert_part (some, "<smartcard", "</smartcard>",
               "<smartcard supported='yes'><enum name='mode'><value>passthrough</value></enum></smartcard>");
  g_hash_table_remove (caps->types, "ccid-card-passthru");
  none = print_domain (caps);
  assert_part (none, "<smartcard", "/>", "<smartcard supported='no'/>");
}

static void
test_domain (void)
{
  g_autoptr (VcCaps) caps = read_caps ();
  g_autofree char *text = print_domain (caps);

  assert_part (text, "<domainCapabilities>", "<vcpu",
               "<domainCapabilities><path>/usr/bin/qemu-system-x86_64</path><domain>qemu</domain>"
               "<machine>pc-i440fx-7.2</machine><arch>x86_64</arch><vcpu");
  assert_part (
      text, "<disk ", "</disk>",
      "<disk supported='yes'><enum name='diskDevice'><value>disk</value><value>cdrom</value>"
      "<value>floppy</value><value>lun</value></enum><enum name='bus'><value>ide</value><value>fdc</value>"
      "<value>scsi</value><value>virtio</value><value>usb</value><value>sata</value></enum></disk>");
  g_assert_nonnull (strstr (text, "<value>spicevmc</value>"));
  g_assert_nonnull (strstr (text, "<model usable='unknown'>qemu64</model>"));
  assert_part (text, "<cpu>", "<mode name='custom'",
               "<cpu><mode name='host-passthrough' supported='no'/><mode name='maximum' supported='yes'/>"
               "<mode name='host-model' supported='no'/><mode name='custom'");
  assert_part (
      text, "<memoryBacking", "</memoryBacking>",
      "<memoryBacking supported='yes'><enum name='sourceType'><value>file</value><value>anonymous</value>"
      "<value>memfd</value></enum></memoryBacking>");
  g_assert_nonnull (strstr (text, "<hostdev supported='no'/>"));
}

static void
test_host (void)
{
  VcHostFacts facts = {
    .arch = "x86_64", .uuid = "u", .memory_kib = 1024, .cpus = 4, .sockets = 1, .cores = 2, .threads = 2
  };
  g_autoptr (VcCaps) caps = read_caps ();
  VcGuestArch arches[] = { { "i686", NULL, FALSE }, { "x86_64", caps, TRUE }, { 0 } };
  g_autofree char *text = vc_caps_print_host (&facts, arches);

  assert_part (text, "<cpus", "</cpus>",
               "<cpus num='4'><cpu id='0' socket_id='0' die_id='0' core_id='0' siblings='0-1'/>"
               "<cpu id='1' socket_id='0' die_id='0' core_id='0' siblings='0-1'/>"
               "<cpu id='2' socket_id='0' die_id='0' core_id='1' siblings='2-3'/>"
               "<cpu id='3' socket_id='0' die_id='0' core_id='1' siblings='2-3'/></cpus>");
  g_assert_null (strstr (text, "i686")); /* its emulator is not there */
  g_assert_nonnull (strstr (text, "<machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>"));
  g_assert_nonnull (strstr (text, "<domain type='kvm'/>"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/caps-xml/smartcards", test_smartcards);
  g_test_add_func ("/caps-xml/domain", test_domain);
  g_test_add_func ("/caps-xml/host", test_host);
  return g_test_run ();
}
