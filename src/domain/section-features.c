/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "domain/section.h"

/* <features>: features of the machine, of KVM and of Hyper-V as QEMU plays it. */

static const char *const ioapics[] = { "", "qemu", "kvm", NULL };
static const char *const hv_modes[] = { "", "custom", "passthrough", NULL };

/* Features of Hyper-V that are on or off: their place, and QEMU's name. */
static const char *const hv_props[VC_HV_N]
    = { "hv-relaxed", "hv-vapic", "hv-vpindex",     "hv-runtime",         "hv-synic",
        "hv-stimer",  "hv-reset", "hv-frequencies", "hv-reenlightenment", "hv-tlbflush",
        "hv-ipi",     "hv-evmcs", "hv-avic" };

/* an element that stands for "on" unless its @state says otherwise */

static gboolean
read_switch (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  const char *text;

  if (!vc_field_find (row, node, &node, error))
    return FALSE;
  text = node != NULL ? vc_node_attr (node, "state") : NULL;
  if (text != NULL && strcmp (text, "on") != 0 && strcmp (text, "off") != 0)
    return vc_node_fail (node, error, "@state: '%s' is neither 'on' nor 'off'", text);
  if (node != NULL)
    *(VcTri *) at = text != NULL && strcmp (text, "off") == 0 ? VC_TRI_NO : VC_TRI_YES;
  return TRUE;
}

static void
print_switch (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  VcTri state = *(const VcTri *) at;

  if (state != VC_TRI_UNSET)
    vc_node_set (vc_field_need (row, node), "state", state == VC_TRI_YES ? "on" : "off");
}

static gboolean
switch_is_set (gconstpointer at)
{
  return *(const VcTri *) at != VC_TRI_UNSET;
}

static void
schema_switch (const VcField *row, GString *out)
{
  g_string_append (out,
                   "<optional><attribute name='state'><choice><value>on</value><value>off</value></choice>"
                   "</attribute></optional>");
}

static const VcType type_switch = { .name = "on (also without @state) or off",
                                    .read_node = read_switch,
                                    .print_node = print_switch,
                                    .is_set = switch_is_set,
                                    .schema = schema_switch };

#define SWITCH(m, place, words) VC_ROW (VcDomain, m, VcTri, type_switch, place, .doc = words)

#define HV(what, place, words)                                                                               \
  VC_ONOFF (VcDomain, hv[what], "hyperv/" place "/@state", .doc = "Hyper-V: " words)

const VcField vc_features_rows[] = {
  VC_FLAG (VcDomain, acpi, "acpi", .doc = "that the guest has ACPI"),
  VC_ONOFF (VcDomain, eoi, "apic/@eoi", .doc = "whether interrupts end the quick way"),
  VC_FLAG (VcDomain, apic, "apic", .doc = "that the guest has an APIC"),
  VC_FLAG (VcDomain, pae, "pae", .doc = "that the guest has PAE"),
  VC_CHOICE (VcDomain, hv_mode, "hyperv/@mode", hv_modes,
             .doc = "which of them: those named here, or all the host has"),
  HV (VC_HV_RELAXED, "relaxed", "whether timers are not watched closely"),
  HV (VC_HV_VAPIC, "vapic", "whether the APIC is a virtual one"),
  VC_ONOFF (VcDomain, hv_spinlocks, "hyperv/spinlocks/@state", .doc = "Hyper-V: whether spinlocks give way"),
  VC_U32 (VcDomain, hv_retries, "hyperv/spinlocks/@retries", .min = 4095, .doc = "tries before they do"),
  HV (VC_HV_VPINDEX, "vpindex", "whether processors have numbers"),
  HV (VC_HV_RUNTIME, "runtime", "whether the time spent is told"),
  HV (VC_HV_SYNIC, "synic", "whether there is a synthetic interrupt controller"),
  HV (VC_HV_STIMER, "stimer", "whether there are synthetic timers"),
  VC_ONOFF (VcDomain, hv_direct, "hyperv/stimer/direct/@state",
            .doc = "Hyper-V: whether these interrupt without messages"),
  HV (VC_HV_RESET, "reset", "whether it can be reset"),
  VC_ONOFF (VcDomain, hv_vendor, "hyperv/vendor_id/@state", .doc = "Hyper-V: whether the maker is another"),
  VC_STR (VcDomain, hv_vendor_id, "hyperv/vendor_id/@value", .doc = "maker, up to 12 characters"),
  HV (VC_HV_FREQUENCIES, "frequencies", "whether frequencies are told"),
  HV (VC_HV_REENLIGHTENMENT, "reenlightenment", "whether a migration is told"),
  HV (VC_HV_TLBFLUSH, "tlbflush", "whether TLBs are flushed for it"),
  HV (VC_HV_IPI, "ipi", "whether interrupts between processors are sent for it"),
  HV (VC_HV_EVMCS, "evmcs", "whether nested guests have an enlightened VMCS"),
  HV (VC_HV_AVIC, "avic", "whether the APIC may be the processor's"),
  VC_ONOFF (VcDomain, kvm_hidden, "kvm/hidden/@state", .doc = "whether the guest is not told that it is KVM"),
  VC_ONOFF (VcDomain, kvm_dedicated, "kvm/hint-dedicated/@state",
            .doc = "whether it is told that processors are its own"),
  VC_ONOFF (VcDomain, kvm_poll, "kvm/poll-control/@state", .doc = "whether it may stop the host's polling"),
  VC_ONOFF (VcDomain, kvm_pv_ipi, "kvm/pv-ipi/@state",
            .doc = "whether interrupts between processors are sent for it"),
  SWITCH (pvspinlock, "pvspinlock", "whether spinlocks give way"),
  SWITCH (pmu, "pmu", "whether the guest has performance counters"),
  SWITCH (vmport, "vmport", "whether the machine has VMware's port"),
  SWITCH (smm, "smm", "whether the machine has system management mode (q35)"),
  VC_ROW (VcDomain, tseg, guint64, vc_type_memory_short, "smm/tseg", .doc = "memory of that mode"),
  VC_CHOICE (VcDomain, ioapic, "ioapic/@driver", ioapics, .doc = "who plays the I/O APIC"),
  SWITCH (vmcoreinfo, "vmcoreinfo", "whether the guest says where a crash dump finds its kernel"),
  VC_ROW (VcDomain, tcg_cache, guint64, vc_type_memory, "tcg/tb-cache",
          .doc = "memory for translated code (type qemu)"),
  { 0 }
};

