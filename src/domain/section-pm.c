/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/section.h"

/* <pm>: whether the guest may sleep. */

const VcField vc_pm_rows[]
    = { VC_TRI (VcDomain, to_mem, "suspend-to-mem/@enabled", .doc = "whether it may keep only its memory on"),
        VC_TRI (VcDomain, to_disk, "suspend-to-disk/@enabled",
                .doc = "whether it may write its memory to disk"),
        { 0 } };

static void
plan_one (const VcDomain *domain, VcTri enabled, const char *state, const VcSectionPlan *into)
{
  g_autofree char *name = g_strdup_printf (
      "%s.disable_%s", vc_machine_is_q35 (domain->machine) ? "ICH9-LPC" : "PIIX4_PM", state);

  if (enabled != VC_TRI_UNSET)
    vc_props_u64 (vc_plan_option (into->plan, "-global", NULL), name, enabled == VC_TRI_NO);
}

void
vc_pm_plan (const VcDomain *domain, const VcSectionPlan *into)
{
  plan_one (domain, domain->to_mem, "s3", into);
  plan_one (domain, domain->to_disk, "s4", into);
}
