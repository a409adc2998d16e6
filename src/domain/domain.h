/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"
#include "domain/parts.h"
#include "plan/caps.h"

/* One whole machine, as <domain> describes it.
 *
 * Seven verbs, one function each, each takes the result of the one before:
 * read, fill, seat, check, plan, then argv or QMP, then watch. */

#define VC_DOMAIN_MAX_DEVICES 1024u /* a guest's devices are compared with each other */

enum
{
  VC_DOMAIN_QEMU = 1,
  VC_DOMAIN_KVM
};
enum
{
  VC_CLOCK_UTC = 1,
  VC_CLOCK_LOCALTIME,
  VC_CLOCK_TIMEZONE,
  VC_CLOCK_VARIABLE,
  VC_CLOCK_ABSOLUTE
};
enum
{
  VC_LOADER_ROM = 1,
  VC_LOADER_PFLASH
};
enum
{
  VC_CPU_CUSTOM = 1,
  VC_CPU_PASSTHROUGH,
  VC_CPU_MAXIMUM
};
enum
{
  VC_CACHE_EMULATE = 1,
  VC_CACHE_PASSTHROUGH,
  VC_CACHE_DISABLE
};
enum
{
  VC_ADDRESS_EMULATE = 1,
  VC_ADDRESS_PASSTHROUGH
};
enum
{
  VC_MEMORY_ANONYMOUS = 1,
  VC_MEMORY_FILE,
  VC_MEMORY_MEMFD
};
enum
{
  VC_MEMORY_SHARED = 1,
  VC_MEMORY_PRIVATE
};
enum
{
  VC_ALLOCATION_IMMEDIATE = 1,
  VC_ALLOCATION_ONDEMAND
};
enum
{
  VC_HV_RELAXED,
  VC_HV_VAPIC,
  VC_HV_VPINDEX,
  VC_HV_RUNTIME,
  VC_HV_SYNIC,
  VC_HV_STIMER,
  VC_HV_RESET,
  VC_HV_FREQUENCIES,
  VC_HV_REENLIGHTENMENT,
  VC_HV_TLBFLUSH,
  VC_HV_IPI,
  VC_HV_EVMCS,
  VC_HV_AVIC,
  VC_HV_N
};
enum
{
  VC_ON_DESTROY = 1,
  VC_ON_RESTART,
  VC_ON_PRESERVE,
  VC_ON_RENAME_RESTART
};

typedef struct
{
  const char *origin;  /* where it came from (interned)                                  */
  GHashTable *lines;   /* element below <domain> (static name) to its line                */
  gboolean incomplete; /* reading found errors                                           */
  VcU32 id;            /* of a machine that runs                                         */
  int type;            /* VC_DOMAIN_QEMU, VC_DOMAIN_KVM                                  */
  char *name;
  char *uuid;
  char *genid; /* new for each copy of the guest                                 */
  gboolean has_genid;
  char *title;
  char *description;
  char *metadata;         /* <metadata>, word for word                                      */
  guint64 memory;         /* KiB                                                            */
  guint64 current_memory; /* KiB                                                            */
  VcTri dump_core;
  gboolean no_share, locked, discard; /* <memoryBacking>                                    */
  int memory_source, memory_access, allocation;
  VcU32 allocation_threads;
  VcU32 vcpus, online;
  int placement;
  char *cpus; /* of the host                                                    */
  VcU32 iothreads;
  GPtrArray *iothread_ids;  /* VcIothread, or NULL                                       */
  GArray *iothread_numbers; /* guint32: of all of them, once filled                      */
  VcU64 shares, period, quota, global_period, global_quota; /* <cputune>                     */
  VcU64 emulator_period, emulator_quota, iothread_period, iothread_quota;
  char *emulator_cpus;
  GPtrArray *vcpu_pins, *iothread_pins;                      /* VcPin                    */
  GPtrArray *vcpu_scheds, *iothread_scheds;                  /* VcSched                  */
  guint64 hard_limit, soft_limit, min_guarantee, swap_limit; /* <memtune>, KiB           */
  VcU32 io_weight;                                           /* <blkiotune>              */
  int node_mode;                                             /* <numatune>               */
  char *nodes;
  GPtrArray *memnodes; /* VcMemnode                                                      */
  int os_type;
  char *arch; /* "x86_64", "i686"                                               */
  char *machine;
  char *kernel, *initrd, *cmdline;
  char *loader, *nvram; /* firmware, and the file of its variables                        */
  int loader_type;
  VcTri loader_readonly, loader_secure, stateless;
  char **boot; /* "hd", "network" …, in order                                    */
  VcTri menu;  /* <bootmenu>                                                     */
  VcU32 menu_timeout, reboot_timeout;
  gboolean acpi, apic, pae;
  VcTri eoi, pvspinlock, pmu, vmport, smm, vmcoreinfo;
  guint64 tseg; /* KiB                                                            */
  int ioapic;
  guint64 tcg_cache; /* KiB                                                            */
  int hv_mode;       /* Hyper-V                                                        */
  VcTri hv[VC_HV_N], hv_spinlocks, hv_direct, hv_vendor;
  VcU32 hv_retries;
  char *hv_vendor_id;
  VcTri kvm_hidden, kvm_dedicated, kvm_poll, kvm_pv_ipi;
  int cpu_mode, cpu_match, cpu_check, cpu_fallback;
  VcTri cpu_migratable;
  char *cpu_model, *cpu_vendor;
  VcU32 sockets, dies, cores, threads;
  int cache_mode, address_mode;
  VcU32 cache_level, address_bits;
  GPtrArray *cells;        /* VcCell, or NULL                                                */
  GPtrArray *cpu_features; /* VcCpuFeature, or NULL                                          */
  int clock, clock_basis;
  char *timezone;
  VcU64 adjustment, clock_start; /* seconds, as two's complement                         */
  GPtrArray *timers;             /* VcTimer, or NULL                                      */
  VcTri to_mem, to_disk;         /* <pm>                                                  */
  int on_poweroff, on_reboot, on_crash;
  int partition;  /* libvirt's own default, accepted and dropped                    */
  int label_type; /* of a running guest, accepted and dropped                       */
  char *emulator;
  GPtrArray *devices; /* VcDevice                                                       */
  VcPeers peers;      /* what rooms may see; kept up to date by vc_domain_peers         */
} VcDomain;

