/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/cpuset.h"
#include "domain/memory.h"
#include "domain/section.h"
#include "fields/list.h"

/* <memory>, <currentMemory>, <memoryBacking>: how much memory the guest has, and what it is made of. */

static const char *const sources[] = { "", "anonymous", "file", "memfd", NULL };
static const char *const accesses[] = { "", "shared", "private", NULL };
static const char *const allocations[] = { "", "immediate", "ondemand", NULL };

const VcField vc_memory_rows[]
    = { VC_ROW (VcDomain, memory, guint64, vc_type_memory, "",
                .doc = "memory at start, KiB unless @unit says otherwise"),
        VC_ONOFF (VcDomain, dump_core, "@dumpCore", .doc = "whether a core dump of QEMU has it"),
        { 0 } };

const VcField vc_current_memory_rows[]
    = { VC_ROW (VcDomain, current_memory, guint64, vc_type_memory, "", .doc = "memory the balloon leaves"),
        { 0 } };

const VcField vc_memory_backing_rows[]
    = { VC_FLAG (VcDomain, no_share, "nosharepages", .doc = "that the host does not merge its pages"),
        VC_FLAG (VcDomain, locked, "locked", .doc = "that the host does not swap it"),
        VC_CHOICE (VcDomain, memory_source, "source/@type", sources, .doc = "what it is made of"),
        VC_CHOICE (VcDomain, memory_access, "access/@mode", accesses,
                   .doc = "whether other processes may have a share in it"),
        VC_CHOICE (VcDomain, allocation, "allocation/@mode", allocations, .doc = "when it is taken"),
        VC_U32 (VcDomain, allocation_threads, "allocation/@threads", .min = 1,
                .doc = "threads that take it (immediate)"),
        VC_FLAG (VcDomain, discard, "discard", .doc = "that its file is thrown away at the end (file)"),
        { 0 } };

/* <numa> of <cpu> */

static const VcField cell[]
    = { VC_U32 (VcCell, id, "@id", .max = 127, .doc = "number of the cell"),
        VC_CPUSET (VcCell, cpus, "@cpus", .doc = "its processors"),
        VC_ROW (VcCell, memory, guint64, vc_type_memory_beside, "@memory", .flags = VC_REQUIRED,
                .doc = "its memory, KiB unless @unit says otherwise"),
        VC_CHOICE (VcCell, access, "@memAccess", accesses,
                   .doc = "whether other processes may have a share in it"),
        VC_TRI (VcCell, discard, "@discard", .doc = "whether its file is thrown away at the end"),
        { 0 } };

const VcList vc_cells = { .size = sizeof (VcCell), .rows = cell };

static VcCell *
find_cell (const VcDomain *domain, guint id)
{
  for (guint i = 0; i < vc_list_n (domain->cells); i++)
    if (vc_u32_or (((VcCell *) vc_list_nth (domain->cells, i))->id, i) == id)
      return vc_list_nth (domain->cells, i);
  return NULL;
}

static gint
by_id (gconstpointer a, gconstpointer b)
{
  return (gint) (*(VcCell *const *) a)->id.value - (gint) (*(VcCell *const *) b)->id.value;
}

/* Cells make up all memory. */
static void
fill_cells (VcDomain *domain)
{
  guint64 all = 0;

  for (guint i = 0; i < vc_list_n (domain->cells); i++)
    {
      VcCell *self = vc_list_nth (domain->cells, i);

      if (!self->id.set)
        self->id = vc_u32 (i);
      all += self->memory;
    }
  if (all > 0)
    {
      domain->memory = all;
      g_ptr_array_sort (domain->cells, by_id);
    }
}

void
vc_memory_fill (VcDomain *domain)
{
  fill_cells (domain);
  if (domain->current_memory == 0 || domain->current_memory > domain->memory)
    domain->current_memory = domain->memory;
}

static gboolean
overlaps (const char *a, const char *b)
{
  guint first, last, other_first, other_last;

  while (vc_cpuset_next (&a, &first, &last))
    for (const char *at = b; vc_cpuset_next (&at, &other_first, &other_last);)
      if (first <= other_last && other_first <= last)
        return TRUE;
  return FALSE;
}

static void
check_cells (const VcDomain *domain, GPtrArray *errors)
{
  guint n = vc_list_n (domain->cells);

  for (guint i = 0; i < n; i++)
    {
      const VcCell *self = vc_list_nth (domain->cells, i);

      if (find_cell (domain, i) == NULL)
        vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID,
                            "the cells of <numa> need the ids 0 to %u, and %u is not there", n - 1, i);
      if (self->cpus != NULL && domain->vcpus.set && vc_cpuset_last (self->cpus) >= domain->vcpus.value)
        vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID,
                            "cell/@cpus: '%s' has a processor the guest has not: there are %u", self->cpus,
                            domain->vcpus.value);
      for (guint j = 0; j < i; j++)
        if (self->cpus != NULL && ((const VcCell *) vc_list_nth (domain->cells, j))->cpus != NULL
            && overlaps (self->cpus, ((const VcCell *) vc_list_nth (domain->cells, j))->cpus))
          vc_domain_complain (domain, "cpu", errors, VC_ERROR_INVALID,
                              "cell/@cpus: '%s' has a processor of another cell", self->cpus);
    }
}

