/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/cpuset.h"
#include "domain/memory.h"
#include "domain/section.h"
#include "fields/list.h"

/* <cputune>, <memtune>, <blkiotune>, <numatune>: the guest's part of the host.  QEMU is told of the last
 * only: the others are for whoever starts it. */

static const char *const schedulers[] = { "", "batch", "idle", "fifo", "rr", NULL };
static const char *const memory_modes[] = { "", "strict", "preferred", "interleave", "restrictive", NULL };

/* a time in microseconds, -1 for no end */

static gboolean
read_quota (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  gint64 value;

  if (!g_ascii_string_to_signed (text, 10, -1, G_GINT64_CONSTANT (17592186044415), &value, NULL)
      || (value >= 0 && value < 1000))
    {
      *ret_why = g_strdup_printf ("'%s' is not a number from 1000 to 17592186044415, or -1 for no end", text);
      return FALSE;
    }
  *(VcU64 *) at = (VcU64){ .set = TRUE, .value = (guint64) value };
  return TRUE;
}

static char *
print_quota (const VcField *row, gconstpointer at)
{
  const VcU64 *quota = at;

  return quota->set ? g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) quota->value) : NULL;
}

static void
schema_quota (const VcField *row, GString *out)
{
  g_string_append (out, "<data type='long'/>");
}

static const VcType type_quota
    = { .name = "microseconds", .read = read_quota, .print = print_quota, .schema = schema_quota };

#define PERIOD(m, x, words)                                                                                  \
  VC_U64 (VcDomain, m, x, .min = 1000, .max = 1000000, .doc = "microseconds quotas are for" words)
#define QUOTA(m, x, words)                                                                                   \
  VC_ROW (VcDomain, m, VcU64, type_quota, x, .doc = "microseconds of such a period" words " may run")

static const VcField vcpupin[]
    = { VC_U32 (VcPin, number, "@vcpu", .flags = VC_REQUIRED, .doc = "number of the processor"),
        VC_CPUSET (VcPin, cpus, "@cpuset", .flags = VC_REQUIRED, .doc = "processors of the host"),
        { 0 } };
static const VcField iothreadpin[]
    = { VC_U32 (VcPin, number, "@iothread", .flags = VC_REQUIRED, .doc = "number of the thread"),
        VC_CPUSET (VcPin, cpus, "@cpuset", .flags = VC_REQUIRED, .doc = "processors of the host"),
        { 0 } };
static const VcField vcpusched[]
    = { VC_CPUSET (VcSched, numbers, "@vcpus", .flags = VC_REQUIRED, .doc = "numbers of the processors"),
        VC_CHOICE (VcSched, scheduler, "@scheduler", schedulers, .flags = VC_REQUIRED, .doc = "scheduler"),
        VC_U32 (VcSched, priority, "@priority", .max = 99, .doc = "priority (fifo, rr)"),
        { 0 } };
static const VcField iothreadsched[]
    = { VC_CPUSET (VcSched, numbers, "@iothreads", .flags = VC_REQUIRED, .doc = "numbers of the threads"),
        VC_CHOICE (VcSched, scheduler, "@scheduler", schedulers, .flags = VC_REQUIRED, .doc = "scheduler"),
        VC_U32 (VcSched, priority, "@priority", .max = 99, .doc = "priority (fifo, rr)"),
        { 0 } };

static const VcList vcpu_pins = { .size = sizeof (VcPin), .rows = vcpupin };
static const VcList iothread_pins = { .size = sizeof (VcPin), .rows = iothreadpin };
static const VcList vcpu_scheds = { .size = sizeof (VcSched), .rows = vcpusched };
static const VcList iothread_scheds = { .size = sizeof (VcSched), .rows = iothreadsched };

const VcField vc_cputune_rows[]
    = { VC_U64 (VcDomain, shares, "shares", .min = 2, .max = 262144, .doc = "weight beside other guests"),
        PERIOD (period, "period", " of processors"),
        QUOTA (quota, "quota", " a processor"),
        PERIOD (global_period, "global_period", " of all together"),
        QUOTA (global_quota, "global_quota", " all together"),
        PERIOD (emulator_period, "emulator_period", " of the emulator"),
        QUOTA (emulator_quota, "emulator_quota", " the emulator"),
        PERIOD (iothread_period, "iothread_period", " of disk threads"),
        QUOTA (iothread_quota, "iothread_quota", " a disk thread"),
        VC_LIST (VcDomain, vcpu_pins, "vcpupin[]", vcpu_pins, .doc = "where a processor runs"),
        VC_CPUSET (VcDomain, emulator_cpus, "emulatorpin/@cpuset", .doc = "where the emulator runs"),
        VC_LIST (VcDomain, iothread_pins, "iothreadpin[]", iothread_pins, .doc = "where a disk thread runs"),
        VC_LIST (VcDomain, vcpu_scheds, "vcpusched[]", vcpu_scheds, .doc = "how processors are scheduled"),
        VC_LIST (VcDomain, iothread_scheds, "iothreadsched[]", iothread_scheds,
                 .doc = "how disk threads are scheduled"),
        { 0 } };

