/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "domain/section.h"

/* <cpu>: the processor's model and how many there are of what. */

const char *const vc_cpu_policies[] = { "", "force", "require", "optional", "disable", "forbid", NULL };

static const char *const modes[] = { "", "custom", "host-passthrough", "maximum", NULL };
static const char *const matches[] = { "", "exact", "minimum", "strict", NULL };
static const char *const checks[] = { "", "none", "partial", "full", NULL };
static const char *const fallbacks[] = { "", "allow", "forbid", NULL };
static const char *const caches[] = { "", "emulate", "passthrough", "disable", NULL };
static const char *const address_modes[] = { "", "emulate", "passthrough", NULL };

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

const VcField vc_cpu_rows[] = {
  VC_CHOICE (VcDomain, cpu_mode, "@mode", modes, .doc = "where the model comes from"),
  VC_CHOICE (VcDomain, cpu_match, "@match", matches, .doc = "how closely the host must match"),
  VC_CHOICE (VcDomain, cpu_check, "@check", checks, .doc = "how libvirt checks the model at start"),
  VC_ONOFF (VcDomain, cpu_migratable, "@migratable",
            .doc = "whether only what can be migrated is passed through"),
  VC_CHOICE (VcDomain, cpu_fallback, "model/@fallback", fallbacks, .doc = "whether a model near it will do"),
  VC_STR (VcDomain, cpu_model, "model", .doc = "CPU model"),
  VC_STR (VcDomain, cpu_vendor, "vendor", .doc = "maker the host's processor must have"),
  VC_U32 (VcDomain, sockets, "topology/@sockets", .min = 1, .max = 4096, .doc = "sockets"),
  VC_U32 (VcDomain, dies, "topology/@dies", .min = 1, .max = 4096, .doc = "dies of a socket"),
  VC_U32 (VcDomain, cores, "topology/@cores", .min = 1, .max = 4096, .doc = "cores of a die"),
  VC_U32 (VcDomain, threads, "topology/@threads", .min = 1, .max = 4096, .doc = "threads of a core"),
  VC_U32 (VcDomain, cache_level, "cache/@level", .min = 1, .max = 3, .doc = "cache that is emulated"),
  VC_CHOICE (VcDomain, cache_mode, "cache/@mode", caches, .doc = "which cache the guest sees"),
  VC_CHOICE (VcDomain, address_mode, "maxphysaddr/@mode", address_modes,
             .doc = "whose size physical addresses have"),
  VC_U32 (VcDomain, address_bits, "maxphysaddr/@bits", .min = 1, .max = 64, .doc = "that size (emulate)"),
  VC_LIST (VcDomain, cells, "numa/cell[]", vc_cells, .doc = "nodes the guest's memory is in"),
  VC_ROW (VcDomain, cpu_features, GPtrArray *, type_features, "feature[]",
          .doc = "features added and taken away"),
  { 0 }
};

gboolean
vc_cpu_is_host (const VcDomain *domain)
{
  return domain->cpu_mode == VC_CPU_PASSTHROUGH || domain->cpu_mode == VC_CPU_MAXIMUM;
}

static void
fill_model (VcDomain *domain, const VcMachine *machine)
{
  if (domain->cpu_model != NULL || domain->cpu_features != NULL || machine == NULL
      || machine->default_cpu == NULL)
    return;
  domain->cpu_model = g_strdup (machine->default_cpu);
  domain->cpu_fallback = 2; /* forbid */
  domain->cpu_check = 1;    /* none   */
  domain->cpu_match = 0;    /* exact  */
}

void
vc_cpu_fill (VcDomain *domain, const VcMachine *machine)
{
  if (vc_cpu_is_host (domain))
    {
      if (domain->cpu_check == 0)
        domain->cpu_check = 1;
      if (domain->cpu_migratable == VC_TRI_UNSET && domain->type == VC_DOMAIN_KVM)
        domain->cpu_migratable = VC_TRI_YES;
    }
  else
    fill_model (domain, machine);
  if (domain->cpu_model != NULL)
    {
      if (domain->cpu_mode == 0)
        domain->cpu_mode = VC_CPU_CUSTOM;
      if (domain->cpu_match == 0)
        domain->cpu_match = 1;
      if (domain->cpu_check == 0)
        domain->cpu_check = domain->type == VC_DOMAIN_KVM ? 2 : 1;
      if (domain->cpu_fallback == 0)
        domain->cpu_fallback = 1;
    }
  if (domain->sockets.set && !domain->dies.set)
    domain->dies = vc_u32 (1);
}

static void
check_topology (const VcDomain *domain, GPtrArray *errors)
{
  guint64 all = (guint64) vc_u32_or (domain->sockets, 1) * vc_u32_or (domain->dies, 1)
                * vc_u32_or (domain->cores, 1) * vc_u32_or (domain->threads, 1);
  gboolean any = domain->sockets.set || domain->dies.set || domain->cores.set || domain->threads.set;

  if (any && (!domain->sockets.set || !domain->cores.set || !domain->threads.set))
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID,
                        "<topology> needs sockets, cores and threads");
  else if (any && domain->vcpus.set && all != domain->vcpus.value)
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID,
                        "<topology> makes %" G_GUINT64_FORMAT " processors, and <vcpu> says %u", all,
                        domain->vcpus.value);
}

