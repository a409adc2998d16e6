/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/section.h"

#include <string.h>

const char *const vc_domain_types[] = { "", "qemu", "kvm", NULL };
const char *const vc_cpu_policies[] = { "", "force", "require", "optional", "disable", "forbid", NULL };

static const char *const placements[] = { "", "static", NULL };
static const char *const os_types[] = { "", "hvm", NULL };
static const char *const cpu_modes[] = { "", "custom", NULL };
static const char *const cpu_matches[] = { "", "exact", NULL };
static const char *const cpu_checks[] = { "", "none", "partial", "full", NULL };
static const char *const fallbacks[] = { "", "allow", "forbid", NULL };
static const char *const offsets[] = { "", "utc", "localtime", NULL };
static const char *const actions[] = { "", "destroy", "restart", "preserve", "rename-restart", NULL };
static const char *const partitions[] = { "", "/machine", NULL };
static const char *const label_types[] = { "", "dynamic", NULL };

/* <metadata>: kept word for word */

static gboolean
read_metadata (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  g_free (*(char **) at);
  *(char **) at = vc_node_copy_text (node);
  vc_node_take (node);
  return TRUE;
}

static void
print_nothing (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
}

static void
clear_text (gpointer at)
{
  g_clear_pointer ((char **) at, g_free);
}

static void
schema_anything (const VcField *row, GString *out)
{
  g_string_append (out, "<ref name='anything'/>");
}

static const VcType type_metadata = { .name = "any XML",
                                      .read_node = read_metadata,
                                      .print_node = print_nothing,
                                      .clear = clear_text,
                                      .schema = schema_anything };

/* <type arch= machine=>: kept as text, for QEMU has its own names */

static const char *const arches[] = { "", "x86_64", "i686", NULL };

static char *
print_text (const VcField *row, gconstpointer at)
{
  return g_strdup (*(char *const *) at);
}

static gboolean
read_arch (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  if (vc_choice_find (arches, text) == 0)
    {
      *ret_why = g_strdup_printf ("'%s' is none of: x86_64, i686", text);
      return FALSE;
    }
  return vc_type_str.read (row, text, at, ret_why);
}

static void
schema_arch (const VcField *row, GString *out)
{
  g_string_append (out, "<choice><value>x86_64</value><value>i686</value></choice>");
}

static const VcType type_arch = {
  .name = "choice", .read = read_arch, .print = print_text, .clear = clear_text, .schema = schema_arch
};

static gboolean
read_machine (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  if (!vc_machine_is_pc (text) && !vc_machine_is_q35 (text))
    {
      *ret_why
          = g_strdup_printf ("'%s' is not supported here: use pc or q35, or one of their versions", text);
      return FALSE;
    }
  return vc_type_str.read (row, text, at, ret_why);
}

static void
schema_machine (const VcField *row, GString *out)
{
  g_string_append (out, "<data type='string'><param name='pattern'>(q35|pc|pc-.*)</param></data>");
}

static const VcType type_machine = {
  .name = "machine", .read = read_machine, .print = print_text, .clear = clear_text, .schema = schema_machine
};

/* <memory unit='MiB'>: kept in KiB, rounded up */

static gboolean
find_unit (const char *unit, guint64 *ret_bytes)
{
  static const char letters[] = "kmgtpe";
  const char *letter;
  guint power;

  if (unit == NULL)
    unit = "KiB";
  *ret_bytes = 1;
  if (strcmp (unit, "b") == 0 || strcmp (unit, "bytes") == 0)
    return TRUE;
  letter = strchr (letters, g_ascii_tolower (unit[0]));
  if (unit[0] == '\0' || letter == NULL)
    return FALSE;
  power = (guint) (letter - letters) + 1;
  if (unit[1] == '\0' || g_ascii_strcasecmp (unit + 1, "iB") == 0)
    *ret_bytes = G_GUINT64_CONSTANT (1) << (10 * power);
  else if (g_ascii_strcasecmp (unit + 1, "B") == 0)
    while (power-- > 0)
      *ret_bytes *= 1000;
  else
    return FALSE;
  return TRUE;
}

