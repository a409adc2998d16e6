/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "domain/domain.h"
#include "domain/section.h"

/* A whole machine as things QEMU must create: what has no room first, then the rooms in the order
 * of the registry. */

/* Only where there may be secrets: QEMU's user must be able to reach the file. */
static void
plan_master_key (const VcDomainPlan *how, VcPlan *plan)
{
  VcProps *props;

  if (!how->tls.has_secret || how->master_key == NULL)
    return;
  props = vc_plan_add (plan, VC_Q_OBJECT, "secret", "masterKey0");
  vc_props_str (props, "format", "raw");
  vc_props_str (props, "file", how->master_key);
}

/* The options several sections have a word in, in libvirt's order. */
static void
plan_machine (const VcDomain *domain, const VcDomainPlan *how, VcSectionPlan *into)
{
  const VcMachine *machine = vc_caps_machine (into->caps, domain->machine);
  const char *ram = machine != NULL && vc_list_n (domain->cells) == 0 ? machine->default_ram : NULL;
  VcPlan *plan = into->plan;

  into->machine = vc_plan_option (plan, "-machine", domain->machine);
  vc_props_bool (into->machine, "usb", FALSE);
  vc_props_bool (into->machine, "dump-guest-core", domain->dump_core == VC_TRI_YES);
  if (domain->no_share)
    vc_props_bool (into->machine, "mem-merge", FALSE);
  vc_props_str (into->machine, "memory-backend", ram);
  into->accel = vc_plan_option (plan, "-accel", domain->type == VC_DOMAIN_KVM ? "kvm" : "tcg");
  into->cpu = vc_plan_option (plan, "-cpu", vc_cpu_model (domain));
  vc_memory_plan (domain, ram, how->channels, plan);
  vc_vcpu_plan (domain, plan);
  vc_numa_plan (domain, how->channels, plan);
  vc_plan_word (plan, "-uuid", domain->uuid);
}

static void
plan_monitor (const char *path, VcPlan *plan)
{
  VcProps *props = vc_plan_add (plan, VC_Q_CHARDEV, "socket", "charmonitor");

  vc_props_listen (props, "path", path);
  vc_props_bool (props, "server", TRUE);
  vc_props_bool (props, "wait", FALSE);
  props = vc_plan_option (plan, "-mon", NULL);
  vc_props_str (props, "chardev", "charmonitor");
  vc_props_str (props, "id", "monitor");
  vc_props_str (props, "mode", "control");
}

static void
plan_boot (const VcDomain *domain, VcSectionPlan *into)
{
  VcPlan *plan = into->plan;

  into->rtc = vc_plan_option (plan, "-rtc", NULL);
  vc_plan_word (plan, "-no-shutdown", NULL);
  if (!domain->acpi)
    vc_plan_word (plan, "-no-acpi", NULL);
  into->boot = vc_plan_option (plan, "-boot", NULL);
  if (domain->kernel != NULL)
    vc_plan_word (plan, "-kernel", domain->kernel);
  if (domain->initrd != NULL)
    vc_plan_word (plan, "-initrd", domain->initrd);
  if (domain->cmdline != NULL)
    vc_plan_word (plan, "-append", domain->cmdline);
  for (guint i = 0; vc_sections[i].element != NULL; i++)
    if (vc_sections[i].plan != NULL)
      vc_sections[i].plan (domain, into);
}

static void
plan_confinement (VcPlan *plan)
{
  VcProps *props = vc_plan_option (plan, "-sandbox", "on");

  vc_props_str (props, "obsolete", "deny");
  vc_props_str (props, "elevateprivileges", "deny");
  vc_props_str (props, "spawn", "deny");
  vc_props_str (props, "resourcecontrol", "deny");
  vc_props_bool (vc_plan_option (plan, "-msg", NULL), "timestamp", TRUE);
}

static gboolean
plan_devices (const VcDomain *domain, const VcPlanContext *ctx, VcPlan *plan, GError **error)
{
  for (guint i = 0; vc_kinds[i] != NULL; i++)
    for (guint j = 0; j < domain->devices->len; j++)
      {
        const VcDevice *dev = domain->devices->pdata[j];

        vc_plan_set_source (plan, dev);
        if (dev->kind == vc_kinds[i] && !vc_device_plan (dev, ctx, plan, error))
          return FALSE;
      }
  vc_plan_set_source (plan, NULL);
  return TRUE;
}

static gboolean
has_display (const VcDomain *domain)
{
  return vc_peers_find (&domain->peers, "graphics", NULL, 0) != NULL;
}

VcPlan *
vc_domain_plan (const VcDomain *domain, const VcCaps *caps, const VcDomainPlan *how, GError **error)
{
  g_autoptr (VcPlan) plan = vc_plan_new ();
  const VcPeers *peers = vc_domain_peers ((VcDomain *) domain);
  VcPlanContext ctx = { .caps = caps,
                        .peers = peers,
                        .channels = how->channels,
                        .spice_pki = how->spice_pki,
                        .spice_open = how->spice_open,
                        .kvm = domain->type == VC_DOMAIN_KVM,
                        .tls = &how->tls };
  VcSectionPlan into = { .caps = caps, .plan = plan, .now = how->now };
  VcProps *props;

  if (domain->cpu_model != NULL && g_hash_table_size (caps->cpus) > 0
      && !g_hash_table_contains (caps->cpus, domain->cpu_model))
    return vc_fail_null (error, VC_ERROR_UNSUPPORTED, "%s:%u: <cpu>: %s has no CPU model '%s'",
                         domain->origin, vc_domain_line (domain, "cpu"), caps->binary, domain->cpu_model);
  if (domain->initrd != NULL && strchr (domain->initrd, ',') != NULL)
    return vc_fail_null (error, VC_ERROR_UNSUPPORTED, "%s:%u: <os>: QEMU splits <initrd> '%s' at its comma",
                         domain->origin, vc_domain_line (domain, "os"), domain->initrd);
  props = vc_plan_option (plan, "-name", NULL);
  vc_props_str (props, "guest", domain->name);
  vc_props_bool (props, "debug-threads", TRUE);
  vc_plan_word (plan, "-S", NULL);
  plan_master_key (how, plan);
  plan_machine (domain, how, &into);
  if (!has_display (domain))
    vc_plan_word (plan, "-display", "none");
  vc_plan_word (plan, "-no-user-config", NULL);
  vc_plan_word (plan, "-nodefaults", NULL);
  plan_monitor (how->monitor, plan);
  plan_boot (domain, &into);
  ctx.cpu = into.cpu;
  if (!plan_devices (domain, &ctx, plan, error))
    return NULL;
  plan_confinement (plan);
  return g_steal_pointer (&plan);
}
