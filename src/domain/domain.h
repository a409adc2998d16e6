/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"
#include "plan/caps.h"

/* One whole machine, as <domain> describes it.
 *
 * Seven verbs, one function each, each takes the result of the one before:
 * read, fill, seat, check, plan, then argv or QMP, then watch. */

#define VC_DOMAIN_MAX_DEVICES 1024u /* a guest's devices are compared with each other */

typedef struct
{
  char *name;
  int policy;
} VcCpuFeature;

enum
{
  VC_DOMAIN_QEMU = 1,
  VC_DOMAIN_KVM
};
enum
{
  VC_CLOCK_UTC = 1,
  VC_CLOCK_LOCALTIME
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
  char *title;
  char *description;
  char *metadata;         /* <metadata>, word for word                                      */
  guint64 memory;         /* KiB                                                            */
  guint64 current_memory; /* KiB                                                            */
  VcU32 vcpus;
  int placement;
  int os_type;
  char *arch; /* "x86_64", "i686"                                               */
  char *machine;
  char *kernel, *initrd, *cmdline;
  char **boot; /* "hd", "network" …, in order                                    */
  gboolean acpi, apic, pae;
  VcTri eoi;
  int cpu_mode, cpu_match, cpu_check, cpu_fallback;
  char *cpu_model;
  GPtrArray *cpu_features; /* VcCpuFeature, or NULL                                          */
  int clock;
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