static void
check_host (const VcDomain *domain, GPtrArray *errors)
{
  const char *mode = vc_choice (modes, domain->cpu_mode);

  if (vc_cpu_is_host (domain) && domain->cpu_model != NULL)
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID, "mode='%s' takes no <model>", mode);
  if (domain->cpu_mode == VC_CPU_PASSTHROUGH && domain->type == VC_DOMAIN_QEMU)
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID,
                        "mode='host-passthrough' needs <domain type='kvm'>: use mode='maximum'");
  if (domain->cpu_migratable != VC_TRI_UNSET && !vc_cpu_is_host (domain))
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID,
                        "@migratable is for the modes host-passthrough and maximum");
  if (!vc_cpu_is_host (domain) && domain->cpu_model == NULL && domain->cpu_features != NULL)
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID, "<feature> needs a <model>");
}

static void
check_sizes (const VcDomain *domain, GPtrArray *errors)
{
  if (domain->cache_mode == VC_CACHE_PASSTHROUGH && (domain->cache_level.set || !vc_cpu_is_host (domain)))
    vc_domain_complain (
        domain, "cpu", errors, VC_ERROR_INVALID,
        "cache mode='passthrough' takes no @level and needs the mode host-passthrough or maximum");
  if (domain->cache_mode == VC_CACHE_EMULATE && vc_u32_or (domain->cache_level, 3) != 3)
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_UNSUPPORTED,
                        "QEMU emulates the cache of level 3 only");
  if (domain->cache_level.set && domain->cache_mode == 0)
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID, "<cache> needs @mode");
  if (domain->address_bits.set && domain->address_mode != VC_ADDRESS_EMULATE)
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID, "maxphysaddr/@bits needs mode='emulate'");
  if (domain->address_mode == VC_ADDRESS_EMULATE && !domain->address_bits.set)
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID, "<maxphysaddr mode='emulate'> needs @bits");
  if (domain->address_mode == VC_ADDRESS_PASSTHROUGH && !vc_cpu_is_host (domain))
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID,
                        "<maxphysaddr mode='passthrough'> needs the mode host-passthrough or maximum");
}

void
vc_cpu_check (const VcDomain *domain, GPtrArray *errors)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

  check_topology (domain, errors);
  check_host (domain, errors);
  check_sizes (domain, errors);
  if (domain->cpu_model != NULL
      && (*domain->cpu_model == '\0' || strspn (domain->cpu_model, letters) != strlen (domain->cpu_model)))
    vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID, "<model> '%s' is no CPU model's name",
                        domain->cpu_model);
}

static void
plan_features (const VcDomain *domain, VcProps *props)
{
  /* Features that libvirt and QEMU call by different names. */
  static const struct
  {
    const char *libvirt, *qemu;
  } names[] = { { "pclmuldq", "pclmulqdq" } };

  for (guint i = 0; domain->cpu_features != NULL && i < domain->cpu_features->len; i++)
    {
      const VcCpuFeature *feature = domain->cpu_features->pdata[i];
      const char *policy = vc_cpu_policies[feature->policy];
      g_autofree char *name = g_strdelimit (g_strdup (feature->name), "_", '-');

      for (guint j = 0; j < G_N_ELEMENTS (names); j++)
        if (strcmp (feature->name, names[j].libvirt) == 0)
          {
            g_free (name);
            name = g_strdup (names[j].qemu);
          }
      if (vc_props_get (props, name) == NULL) /* what QEMU cannot give it leaves out by itself */
        vc_props_bool (props, name, strcmp (policy, "disable") != 0 && strcmp (policy, "forbid") != 0);
    }
}

static void
plan_cache (const VcDomain *domain, VcProps *props)
{
  if (domain->cache_mode == 0)
    return;
  if (vc_cpu_is_host (domain)) /* other models have none of the host's */
    vc_props_bool (props, "host-cache-info", domain->cache_mode == VC_CACHE_PASSTHROUGH);
  vc_props_bool (props, "l3-cache", domain->cache_mode == VC_CACHE_EMULATE);
}

static void
plan_addresses (const VcDomain *domain, VcProps *props)
{
  if (domain->address_mode == VC_ADDRESS_PASSTHROUGH)
    vc_props_bool (props, "host-phys-bits", TRUE);
  vc_props_u32 (props, "phys-bits", domain->address_bits);
}

const char *
vc_cpu_model (const VcDomain *domain)
{
  if (domain->cpu_mode == VC_CPU_PASSTHROUGH)
    return "host";
  if (domain->cpu_mode == VC_CPU_MAXIMUM)
    return "max";
  if (domain->cpu_model != NULL)
    return domain->cpu_model;
  return g_strcmp0 (domain->arch, "i686") == 0 ? "qemu32" : "qemu64";
}

void
vc_cpu_plan (const VcDomain *domain, const VcSectionPlan *into)
{
  vc_props_tri (into->cpu, "migratable", domain->cpu_migratable);
  plan_features (domain, into->cpu);
  plan_cache (domain, into->cpu);
  plan_addresses (domain, into->cpu);
}
