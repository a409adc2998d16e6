/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "domain/domain.h"
#include "domain/section.h"

/* A whole machine as things QEMU must create: what has no room first, then the rooms in the order
 * of the registry. */

static void
plan_cpu (const VcDomain *domain, VcPlan *plan)
{
  /* Features that libvirt and QEMU call by different names. */
  static const struct
  {
    const char *libvirt, *qemu;
  } names[] = { { "pclmuldq", "pclmulqdq" } };
  VcProps *props;

  if (domain->cpu_model == NULL)
    return;
  props = vc_plan_option (plan, "-cpu", domain->cpu_model);
  if (domain->eoi != VC_TRI_UNSET)
    vc_props_tri (props, "kvm-pv-eoi", domain->eoi);
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

static void
plan_machine (const VcDomain *domain, const VcCaps *caps, VcPlan *plan)
{
  const VcMachine *machine = vc_caps_machine (caps, domain->machine);
  const char *ram = machine != NULL ? machine->default_ram : NULL;
  guint64 mib = (domain->memory + 1023) / 1024;
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, mib);
  g_autofree char *cpus = g_strdup_printf ("%u", domain->vcpus.value);
  VcProps *props = vc_plan_option (plan, "-machine", domain->machine);

  vc_props_bool (props, "usb", FALSE);
  vc_props_bool (props, "dump-guest-core", FALSE);
  vc_props_str (props, "memory-backend", ram);
  vc_plan_option (plan, "-accel", domain->type == VC_DOMAIN_KVM ? "kvm" : "tcg");
  plan_cpu (domain, plan);
  vc_plan_word (plan, "-m", number);
  if (ram != NULL)
    vc_props_u64 (vc_plan_add (plan, VC_Q_OBJECT, "memory-backend-ram", ram), "size", mib << 20);
  vc_props_bool (vc_plan_option (plan, "-overcommit", NULL), "mem-lock", FALSE);
  props = vc_plan_option (plan, "-smp", cpus);
  vc_props_u64 (props, "sockets", domain->vcpus.value);
  vc_props_u64 (props, "cores", 1);
  vc_props_u64 (props, "threads", 1);
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
plan_boot (const VcDomain *domain, VcPlan *plan)
{
  vc_props_str (vc_plan_option (plan, "-rtc", NULL), "base",
                domain->clock == VC_CLOCK_LOCALTIME ? "localtime" : "utc");
  vc_plan_word (plan, "-no-shutdown", NULL);
  if (!domain->acpi)
    vc_plan_word (plan, "-no-acpi", NULL);
  vc_props_bool (vc_plan_option (plan, "-boot", NULL), "strict", TRUE);
  if (domain->kernel != NULL)
    vc_plan_word (plan, "-kernel", domain->kernel);
  if (domain->initrd != NULL)
    vc_plan_word (plan, "-initrd", domain->initrd);
  if (domain->cmdline != NULL)
    vc_plan_word (plan, "-append", domain->cmdline);
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
                        .tls = &how->tls };
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
  plan_machine (domain, caps, plan);
  if (!has_display (domain))
    vc_plan_word (plan, "-display", "none");
  vc_plan_word (plan, "-no-user-config", NULL);
  vc_plan_word (plan, "-nodefaults", NULL);
  plan_monitor (how->monitor, plan);
  plan_boot (domain, plan);
  if (!plan_devices (domain, &ctx, plan, error))
    return NULL;
  plan_confinement (plan);
  return g_steal_pointer (&plan);
}
