/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/section.h"

#include <string.h>

const char *const vc_domain_types[] = { "", "qemu", "kvm", NULL };

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
/* <genid/>: one is made up; <genid>UUID</genid> */

static gboolean
read_genid (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  VcDomain *domain = (VcDomain *) (void *) ((char *) at - offsetof (VcDomain, genid));
  const char *text = vc_node_text (node);
  g_autofree char *why = NULL;

  domain->has_genid = TRUE;
  if (text[strspn (text, " \t\r\n")] == '\0')
    return TRUE;
  return vc_type_uuid.read (row, text, at, &why) || vc_node_fail (node, error, "%s", why);
}

static void
print_genid (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  if (*(char *const *) at != NULL)
    vc_node_set_text (node, *(char *const *) at);
}

static void
schema_genid (const VcField *row, GString *out)
{
  g_string_append (out, "<text/>");
}

static const VcType type_genid = { .name = "UUID, or nothing for a new one",
                                   .read_node = read_genid,
                                   .print_node = print_genid,
                                   .clear = clear_text,
                                   .schema = schema_genid };

static const VcField genid[] = { VC_ROW (VcDomain, genid, char *, type_genid, "",
                                         .doc = "number that is new for each copy of the guest"),
                                 { 0 } };

static void
fill_genid (VcDomain *domain)
{
  if (domain->has_genid && domain->genid == NULL)
    domain->genid = g_uuid_string_random ();
}

static void
plan_genid (const VcDomain *domain, const VcSectionPlan *into)
{
  if (domain->genid != NULL)
    vc_props_str (vc_plan_add (into->plan, VC_Q_DEVICE, "vmgenid", "vmgenid0"), "guid", domain->genid);
}

static const VcField resource[]
    = { VC_CHOICE (VcDomain, partition, "partition", partitions, .flags = VC_DROPPED,
                   .doc = "libvirt's own cgroup of a running guest"),
        { 0 } };

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
  { "genid", genid, FALSE, "A number that is new for each copy of the guest; made up when it is empty.",
    fill_genid, NULL, plan_genid },
  { "title", title, FALSE, "Short words about the guest." },
  { "description", description, FALSE, "Longer words about the guest." },
  { "metadata", metadata, FALSE, "XML of other programs, kept word for word." },
  { "memory", vc_memory_rows, FALSE, "How much memory the guest has.", vc_memory_fill },
  { "currentMemory", vc_current_memory_rows, FALSE, "How much of it the balloon leaves." },
  { "blkiotune", vc_blkiotune_rows, FALSE, "The guest's part of the host's disks." },
  { "memtune", vc_memtune_rows, FALSE, "Limits of QEMU's memory." },
  { "memoryBacking", vc_memory_backing_rows, FALSE, "What the memory is made of.", NULL, vc_memory_check },
  { "vcpu", vc_vcpu_rows, FALSE, "How many processors the guest has.", vc_vcpu_fill, vc_vcpu_check },
  { "iothreads", vc_iothreads_rows, FALSE, "How many threads work for disks.", vc_iothreads_fill, NULL,
    vc_iothreads_plan },
  { "iothreadids", vc_iothreadids_rows, FALSE, "Numbers of these threads." },
  { "cputune", vc_cputune_rows, FALSE, "The guest's part of the host's processors.", NULL, vc_tune_check },
  { "numatune", vc_numatune_rows, FALSE, "Nodes of the host memory comes from.", vc_tune_fill },
  { "resource", resource, FALSE, "Printed by libvirt for a running guest; accepted and dropped." },
  { "os", vc_os_rows, FALSE, "What machine it is and what it boots.", vc_os_fill, vc_os_check, vc_os_plan },
  { "features", vc_features_rows, FALSE, "Features of the machine.", vc_features_fill, vc_features_check,
    vc_features_plan },
  { "cpu", vc_cpu_rows, FALSE, "The processor's model.", NULL, vc_cpu_check, vc_cpu_plan },
  { "clock", vc_clock_rows, FALSE, "The guest's clock.", vc_clock_fill, vc_clock_check, vc_clock_plan },
  { "on_poweroff", on_poweroff, FALSE, "What follows a shutdown." },
  { "on_reboot", on_reboot, FALSE, "What follows a reboot." },
  { "on_crash", on_crash, FALSE, "What follows a crash." },
  { "pm", vc_pm_rows, FALSE, "Whether the guest may sleep.", NULL, NULL, vc_pm_plan },
  { "seclabel", seclabel, TRUE, "Printed by libvirt for a running guest; accepted and dropped." },
  { NULL, NULL, FALSE, NULL },
};
