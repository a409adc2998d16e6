/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/caps-xml.h"

#include <string.h>

#include "devices/chardev.h"
#include "devices/kind.h"
#include "xml/xml.h"

/* How this works
 *
 * What can be said of devices stands in the rooms' rows already: which kinds an element has, which values a
 * row takes.  Each line below names one such place; a value that needs something this QEMU has not is left
 * out, and an element of which nothing is left is not supported.
 */

static void G_GNUC_PRINTF (3, 4) add_text (VcNode *node, const char *name, const char *fmt, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, fmt);
  text = g_strdup_vprintf (fmt, args);
  va_end (args);
  vc_node_set_text (vc_node_add (node, name), text);
}

static void
set_number (VcNode *node, const char *name, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  vc_node_set (node, name, text);
}

/* The host. */

static void
add_topology (VcNode *host, const VcHostFacts *facts)
{
  VcNode *cells = vc_node_add (vc_node_add (host, "topology"), "cells");
  VcNode *cell = vc_node_add (cells, "cell");
  VcNode *memory = vc_node_add (cell, "memory");
  VcNode *cpus = vc_node_add (cell, "cpus");
  g_autofree char *kib = g_strdup_printf ("%" G_GUINT64_FORMAT, facts->memory_kib);

  set_number (cells, "num", 1);
  set_number (cell, "id", 0);
  vc_node_set (memory, "unit", "KiB");
  vc_node_set_text (memory, kib);
  set_number (cpus, "num", facts->cpus);
  for (guint i = 0; i < facts->cpus; i++)
    {
      VcNode *cpu = vc_node_add (cpus, "cpu");
      guint core = i / facts->threads;
      g_autofree char *siblings = facts->threads > 1 ? g_strdup_printf ("%u-%u", core * facts->threads,
                                                                        (core + 1) * facts->threads - 1)
                                                     : g_strdup_printf ("%u", i);

      set_number (cpu, "id", i);
      set_number (cpu, "socket_id", core / facts->cores);
      set_number (cpu, "die_id", 0);
      set_number (cpu, "core_id", core % facts->cores);
      vc_node_set (cpu, "siblings", siblings);
    }
}

static void
add_host (VcNode *root, const VcHostFacts *facts)
{
  VcNode *host = vc_node_add (root, "host");
  VcNode *cpu, *topology, *model;

  add_text (host, "uuid", "%s", facts->uuid);
  cpu = vc_node_add (host, "cpu");
  add_text (cpu, "arch", "%s", facts->arch);
  topology = vc_node_add (cpu, "topology");
  set_number (topology, "sockets", facts->sockets);
  set_number (topology, "dies", 1);
  set_number (topology, "cores", facts->cores);
  set_number (topology, "threads", facts->threads);
  vc_node_add (host, "power_management");
  vc_node_set (vc_node_add (host, "iommu"), "support", "no");
  add_topology (host, facts);
  model = vc_node_add (host, "secmodel");
  add_text (model, "model", "none");
  add_text (model, "doi", "0");
}

static void
add_machine (VcNode *arch, const VcMachine *machine, const char *name, const char *canonical)
{
  VcNode *node = vc_node_add (arch, "machine");

  if (canonical != NULL)
    vc_node_set (node, "canonical", canonical);
  set_number (node, "maxCpus", machine->max_cpus);
  vc_node_set_text (node, name);
}

static void
add_guest (VcNode *root, const VcGuestArch *guest)
{
  VcNode *node = vc_node_add (root, "guest");
  VcNode *arch, *features;

  add_text (node, "os_type", "hvm");
  arch = vc_node_add (node, "arch");
  vc_node_set (arch, "name", guest->arch);
  add_text (arch, "wordsize", "%s", strcmp (guest->arch, "i686") == 0 ? "32" : "64");
  add_text (arch, "emulator", "%s", guest->caps->binary);
  for (guint i = 0; i < guest->caps->machines->len; i++)
    {
      const VcMachine *machine = guest->caps->machines->pdata[i];

      add_machine (arch, machine, machine->name, NULL);
      if (machine->alias != NULL)
        add_machine (arch, machine, machine->alias, machine->name);
    }
  vc_node_set (vc_node_add (arch, "domain"), "type", "qemu");
  if (guest->has_kvm)
    vc_node_set (vc_node_add (arch, "domain"), "type", "kvm");
  features = vc_node_add (node, "features");
  for (guint i = 0; i < 2; i++)
    {
      VcNode *feature = vc_node_add (features, i == 0 ? "acpi" : "apic");

      vc_node_set (feature, "default", "on");
      vc_node_set (feature, "toggle", i == 0 ? "yes" : "no");
    }
}