#define LIMIT(m, x, words) VC_ROW (VcDomain, m, guint64, vc_type_memory, x, .doc = words)

const VcField vc_memtune_rows[]
    = { LIMIT (hard_limit, "hard_limit", "memory QEMU never goes beyond"),
        LIMIT (soft_limit, "soft_limit", "memory it is cut to when the host is short"),
        LIMIT (min_guarantee, "min_guarantee", "memory it has in any case"),
        LIMIT (swap_limit, "swap_hard_limit", "memory and swap it never goes beyond"),
        { 0 } };

const VcField vc_blkiotune_rows[]
    = { VC_U32 (VcDomain, io_weight, "weight", .min = 10, .max = 1000, .doc = "weight of its disk traffic"),
        { 0 } };

static const VcField memnode[]
    = { VC_U32 (VcMemnode, cell, "@cellid", .flags = VC_REQUIRED, .doc = "cell of the guest"),
        VC_CHOICE (VcMemnode, mode, "@mode", memory_modes, .doc = "how strictly"),
        VC_CPUSET (VcMemnode, nodes, "@nodeset", .flags = VC_REQUIRED, .doc = "nodes of the host"),
        { 0 } };
static const VcList memnodes = { .size = sizeof (VcMemnode), .rows = memnode };

const VcField vc_numatune_rows[]
    = { VC_CHOICE (VcDomain, node_mode, "memory/@mode", memory_modes, .doc = "how strictly"),
        VC_CPUSET (VcDomain, nodes, "memory/@nodeset", .doc = "nodes of the host memory comes from"),
        VC_LIST (VcDomain, memnodes, "memnode[]", memnodes, .doc = "where a cell's memory comes from"),
        { 0 } };

static void
check_pins (const VcDomain *domain, const GPtrArray *pins, guint n, const char *what, GPtrArray *errors)
{
  for (guint i = 0; i < vc_list_n (pins); i++)
    {
      const VcPin *self = vc_list_nth (pins, i);

      if (self->number.value >= n)
        vc_domain_complain (domain, "cputune", errors, VC_ERROR_INVALID, "<%s>: the guest has no number %u",
                            what, self->number.value);
      for (guint j = 0; j < i; j++)
        if (((const VcPin *) vc_list_nth (pins, j))->number.value == self->number.value)
          vc_domain_complain (domain, "cputune", errors, VC_ERROR_INVALID,
                              "<%s>: the number %u is given twice", what, self->number.value);
    }
}

void
vc_tune_fill (VcDomain *domain)
{
  if (domain->nodes != NULL && domain->node_mode == 0)
    domain->node_mode = 1;
  for (guint i = 0; i < vc_list_n (domain->memnodes); i++)
    if (((VcMemnode *) vc_list_nth (domain->memnodes, i))->mode == 0)
      ((VcMemnode *) vc_list_nth (domain->memnodes, i))->mode = 1;
}

void
vc_tune_check (const VcDomain *domain, GPtrArray *errors)
{
  check_pins (domain, domain->vcpu_pins, vc_u32_or (domain->vcpus, 1), "vcpupin", errors);
  if (domain->memnodes != NULL && vc_list_n (domain->cells) == 0)
    vc_domain_complain (domain, "numatune", errors, VC_ERROR_INVALID,
                        "<memnode> needs cells in <cpu>'s <numa>");
  if (domain->node_mode != 0 && domain->nodes == NULL)
    vc_domain_complain (domain, "numatune", errors, VC_ERROR_INVALID, "<memory> needs @nodeset");
}

void
vc_tune_put_nodes (const VcDomain *domain, const VcCell *cell, VcProps *object)
{
  static const char *const policies[] = { "", "bind", "preferred", "interleave", NULL };
  const char *nodes = domain->nodes;
  int mode = domain->node_mode;
  VcProps *list;
  guint first, last, n = 0;

  for (guint i = 0; cell != NULL && i < vc_list_n (domain->memnodes); i++)
    {
      const VcMemnode *self = vc_list_nth (domain->memnodes, i);

      if (self->cell.value != cell->id.value)
        continue;
      nodes = self->nodes;
      mode = self->mode;
    }
  if (nodes == NULL || policies[mode] == NULL) /* restrictive is for whoever starts it */
    return;
  list = vc_props_group (object, "host-nodes");
  while (vc_cpuset_next (&nodes, &first, &last))
    for (; first <= last; first++)
      {
        g_autofree char *name = g_strdup_printf ("%u", n++);

        vc_props_u64 (list, name, first);
      }
  vc_props_str (object, "policy", policies[mode]);
}