static gboolean
read_memory (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  const char *unit = vc_node_attr (node, "unit"), *text = vc_node_text (node);
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  guint64 number = 0, bytes = 0;

  if (!find_unit (unit, &bytes))
    return vc_node_fail (node, error, "@unit: '%s' is no unit of memory such as KiB or GB", unit);
  if (!g_ascii_string_to_unsigned (trimmed, 10, 0, G_MAXUINT64, &number, NULL))
    return vc_node_fail (node, error, "'%s' is not a number", text);
  if (number > (G_GUINT64_CONSTANT (1) << 50) / bytes)
    return vc_node_fail (node, error, "'%s' %s is more than a machine can have", text,
                         unit != NULL ? unit : "KiB");
  *(guint64 *) at = (number * bytes + 1023) / 1024;
  if (*(guint64 *) at == 0)
    return vc_node_fail (node, error, "a guest needs some memory, not 0");
  return TRUE;
}

static void
print_memory (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, *(const guint64 *) at);

  if (*(const guint64 *) at == 0)
    return;
  vc_node_set (node, "unit", "KiB");
  vc_node_set_text (node, text);
}

static gboolean
memory_is_set (gconstpointer at)
{
  return *(const guint64 *) at != 0;
}

static void
schema_memory (const VcField *row, GString *out)
{
  g_string_append (out, "<optional><attribute name='unit'/></optional><data type='unsignedLong'/>");
}

static const VcType type_memory = { .name = "size of memory",
                                    .read_node = read_memory,
                                    .print_node = print_memory,
                                    .is_set = memory_is_set,
                                    .schema = schema_memory };

/* <boot dev='hd'/>, several */

static const char *const boot_devices[] = { "", "hd", "cdrom", "network", "fd", NULL };

static gboolean
read_boot (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  VcNode *child = NULL;
  gboolean any = FALSE;

  while ((child = vc_node_next (node, child, "boot")) != NULL)
    {
      const char *dev = vc_node_attr (child, "dev");

      if (dev == NULL)
        return vc_node_fail (child, error, "needs @dev, what to boot from");
      if (vc_choice_find (boot_devices, dev) == 0)
        return vc_node_fail (child, error, "@dev: '%s' is none of: hd, cdrom, network, fd", dev);
      g_strv_builder_add (list, dev);
      any = TRUE;
    }
  if (any)
    {
      g_strfreev (*(char ***) at);
      *(char ***) at = g_strv_builder_end (list);
    }
  return TRUE;
}

static void
print_boot (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  char *const *list = *(char **const *) at;

  for (; list != NULL && *list != NULL; list++)
    vc_node_set (vc_node_add (node, "boot"), "dev", *list);
}

static void
clear_strv (gpointer at)
{
  g_clear_pointer ((char ***) at, g_strfreev);
}

static void
schema_boot (const VcField *row, GString *out)
{
  g_string_append (
      out,
      "<zeroOrMore><element name='boot'><attribute name='dev'><choice><value>hd</value><value>cdrom</value>"
      "<value>network</value><value>fd</value></choice></attribute></element></zeroOrMore>");
}

static const VcType type_boot = {
  .name = "list", .read_node = read_boot, .print_node = print_boot, .clear = clear_strv, .schema = schema_boot
};

/* <feature policy='require' name='x2apic'/>, several */

static void
free_feature (gpointer data)
{
  g_free (((VcCpuFeature *) data)->name);
  g_free (data);
}

static gboolean
read_features (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  VcNode *child = NULL;

  while ((child = vc_node_next (node, child, "feature")) != NULL)
    {
      const char *name = vc_node_attr (child, "name"), *policy = vc_node_attr (child, "policy");
      VcCpuFeature *feature;

      if (name == NULL || *name == '\0')
        return vc_node_fail (child, error, "needs @name, the CPU feature");
      if (strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != strlen (name))
        return vc_node_fail (child, error, "@name: '%s' is no CPU feature's name", name);
      if (policy != NULL && vc_choice_find (vc_cpu_policies, policy) == 0)
        return vc_node_fail (child, error,
                             "@policy: '%s' is none of: force, require, optional, disable, forbid", policy);
      if (*(GPtrArray **) at == NULL)
        *(GPtrArray **) at = g_ptr_array_new_with_free_func (free_feature);
      for (guint i = 0; i < (*(GPtrArray **) at)->len; i++)
        if (strcmp (((VcCpuFeature *) (*(GPtrArray **) at)->pdata[i])->name, name) == 0)
          return vc_node_fail (child, error, "@name: the feature '%s' is given twice", name);
      feature = g_new0 (VcCpuFeature, 1);
      feature->name = g_strdup (name);
      feature->policy = vc_choice_find (vc_cpu_policies, policy != NULL ? policy : "require");
      g_ptr_array_add (*(GPtrArray **) at, feature);
    }
  return TRUE;
}