void
vc_features_fill (VcDomain *domain)
{
  gboolean any = domain->hv_spinlocks != VC_TRI_UNSET || domain->hv_vendor != VC_TRI_UNSET;

  for (guint i = 0; i < VC_HV_N; i++)
    any |= domain->hv[i] != VC_TRI_UNSET;
  if (any && domain->hv_mode == 0)
    domain->hv_mode = 1;
}

void
vc_features_check (const VcDomain *domain, GPtrArray *errors)
{
  if (domain->hv_spinlocks == VC_TRI_YES && !domain->hv_retries.set)
    vc_domain_complain (domain, "features", errors, VC_ERROR_INVALID, "hyperv/spinlocks needs @retries");
  if (domain->hv_vendor == VC_TRI_YES
      && (domain->hv_vendor_id == NULL || *domain->hv_vendor_id == '\0' || strlen (domain->hv_vendor_id) > 12
          || strchr (domain->hv_vendor_id, ',') != NULL))
    vc_domain_complain (domain, "features", errors, VC_ERROR_INVALID,
                        "hyperv/vendor_id needs @value, up to 12 characters and no comma");
  if (domain->smm != VC_TRI_UNSET && domain->machine != NULL && !vc_machine_is_q35 (domain->machine))
    vc_domain_complain (domain, "features", errors, VC_ERROR_UNSUPPORTED,
                        "<smm> needs the machine q35, not '%s'", domain->machine);
  if (domain->tseg != 0 && domain->smm != VC_TRI_YES)
    vc_domain_complain (domain, "features", errors, VC_ERROR_INVALID, "smm/tseg needs state='on'");
  if (domain->tseg % 1024 != 0 || domain->tseg / 1024 > 65535)
    vc_domain_complain (domain, "features", errors, VC_ERROR_INVALID,
                        "smm/tseg is in whole MiB, up to 65535");
  if (domain->type == VC_DOMAIN_QEMU && domain->ioapic == 2)
    vc_domain_complain (domain, "features", errors, VC_ERROR_INVALID,
                        "<ioapic driver='kvm'> needs type='kvm'");
  if (domain->type == VC_DOMAIN_KVM && domain->tcg_cache != 0)
    vc_domain_complain (domain, "features", errors, VC_ERROR_INVALID, "<tcg> needs type='qemu'");
}

static void
put_if_on (VcProps *props, const char *name, VcTri state)
{
  if (state == VC_TRI_YES)
    vc_props_bool (props, name, TRUE);
}

static void
plan_hyperv (const VcDomain *domain, VcProps *cpu)
{
  if (domain->hv_mode == 2)
    vc_props_bool (cpu, "hv-passthrough", TRUE);
  for (guint i = 0; i < VC_HV_N; i++)
    put_if_on (cpu, hv_props[i], domain->hv[i]);
  if (domain->hv_spinlocks == VC_TRI_YES)
    vc_props_strf (cpu, "hv-spinlocks", "0x%x", domain->hv_retries.value);
  put_if_on (cpu, "hv-stimer-direct", domain->hv_direct);
  if (domain->hv_vendor == VC_TRI_YES)
    vc_props_str (cpu, "hv-vendor-id", domain->hv_vendor_id);
}

void
vc_features_plan (const VcDomain *domain, const VcSectionPlan *into)
{
  vc_props_tri (into->machine, "vmport", domain->vmport);
  vc_props_tri (into->machine, "smm", domain->smm);
  if (domain->ioapic != 0)
    vc_props_str (into->machine, "kernel_irqchip", domain->ioapic == 1 ? "split" : "on");
  if (domain->tseg != 0)
    vc_props_u64 (vc_plan_option (into->plan, "-global", NULL), "mch.extended-tseg-mbytes",
                  domain->tseg / 1024);
  if (domain->eoi != VC_TRI_UNSET)
    vc_props_tri (into->cpu, "kvm-pv-eoi", domain->eoi);
  vc_props_tri (into->cpu, "kvm-pv-unhalt", domain->pvspinlock);
  plan_hyperv (domain, into->cpu);
  if (domain->kvm_hidden == VC_TRI_YES)
    vc_props_bool (into->cpu, "kvm", FALSE);
  put_if_on (into->cpu, "kvm-hint-dedicated", domain->kvm_dedicated);
  put_if_on (into->cpu, "kvm-poll-control", domain->kvm_poll);
  if (domain->kvm_pv_ipi == VC_TRI_NO)
    vc_props_bool (into->cpu, "kvm-pv-ipi", FALSE);
  vc_props_tri (into->cpu, "pmu", domain->pmu);
  if (domain->tcg_cache != 0)
    vc_props_u64 (into->accel, "tb-size", domain->tcg_cache / 1024);
  if (domain->vmcoreinfo == VC_TRI_YES)
    vc_plan_add (into->plan, VC_Q_DEVICE, "vmcoreinfo", NULL);
}