void
vc_memory_check (const VcDomain *domain, GPtrArray *errors)
{
  check_cells (domain, errors);
  if (domain->memory_access == VC_MEMORY_SHARED && domain->memory_source == VC_MEMORY_ANONYMOUS)
    vc_domain_complain (domain, "memoryBacking", errors, VC_ERROR_INVALID,
                        "memory that is shared needs <source type='memfd'/> or 'file'");
  if (domain->allocation_threads.set && domain->allocation != VC_ALLOCATION_IMMEDIATE)
    vc_domain_complain (domain, "memoryBacking", errors, VC_ERROR_INVALID,
                        "allocation/@threads needs mode='immediate'");
}

/* The object memory is made of; access may be a cell's own. */
static void
plan_object (const VcDomain *domain, const char *id, guint64 size, const VcCell *of, const char *folder,
             VcPlan *plan)
{
  int access = of != NULL && of->access != 0 ? of->access : domain->memory_access;
  int source = domain->memory_source;
  gboolean discards = domain->discard || (of != NULL && of->discard == VC_TRI_YES);
  const char *type = source == VC_MEMORY_MEMFD                                  ? "memory-backend-memfd"
                     : source == VC_MEMORY_FILE || (source == 0 && access != 0) ? "memory-backend-file"
                                                                                : "memory-backend-ram";
  gboolean file = g_str_equal (type, "memory-backend-file");
  VcProps *props = vc_plan_add (plan, VC_Q_OBJECT, type, id);

  if (file)
    vc_props_strf (props, "mem-path", "%s/%s", folder, id);
  if (file && discards)
    vc_props_bool (props, "discard-data", TRUE);
  if (file || source == VC_MEMORY_MEMFD)
    {
      if (access != 0)
        vc_props_bool (props, "share", access == VC_MEMORY_SHARED);
      if (of == NULL) /* so that a guest of an older manager can come here */
        vc_props_bool (props, "x-use-canonical-path-for-ramblock-id", FALSE);
    }
  if (domain->allocation == VC_ALLOCATION_IMMEDIATE)
    {
      vc_props_bool (props, "prealloc", TRUE);
      vc_props_u32 (props, "prealloc-threads", domain->allocation_threads);
    }
  vc_props_u64 (props, "size", size);
  vc_tune_put_nodes (domain, of, props);
}

static guint64
mib (guint64 kib)
{
  return (kib + 1023) / 1024;
}

static void
plan_cell (const VcDomain *domain, const VcCell *self, const char *folder, VcPlan *plan)
{
  g_autofree char *id = g_strdup_printf ("ram-node%u", self->id.value);
  const char *at = self->cpus;
  guint first, last;
  g_autoptr (GString) text = g_string_new (NULL);

  plan_object (domain, id, mib (self->memory) << 20, self, folder, plan);
  g_string_printf (text, "node,nodeid=%u", self->id.value);
  while (vc_cpuset_next (&at, &first, &last))
    g_string_append_printf (text, last > first ? ",cpus=%u-%u" : ",cpus=%u", first, last);
  g_string_append_printf (text, ",memdev=%s", id);
  vc_plan_word (plan, "-numa", text->str);
}

void
vc_memory_plan (const VcDomain *domain, const char *ram, const char *folder, VcPlan *plan)
{
  guint64 all = vc_list_n (domain->cells) > 0 ? 0 : mib (domain->memory);
  g_autofree char *number = NULL;

  for (guint i = 0; i < vc_list_n (domain->cells); i++)
    all += mib (((const VcCell *) vc_list_nth (domain->cells, i))->memory);
  number = g_strdup_printf ("%" G_GUINT64_FORMAT, all);
  vc_plan_word (plan, "-m", number);
  if (vc_list_n (domain->cells) == 0 && ram != NULL)
    plan_object (domain, ram, all << 20, NULL, folder, plan);
  vc_props_bool (vc_plan_option (plan, "-overcommit", NULL), "mem-lock", domain->locked);
}

void
vc_numa_plan (const VcDomain *domain, const char *folder, VcPlan *plan)
{
  for (guint i = 0; i < vc_list_n (domain->cells); i++)
    plan_cell (domain, vc_list_nth (domain->cells, i), folder, plan);
}