static void
print_features (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  const GPtrArray *list = *(GPtrArray *const *) at;

  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const VcCpuFeature *feature = list->pdata[i];
      VcNode *child = vc_node_add (node, "feature");

      vc_node_set (child, "policy", vc_cpu_policies[feature->policy]);
      vc_node_set (child, "name", feature->name);
    }
}

static void
clear_features (gpointer at)
{
  g_clear_pointer ((GPtrArray **) at, g_ptr_array_unref);
}

static void
schema_features (const VcField *row, GString *out)
{
  g_string_append (
      out, "<zeroOrMore><element name='feature'><attribute name='name'/><optional><attribute name='policy'>"
           "<choice><value>force</value><value>require</value><value>optional</value><value>disable</value>"
           "<value>forbid</value></choice></attribute></optional></element></zeroOrMore>");
}

static const VcType type_features = { .name = "list",
                                      .read_node = read_features,
                                      .print_node = print_features,
                                      .clear = clear_features,
                                      .schema = schema_features };

const VcField vc_domain_rows[]
    = { VC_CHOICE (VcDomain, type, "@type", vc_domain_types, .flags = VC_REQUIRED,
                   .doc = "way the processor is run"),
        VC_U32 (VcDomain, id, "@id", .flags = VC_LIVE, .doc = "number of a running guest"),
        { 0 } };

const VcField vc_emulator_rows[] = { VC_PATH (VcDomain, emulator, "", .doc = "QEMU binary"), { 0 } };

static const VcField name[]
    = { VC_STR (VcDomain, name, "", .flags = VC_REQUIRED, .doc = "name of the guest"), { 0 } };
static const VcField uuid[] = { VC_UUID (VcDomain, uuid, "", .doc = "unique number of the guest"), { 0 } };
static const VcField title[] = { VC_STR (VcDomain, title, "", .doc = "short words about the guest"), { 0 } };
static const VcField description[]
    = { VC_STR (VcDomain, description, "", .doc = "longer words about the guest"), { 0 } };
static const VcField metadata[]
    = { VC_ROW (VcDomain, metadata, char *, type_metadata, "", .doc = "XML of other programs"), { 0 } };
static const VcField memory[] = { VC_ROW (VcDomain, memory, guint64, type_memory, "",
                                          .doc = "memory at start, KiB unless @unit says otherwise"),
                                  { 0 } };
static const VcField current_memory[]
    = { VC_ROW (VcDomain, current_memory, guint64, type_memory, "", .doc = "memory the balloon leaves"),
        { 0 } };

static const VcField vcpu[]
    = { VC_CHOICE (VcDomain, placement, "@placement", placements, .doc = "where the processors run"),
        VC_U32 (VcDomain, vcpus, "", .min = 1, .max = 4096, .doc = "number of processors"),
        { 0 } };

static const VcField resource[]
    = { VC_CHOICE (VcDomain, partition, "partition", partitions, .flags = VC_DROPPED,
                   .doc = "libvirt's own cgroup of a running guest"),
        { 0 } };

static const VcField os[]
    = { VC_ROW (VcDomain, arch, char *, type_arch, "type/@arch", .choices = arches, .doc = "architecture"),
        VC_ROW (VcDomain, machine, char *, type_machine, "type/@machine",
                .doc = "machine: pc or q35, or one of their versions"),
        VC_CHOICE (VcDomain, os_type, "type", os_types, .flags = VC_REQUIRED,
                   .doc = "kind of virtualization"),
        VC_PATH (VcDomain, kernel, "kernel", .doc = "kernel to boot directly"),
        VC_PATH (VcDomain, initrd, "initrd", .doc = "its initial RAM disk"),
        VC_STR (VcDomain, cmdline, "cmdline", .doc = "its command line"),
        VC_ROW (VcDomain, boot, char **, type_boot, "boot[]", .doc = "what to boot from, in order"),
        { 0 } };

