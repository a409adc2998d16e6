/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/cpuset.h"
#include "domain/section.h"
#include "fields/list.h"

/* <vcpu>, <iothreads>: how many processors the guest has, and threads for its disks. */

static const char *const placements[] = { "", "static", NULL };

const VcField vc_vcpu_rows[]
    = { VC_CHOICE (VcDomain, placement, "@placement", placements, .doc = "where the processors run"),
        VC_CPUSET (VcDomain, cpus, "@cpuset", .doc = "processors of the host the guest runs on"),
        VC_U32 (VcDomain, online, "@current", .min = 1, .max = 4096,
                .doc = "how many are there at the start"),
        VC_U32 (VcDomain, vcpus, "", .min = 1, .max = 4096, .doc = "number of processors"),
        { 0 } };

const VcField vc_iothreads_rows[]
    = { VC_U32 (VcDomain, iothreads, "", .max = 1024, .doc = "number of threads for disks"), { 0 } };

static const VcField iothread[]
    = { VC_U32 (VcIothread, id, "@id", .min = 1, .flags = VC_REQUIRED, .doc = "number of the thread"),
        VC_U32 (VcIothread, pool_min, "@thread_pool_min", .max = G_MAXINT32, .doc = "fewest helpers it has"),
        VC_U32 (VcIothread, pool_max, "@thread_pool_max", .min = 1, .max = G_MAXINT32,
                .doc = "most helpers it has"),
        { 0 } };

static const VcList iothreads = { .size = sizeof (VcIothread), .rows = iothread };

const VcField vc_iothreadids_rows[]
    = { VC_LIST (VcDomain, iothread_ids, "iothread[]", iothreads, .doc = "threads for disks"), { 0 } };

static gboolean
is_taken (const GArray *numbers, guint32 number)
{
  for (guint i = 0; i < numbers->len; i++)
    if (g_array_index (numbers, guint32, i) == number)
      return TRUE;
  return FALSE;
}

/* Those with a number of their own first, then the lowest that are free. */
void
vc_iothreads_fill (VcDomain *domain)
{
  guint n = vc_list_n (domain->iothread_ids);

  g_clear_pointer (&domain->iothread_numbers, g_array_unref);
  domain->iothread_numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (n > 0 && vc_u32_or (domain->iothreads, 0) < n)
    domain->iothreads = vc_u32 (n);
  for (guint i = 0; i < n; i++)
    g_array_append_val (domain->iothread_numbers,
                        ((const VcIothread *) vc_list_nth (domain->iothread_ids, i))->id.value);
  for (guint32 number = 1; domain->iothread_numbers->len < vc_u32_or (domain->iothreads, 0); number++)
    {
      if (is_taken (domain->iothread_numbers, number))
        continue;
      g_array_append_val (domain->iothread_numbers, number);
      if (n > 0)
        ((VcIothread *) vc_list_add (&domain->iothread_ids, &iothreads))->id = vc_u32 (number);
    }
}

void
vc_vcpu_fill (VcDomain *domain)
{
  if (!domain->vcpus.set)
    domain->vcpus = vc_u32 (1);
  domain->placement = 1;
  if (domain->online.set && domain->online.value == domain->vcpus.value)
    domain->online.set = FALSE;
}

void
vc_vcpu_check (const VcDomain *domain, GPtrArray *errors)
{
  if (vc_u32_or (domain->online, 0) > vc_u32_or (domain->vcpus, 1))
    vc_domain_complain (domain, "vcpu", errors, VC_ERROR_INVALID,
                        "@current: %u is more than all %u processors", domain->online.value,
                        vc_u32_or (domain->vcpus, 1));
  for (guint i = 0; i < vc_list_n (domain->iothread_ids); i++)
    for (guint j = 0; j < i; j++)
      if (((const VcIothread *) vc_list_nth (domain->iothread_ids, i))->id.value
          == ((const VcIothread *) vc_list_nth (domain->iothread_ids, j))->id.value)
        vc_domain_complain (domain, "iothreadids", errors, VC_ERROR_INVALID, "the number %u is given twice",
                            ((const VcIothread *) vc_list_nth (domain->iothread_ids, i))->id.value);
}

void
vc_iothreads_plan (const VcDomain *domain, const VcSectionPlan *into)
{
  for (guint i = 0; domain->iothread_numbers != NULL && i < domain->iothread_numbers->len; i++)
    {
      g_autofree char *id
          = g_strdup_printf ("iothread%u", g_array_index (domain->iothread_numbers, guint32, i));
      VcProps *props = vc_plan_add (into->plan, VC_Q_OBJECT, "iothread", id);

      if (i >= vc_list_n (domain->iothread_ids))
        continue;
      vc_props_u32 (props, "thread-pool-min",
                    ((const VcIothread *) vc_list_nth (domain->iothread_ids, i))->pool_min);
      vc_props_u32 (props, "thread-pool-max",
                    ((const VcIothread *) vc_list_nth (domain->iothread_ids, i))->pool_max);
    }
}

void
vc_vcpu_plan (const VcDomain *domain, VcPlan *plan)
{
  g_autofree char *first = g_strdup_printf ("%u", vc_u32_or (domain->online, domain->vcpus.value));
  VcProps *props = vc_plan_option (plan, "-smp", first);

  if (domain->online.set)
    vc_props_u64 (props, "maxcpus", domain->vcpus.value);
  vc_props_u64 (props, "sockets", vc_u32_or (domain->sockets, domain->vcpus.value));
  vc_props_u32 (props, "dies", domain->dies);
  vc_props_u64 (props, "cores", vc_u32_or (domain->cores, 1));
  vc_props_u64 (props, "threads", vc_u32_or (domain->threads, 1));
}
