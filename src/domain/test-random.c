/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random machines: whatever is accepted stays the same when it is read again, has a plan or a reason, and
 * nothing in it has another's name or place. */
#include <string.h>

#include "domain/test-machine.h"
#include "plan/spell.h"

#define MACHINES 300u

static const char *const devices[] = {
  "<controller type='ccid'/>",
  "<controller type='ccid' index='3'/>",
  "<controller type='pci' index='1' model='pcie-root-port'/>",
  "<controller type='pci' index='4' model='pcie-to-pci-bridge'/>",
  "<controller type='sata'/>",
  "<controller type='usb' index='0' model='nec-xhci' ports='8'/>",
  "<controller type='usb' index='1' model='ich9-ehci1'/><controller type='usb' index='1' model='ich9-uhci1'>"
  "<master startport='0'/></controller>",
  "<controller type='virtio-serial' ports='3'/>",
  "<controller type='virtio-serial' index='0' model='virtio-transitional'/>",
  "<hub type='usb'/>",
  "<hub type='usb'><address type='usb' bus='0' port='1'/></hub>",
  "<input type='tablet'/>",
  "<input type='mouse' bus='usb'><address type='usb' bus='0' port='1.3'/></input>",
  "<smartcard mode='host'/>",
  "<smartcard mode='host-certificates'><certificate>a</certificate><certificate>b</certificate>"
  "<certificate>c</certificate></smartcard>",
  "<smartcard mode='passthrough' type='tcp'><source mode='bind' host='127.0.0.1' "
  "service='2001'/></smartcard>",
  "<smartcard mode='passthrough' type='spicevmc'><address type='ccid' controller='2' slot='0'/></smartcard>",
  "<smartcard mode='passthrough' type='unix'><source path='/run/a,b'/><alias name='ua-card'/></smartcard>",
  "<serial type='pty'/>",
  "<serial type='file'><source path='/log'/><target port='2'/></serial>",
  "<console type='null'/>",
  "<serial type='null'><address type='isa' iobase='0x2f8' irq='0x3'/></serial>",
  "<serial type='vc'><target type='usb-serial'/></serial>",
  "<serial type='udp'><source mode='connect' service='1'/><target type='pci-serial'/></serial>",
  "<serial type='dev'><source path='/dev/ttyS0'/><target type='isa-debug'/></serial>",
  "<parallel type='pty'/>",
  "<channel type='unix'><source path='/run/c'/><target type='guestfwd' address='10.0.2.1' "
  "port='4600'/></channel>",
  "<redirdev bus='usb' type='spicevmc'/>",
  "<redirfilter><usbdev allow='no'/></redirfilter>",
  "<rng model='virtio'><backend model='egd' type='tcp'><source host='h' service='1'/></backend></rng>",
  "<rng model='virtio-non-transitional'><backend model='builtin'/></rng>",
  "<console type='pty'><target type='virtio'/></console>",
  "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
  "<channel type='null'><target type='virtio'/><address type='virtio-serial' controller='1' "
  "port='2'/></channel>",
  "<channel type='spicevmc'><target type='virtio'/></channel>",
  "<graphics type='spice' autoport='yes'/>",
  "<graphics type='vnc' port='5901'/>",
  "<video><model type='qxl'/></video>",
  "<video><model type='virtio'/></video>",
  "<audio id='2' type='none'/>",
  "<memballoon model='none'/>",
  "<memballoon model='virtio'><address type='pci' slot='0x07'/></memballoon>",
  "<rng model='virtio'><backend model='random'/></rng>",
  "<rng model='virtio'><backend model='random'/><address type='pci' slot='0x09' function='0x2'/></rng>",
  "<disk type='file'><source file='/a'/><target dev='vda'/></disk>",
  "<disk type='file'><source file='/b'/><target dev='vdc'/></disk>",
  "<disk type='file' device='cdrom'><target dev='hdc'/></disk>",
  "<disk type='file'><source file='/c'/><target dev='sda' bus='sata'/></disk>",
  "<disk type='file'><source file='/d'/><target dev='sdk' bus='sata'/></disk>",
};