static const VcField features[]
    = { VC_FLAG (VcDomain, acpi, "acpi", .doc = "that the guest has ACPI"),
        VC_ONOFF (VcDomain, eoi, "apic/@eoi", .doc = "whether interrupts end the quick way"),
        VC_FLAG (VcDomain, apic, "apic", .doc = "that the guest has an APIC"),
        VC_FLAG (VcDomain, pae, "pae", .doc = "that the guest has PAE"),
        { 0 } };

static const VcField cpu[]
    = { VC_CHOICE (VcDomain, cpu_mode, "@mode", cpu_modes, .doc = "where the model comes from"),
        VC_CHOICE (VcDomain, cpu_match, "@match", cpu_matches, .doc = "how closely the host must match"),
        VC_CHOICE (VcDomain, cpu_check, "@check", cpu_checks, .doc = "how libvirt checks the model at start"),
        VC_CHOICE (VcDomain, cpu_fallback, "model/@fallback", fallbacks,
                   .doc = "whether a model near it will do"),
        VC_STR (VcDomain, cpu_model, "model", .doc = "CPU model"),
        VC_ROW (VcDomain, cpu_features, GPtrArray *, type_features, "feature[]",
                .doc = "features added and taken away"),
        { 0 } };

static const VcField guest_clock[]
    = { VC_CHOICE (VcDomain, clock, "@offset", offsets, .doc = "what the guest's clock shows"), { 0 } };
static const VcField on_poweroff[]
    = { VC_CHOICE (VcDomain, on_poweroff, "", actions, .doc = "what follows a shutdown"), { 0 } };
static const VcField on_reboot[]
    = { VC_CHOICE (VcDomain, on_reboot, "", actions, .doc = "what follows a reboot"), { 0 } };
static const VcField on_crash[]
    = { VC_CHOICE (VcDomain, on_crash, "", actions, .doc = "what follows a crash"), { 0 } };

/* What security drivers print for a running guest; nothing else. */
static const VcField seclabel[]
    = { VC_CHOICE (VcDomain, label_type, "@type", label_types, .flags = VC_DROPPED,
                   .doc = "dynamic: made up for a running guest"),
        VC_IGNORED ("@model", .doc = "security driver"),
        VC_JUDGED ("@relabel", vc_type_yesno, .doc = "whether files are labelled"),
        VC_IGNORED ("label", .doc = "label of a running guest"),
        VC_IGNORED ("imagelabel", .doc = "label of its images"),
        VC_IGNORED ("baselabel", .doc = "label it was made from"),
        { 0 } };

const VcSection vc_sections[] = {
  { "name", name, FALSE, "The guest's name." },
  { "uuid", uuid, FALSE, "The guest's unique number; made up when it is not given." },
  { "title", title, FALSE, "Short words about the guest." },
  { "description", description, FALSE, "Longer words about the guest." },
  { "metadata", metadata, FALSE, "XML of other programs, kept word for word." },
  { "memory", memory, FALSE, "How much memory the guest has." },
  { "currentMemory", current_memory, FALSE, "How much of it the balloon leaves." },
  { "vcpu", vcpu, FALSE, "How many processors the guest has." },
  { "resource", resource, FALSE, "Printed by libvirt for a running guest; accepted and dropped." },
  { "os", os, FALSE, "What machine it is and what it boots." },
  { "features", features, FALSE, "Features of the machine." },
  { "cpu", cpu, FALSE, "The processor's model." },
  { "clock", guest_clock, FALSE, "The guest's clock." },
  { "on_poweroff", on_poweroff, FALSE, "What follows a shutdown." },
  { "on_reboot", on_reboot, FALSE, "What follows a reboot." },
  { "on_crash", on_crash, FALSE, "What follows a crash." },
  { "seclabel", seclabel, TRUE, "Printed by libvirt for a running guest; accepted and dropped." },
  { NULL, NULL, FALSE, NULL },
};