char *
vc_caps_print_host (const VcHostFacts *facts, const VcGuestArch *arches)
{
  g_autoptr (VcXml) xml = vc_xml_new ("capabilities");
  VcNode *root = vc_xml_root (xml);

  add_host (root, facts);
  for (; arches->arch != NULL; arches++)
    if (arches->caps != NULL)
      add_guest (root, arches);
  return vc_xml_print (xml);
}

/* Guests. */

static const struct
{
  const char *element, *list, *place;
} places[] = {
  { "disk", "diskDevice", "@device" }, { "disk", "bus", "target/@bus" },
  { "graphics", "type", "@type" },     { "video", "modelType", "model/@type" },
  { "rng", "model", "@model" },        { "rng", "backendModel", "backend/@model" },
  { "redirdev", "bus", "@bus" },       { "channel", "type", "@type" },
  { "smartcard", "mode", "@mode" },
};

static const char *const not_here[] = { "hostdev", "filesystem", "tpm" };

/* What a value needs of QEMU beyond its kind's driver. */
static const struct
{
  const char *element, *value, *type;
} needs[] = {
  { "graphics", "spice", "chardev-spicevmc" },
  { "video", "vga", "VGA" },
  { "video", "cirrus", "cirrus-vga" },
  { "video", "qxl", "qxl-vga" },
  { "video", "virtio", "virtio-vga" },
  { "video", "bochs", "bochs-display" },
  { "redirdev", "usb", "usb-redir" },
  { "smartcard", "host", "usb-ccid" },
  { "rng", "virtio", "virtio-rng-pci" },
  { "rng", "random", "rng-random" },
  { "rng", "egd", "rng-egd" },
  { "rng", "builtin", "rng-builtin" },
};

static gboolean
has (const VcCaps *caps, const char *element, const char *value)
{
  for (gsize i = 0; i < G_N_ELEMENTS (needs); i++)
    if (strcmp (needs[i].element, element) == 0 && strcmp (needs[i].value, value) == 0)
      return vc_caps_has (caps, needs[i].type);
  return TRUE;
}

static gboolean
has_back_end (const VcCaps *caps, const VcChardevKind *kind)
{
  g_autofree char *type = g_strconcat ("chardev-", kind->backend, NULL);

  return kind->backend != NULL && vc_caps_has (caps, type);
}

/* A set, in order of appearance. */
static void
add_value (GPtrArray *values, const char *value)
{
  if (*value != '\0' && !g_ptr_array_find_with_equal_func (values, value, g_str_equal, NULL))
    g_ptr_array_add (values, (gpointer) value);
}

static void
add_row_values (GPtrArray *values, const VcCaps *caps, const VcKind *kind, const char *place)
{
  for (const VcField *row = kind->rows; row != NULL && row->type != NULL; row++)
    {
      if (row->xml == NULL || strcmp (row->xml, place) != 0)
        continue;
      for (guint i = 0; row->type == &vc_type_chardev && vc_chardev_kinds[i] != NULL; i++)
        if (has_back_end (caps, vc_chardev_kinds[i]))
          add_value (values, vc_chardev_kinds[i]->type);
      for (guint i = 0; row->choices != NULL && row->choices[i] != NULL; i++)
        if (has (caps, kind->element, row->choices[i]))
          add_value (values, row->choices[i]);
    }
}

static GPtrArray *
find_values (const VcCaps *caps, const char *element, const char *place)
{
  GPtrArray *values = g_ptr_array_new ();

  for (guint i = 0; vc_kinds[i] != NULL; i++)
    {
      const VcKind *kind = vc_kinds[i];

      if (strcmp (kind->element, element) != 0 || (kind->driver != NULL && !vc_caps_has (caps, kind->driver)))
        continue;
      if (kind->select != NULL && strcmp (kind->select, place) == 0)
        {
          if (has (caps, element, kind->value))
            add_value (values, kind->value);
        }
      else
        add_row_values (values, caps, kind, place);
    }
  return values;
}