static char *
make_text (GRand *rand)
{
  guint n = (guint) g_rand_int_range (rand, 0, 12);
  g_autoptr (GString) some = g_string_new (NULL);

  while (n-- > 0)
    g_string_append_printf (some, "%s\n", devices[g_rand_int_range (rand, 0, G_N_ELEMENTS (devices))]);
  return test_text (g_rand_boolean (rand) ? "pc" : "q35", some->str);
}

/* Controllers that libvirt adds it sorts among their like only when it reads them again. */
static void
assert_stable (const char *text)
{
  char *printed[4] = { g_strdup (text) };

  for (guint i = 1; i < G_N_ELEMENTS (printed); i++)
    {
      g_autoptr (GPtrArray) errors = NULL;
      g_autoptr (VcDomain) domain = test_describe (printed[i - 1], &errors);

      if (domain == NULL)
        g_error ("%s\n%s", ((GError *) errors->pdata[0])->message, printed[i - 1]);
      printed[i] = vc_domain_print (domain, VC_PRINT_INACTIVE);
    }
  g_assert_cmpuint (strlen (printed[1]), ==, strlen (printed[2]));
  g_assert_cmpstr (printed[2], ==, printed[3]);
  for (guint i = 0; i < G_N_ELEMENTS (printed); i++)
    g_free (printed[i]);
}

static void
add_once (GHashTable *seen, const char *what, const char *name, const char *text)
{
  char *key = g_strdup_printf ("%s %s", what, name);

  if (!g_hash_table_add (seen, key))
    g_error ("%s twice: %s", key, text);
}

/* A device's bus with its address or port or number there. */
static void
add_place (GHashTable *seen, const VcProps *props, const char *text)
{
  static const char *const places[] = { "addr", "port", "nr" };
  const VcProp *bus = vc_props_get (props, "bus");

  for (guint i = 0; bus != NULL && i < G_N_ELEMENTS (places); i++)
    {
      const VcProp *at = vc_props_get (props, places[i]);
      g_autofree char *number = NULL;

      if (at == NULL || (strcmp (places[i], "port") == 0 && at->type != VC_PROP_STR))
        continue; /* a root port's own number */
      number = at->text != NULL ? g_strdup (at->text) : g_strdup_printf ("%" G_GUINT64_FORMAT, at->number);
      add_once (seen, bus->text, number, text);
    }
}

static gboolean
assert_plan (const VcDomain *domain, const char *text)
{
  const VcDomainPlan how = { .monitor = "/run/monitor.sock", .channels = "/run/guest" };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcPlan) plan = vc_domain_plan (domain, test_caps (), &how, &error);

  if (plan == NULL)
    {
      g_assert_true (g_str_has_prefix (error->message, "t.xml:"));
      return FALSE;
    }
  g_assert_true (vc_plan_to_argv (plan, argv, &error));
  for (guint i = 0; i < vc_plan_n (plan); i++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, i);
      g_autofree char *what = g_strdup_printf ("id %d", (int) item->what);

      if (item->props != NULL && vc_props_id (item->props) != NULL)
        add_once (seen, what, vc_props_id (item->props), text);
      if (item->what == VC_Q_DEVICE)
        add_place (seen, item->props, text);
    }
  return TRUE;
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  guint good = 0, planned = 0;

  for (guint i = 0; i < MACHINES; i++)
    {
      g_autofree char *text = make_text (rand);
      g_autoptr (GPtrArray) errors = NULL;
      g_autoptr (VcDomain) domain = test_describe (text, &errors);

      if (domain == NULL)
        {
          for (guint j = 0; j < errors->len; j++)
            g_assert_true (g_str_has_prefix (((GError *) errors->pdata[j])->message, "t.xml:"));
          continue;
        }
      good++;
      planned += assert_plan (domain, text);
      assert_stable (text);
    }
  g_test_message ("%u of %u machines are right, %u have a plan", good, MACHINES, planned);
  g_assert_cmpuint (planned, >, MACHINES / 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/machines", test_random);
  return g_test_run ();
}
