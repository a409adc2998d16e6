/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/error.h"
#include "domain/domain.h"
#include "domain/memory.h"
#include "fields/list.h"

/* What a section adds to: options that several have a word in. */
typedef struct
{
  const VcCaps *caps;
  VcPlan *plan;
  VcProps *machine, *accel, *cpu, *rtc, *boot;
  gint64 now; /* seconds since 1970; 0: look                                    */
} VcSectionPlan;

/* A child of <domain> that is no device: rows over VcDomain.  In the order of printing. */
typedef struct
{
  const char *element;
  const VcField *rows;
  gboolean repeated; /* may stand several times                                        */
  const char *summary;

  /* As in VcKind; each may be NULL. */
  void (*fill) (VcDomain *domain);
  void (*check) (const VcDomain *domain, GPtrArray *errors);
  void (*plan) (const VcDomain *domain, const VcSectionPlan *into);
} VcSection;

extern const VcSection vc_sections[];

/* Attributes of <domain> itself. */
extern const VcField vc_domain_rows[];

/* The row of <emulator> below <devices>. */
extern const VcField vc_emulator_rows[];

extern const char *const vc_domain_types[];
extern const char *const vc_cpu_policies[];

/* vc_domain_complain - add an error about an element below <domain> to errors */
void vc_domain_complain (const VcDomain *domain, const char *element, GPtrArray *errors, VcErrorCode code,
                         const char *fmt, ...) G_GNUC_PRINTF (5, 6);

/* The sections' own files: section-*.c. */
extern const VcField vc_os_rows[], vc_features_rows[], vc_cpu_rows[], vc_vcpu_rows[], vc_iothreads_rows[],
    vc_iothreadids_rows[], vc_clock_rows[], vc_pm_rows[], vc_memory_rows[], vc_current_memory_rows[],
    vc_memory_backing_rows[], vc_cputune_rows[], vc_memtune_rows[], vc_blkiotune_rows[], vc_numatune_rows[];

void vc_os_fill (VcDomain *domain);
void vc_os_check (const VcDomain *domain, GPtrArray *errors);
void vc_os_plan (const VcDomain *domain, const VcSectionPlan *into);
void vc_features_fill (VcDomain *domain);
void vc_features_check (const VcDomain *domain, GPtrArray *errors);
void vc_features_plan (const VcDomain *domain, const VcSectionPlan *into);
void vc_clock_fill (VcDomain *domain);
void vc_clock_check (const VcDomain *domain, GPtrArray *errors);
void vc_clock_plan (const VcDomain *domain, const VcSectionPlan *into);
void vc_pm_plan (const VcDomain *domain, const VcSectionPlan *into);
void vc_cpu_check (const VcDomain *domain, GPtrArray *errors);
void vc_cpu_plan (const VcDomain *domain, const VcSectionPlan *into);
void vc_vcpu_fill (VcDomain *domain);
void vc_vcpu_check (const VcDomain *domain, GPtrArray *errors);
void vc_iothreads_fill (VcDomain *domain);
void vc_iothreads_plan (const VcDomain *domain, const VcSectionPlan *into);
void vc_memory_fill (VcDomain *domain);
void vc_memory_check (const VcDomain *domain, GPtrArray *errors);
void vc_tune_fill (VcDomain *domain);
void vc_tune_check (const VcDomain *domain, GPtrArray *errors);

/* vc_cpu_fill - the machine's default model where none is given; machine may be NULL */
void vc_cpu_fill (VcDomain *domain, const VcMachine *machine);

/* vc_cpu_is_host - is the model whatever this host has? */
gboolean vc_cpu_is_host (const VcDomain *domain);

/* vc_cpu_model - QEMU's name of the model */
const char *vc_cpu_model (const VcDomain *domain);

/* vc_vcpu_plan, vc_memory_plan, vc_numa_plan - -smp; -m and what memory is made of; its cells
 *
 * ram is the id the machine wants its memory to have, folder where files of memory are.
 */
void vc_vcpu_plan (const VcDomain *domain, VcPlan *plan);
void vc_memory_plan (const VcDomain *domain, const char *ram, const char *folder, VcPlan *plan);
void vc_numa_plan (const VcDomain *domain, const char *folder, VcPlan *plan);

/* vc_tune_put_nodes - which of the host's nodes an object's memory comes from; cell NULL: all memory */
void vc_tune_put_nodes (const VcDomain *domain, const VcCell *cell, VcProps *object);

/* Cells of a NUMA topology: VcCell. */
extern const VcList vc_cells;