static void
add_devices (VcNode *root, const VcCaps *caps)
{
  VcNode *devices = vc_node_add (root, "devices");

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GPtrArray) values = find_values (caps, places[i].element, places[i].place);
      VcNode *device = vc_node_need (devices, places[i].element, NULL, NULL);
      VcNode *list;

      vc_node_set (device, "supported", values->len > 0 ? "yes" : "no");
      if (values->len == 0)
        continue;
      list = vc_node_add (device, "enum");
      vc_node_set (list, "name", places[i].list);
      for (guint v = 0; v < values->len; v++)
        add_text (list, "value", "%s", (const char *) values->pdata[v]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (not_here); i++)
    vc_node_set (vc_node_add (devices, not_here[i]), "supported", "no");
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The host's processor can be handed on where it is the guest's, which is what KVM means. */
static void
add_cpu (VcNode *root, const VcCaps *caps, gboolean is_kvm)
{
  const struct
  {
    const char *name;
    gboolean is_supported;
  } modes[] = { { "host-passthrough", is_kvm }, { "maximum", TRUE }, { "host-model", FALSE } };
  VcNode *cpu = vc_node_add (root, "cpu");
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  VcNode *custom;
  GHashTableIter iter;
  gpointer name;

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      VcNode *mode = vc_node_add (cpu, "mode");

      vc_node_set (mode, "name", modes[i].name);
      vc_node_set (mode, "supported", modes[i].is_supported ? "yes" : "no");
    }
  custom = vc_node_add (cpu, "mode");
  vc_node_set (custom, "name", "custom");
  vc_node_set (custom, "supported", "yes");
  g_hash_table_iter_init (&iter, caps->cpus);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, name);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      VcNode *model = vc_node_add (custom, "model");

      vc_node_set (model, "usable", "unknown"); /* QEMU was not asked */
      vc_node_set_text (model, names->pdata[i]);
    }
}

static void
add_memory (VcNode *root, const VcCaps *caps)
{
  static const struct
  {
    const char *source, *type;
  } sources[] = { { "file", "memory-backend-file" },
                  { "anonymous", "memory-backend-ram" },
                  { "memfd", "memory-backend-memfd" } };
  VcNode *backing = vc_node_add (root, "memoryBacking");
  VcNode *list;

  vc_node_set (backing, "supported", "yes");
  list = vc_node_add (backing, "enum");
  vc_node_set (list, "name", "sourceType");
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    if (vc_caps_has (caps, sources[i].type))
      add_text (list, "value", "%s", sources[i].source);
}

char *
vc_caps_print_domain (const VcCaps *caps, const char *arch, const VcMachine *machine, gboolean is_kvm)
{
  static const char *const features[] = { "gic", "vmcoreinfo", "genid", "sev" };
  g_autoptr (VcXml) xml = vc_xml_new ("domainCapabilities");
  VcNode *root = vc_xml_root (xml);
  VcNode *node;

  add_text (root, "path", "%s", caps->binary);
  add_text (root, "domain", "%s", is_kvm ? "kvm" : "qemu");
  add_text (root, "machine", "%s", machine->name);
  add_text (root, "arch", "%s", arch);
  set_number (vc_node_add (root, "vcpu"), "max", machine->max_cpus);
  vc_node_set (vc_node_add (root, "iothreads"), "supported", vc_caps_has (caps, "iothread") ? "yes" : "no");
  node = vc_node_add (root, "os");
  vc_node_set (node, "supported", "yes");
  vc_node_set (vc_node_add (node, "enum"), "name", "firmware");
  vc_node_set (vc_node_add (node, "loader"), "supported", "no");
  add_cpu (root, caps, is_kvm);
  add_memory (root, caps);
  add_devices (root, caps);
  node = vc_node_add (root, "features");
  for (gsize i = 0; i < G_N_ELEMENTS (features); i++)
    vc_node_set (vc_node_add (node, features[i]), "supported", "no");
  return vc_xml_print (xml);
}