/* vc_domain_read - a machine from XML
 *
 * Adds every error found to errors (GError, one an element, in order of lines).
 *
 * Returns: a new machine (free with vc_domain_free): incomplete when there were errors, or NULL when not even
 * the root element is a <domain>.
 */
VcDomain *vc_domain_read (const VcXml *xml, GPtrArray *errors);

/* vc_domain_read_at - the same from an element of a document */
VcDomain *vc_domain_read_at (VcNode *root, GPtrArray *errors);
void vc_domain_free (VcDomain *domain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcDomain, vc_domain_free)

/* vc_domain_fill - fill in what was left open: defaults and the hardware every machine has
 *
 * caps NULL: the QEMU is not known; the machine keeps the name it was given.
 */
void vc_domain_fill (VcDomain *domain, const VcCaps *caps);

/* vc_domain_seat - find a place for every device, adding controllers, hubs and readers */
gboolean vc_domain_seat (VcDomain *domain, GError **error);

/* vc_domain_claims_port - does a device want a TCP port of the host, on whatever address? */
gboolean vc_domain_claims_port (const VcDomain *domain, guint port);

/* vc_domain_check - refuse what does not go together
 *
 * Adds every error to errors.  Also useful on an incomplete machine.
 */
void vc_domain_check (const VcDomain *domain, const VcCaps *caps, GPtrArray *errors);

/* vc_domain_check_machine - the part of it that depends on what this QEMU has; caps NULL: nothing */
void vc_domain_check_machine (const VcDomain *domain, const VcCaps *caps, GPtrArray *errors);

/* vc_domain_sort_errors - put errors in the order of their lines */
void vc_domain_sort_errors (GPtrArray *errors);

/* vc_domain_name_all - give every device its alias */
void vc_domain_name_all (VcDomain *domain);

/* vc_domain_resolve - decide what the description leaves to the host, once, at the start */
void vc_domain_resolve (VcDomain *domain, const VcTlsFacts *tls);

/* What a plan of a whole machine needs beyond a room's context. */
typedef struct
{
  const char *monitor;    /* path of QEMU's QMP socket                                      */
  const char *channels;   /* folder of automatic channel sockets                            */
  const char *master_key; /* path of the key that secrets are encrypted under, or NULL */
  const char *spice_pki;
  gboolean spice_open;
  VcTlsFacts tls; /* for tcp character devices                                     */
  gint64 now;     /* what the time is, seconds since 1970; 0: look                  */
} VcDomainPlan;

/* vc_domain_plan - everything QEMU must create, paused
 *
 * What is made for a device has that device as its source.
 *
 * Returns: a new plan, or NULL with the first error.
 */
VcPlan *vc_domain_plan (const VcDomain *domain, const VcCaps *caps, const VcDomainPlan *how, GError **error);

/* vc_domain_print - XML as `virsh dumpxml` prints it
 *
 * Returns: new string.
 */
char *vc_domain_print (const VcDomain *domain, VcPrint how);

/* vc_domain_peers - the view rooms get; valid until domain->devices changes */
const VcPeers *vc_domain_peers (VcDomain *domain);

/* vc_domain_add - put a device behind the others */
void vc_domain_add (VcDomain *domain, VcDevice *device_taken);

/* vc_domain_new_controller - a filled controller of a type with an index, not yet added */
VcDevice *vc_domain_new_controller (VcDomain *domain, const char *type, guint index);

/* vc_domain_line - the line of an element below <domain>; 1 when it was not given */
guint vc_domain_line (const VcDomain *domain, const char *element);

/* vc_machine_is_q35, vc_machine_is_pc - which family a machine belongs to, by its name */
gboolean vc_machine_is_q35 (const char *machine);
gboolean vc_machine_is_pc (const char *machine);
