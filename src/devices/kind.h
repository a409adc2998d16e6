/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/seat.h"
#include "fields/field.h"
#include "plan/caps.h"
#include "plan/plan.h"

/* One device kind is one room: a file of this folder that ends with its VcKind.
 *
 * A variant is a kind: <smartcard mode='host'> and <smartcard mode='passthrough'> share a tag
 * and nothing else, so each has a room of its own. */

typedef struct VcKind VcKind;
typedef struct VcDevice VcDevice;

/* What a device plugs into.  domain/seat.c finds the places. */
typedef struct
{
  const char *name;
  VcSeatType seat; /* the address that fits                                          */
} VcBus;

extern const VcBus vc_bus_pci, vc_bus_usb, vc_bus_ccid, vc_bus_virtio_serial, vc_bus_ide, vc_bus_scsi,
    vc_bus_fdc, vc_bus_isa;

/* How a PCI device may be connected. */
typedef enum
{
  VC_PCI_CONVENTIONAL, /* an old slot                                                    */
  VC_PCI_EXPRESS,      /* a port of its own where the machine has PCI Express            */
  VC_PCI_ROOT,         /* directly on the root bus                                       */
} VcPciClass;

/* What a room may see of its machine. */
typedef struct
{
  const char *arch;
  const char *machine;      /* canonical when it is known: "pc-q35-7.2"                       */
  gboolean q35;             /* the machine's root bus is PCI Express                          */
  const char *const *boot;  /* <os>'s boot devices in order, or NULL                          */
  gboolean incomplete;      /* the description had errors: do not judge by what is not there  */
  gboolean machine_unread;  /* … and one of them hides which machine it is                    */
  const GArray *iothreads;  /* guint32, their numbers; NULL: not known yet                    */
  const GPtrArray *devices; /* VcDevice, in order                                             */
} VcPeers;

/* The host's TLS for character devices. */
typedef struct
{
  gboolean on;         /* where the description says nothing                          */
  const char *folder;  /* of certificates                                             */
  gboolean verify;     /* a server end asks clients for a certificate                 */
  gboolean has_secret; /* the key is opened by a secret                               */
} VcTlsFacts;

/* All that a plan may know. */
typedef struct
{
  const VcCaps *caps;
  const VcPeers *peers;
  const char *channels;  /* folder of automatic channel sockets                            */
  const char *spice_pki; /* certificate folder of SPICE's TLS port, NULL: no TLS port      */
  gboolean spice_open;   /* viewers need no password                                       */
  const VcTlsFacts *tls; /* for tcp character devices                               */
  gboolean kvm;          /* the host's processors run the guest                            */
  VcProps *cpu;          /* -cpu, for kinds that are features of it; NULL: the guest runs  */
} VcPlanContext;

/* First member of every kind's struct. */
struct VcDevice
{
  const VcKind *kind;
  char *alias;        /* QEMU's id                                                      */
  gboolean own_alias; /* alias is the user's ("ua-…") and printed                       */
  VcSeat seat;
  const VcBus *bus;    /* where it needs a seat, NULL: nowhere                           */
  VcPciClass pci;      /* for the pci bus                                                */
  gboolean along;      /* came to a running guest for another device, and goes with it */
  VcTri ejected;       /* a card that is out of its reader, whose guest runs            */
  gboolean found;      /* it runs, and was read from what a manager wrote about it       */
  gboolean by_default; /* the description did not say which kind it is                   */
  VcU32 boot;          /* <boot order>: when it is booted                                */
  VcU32 acpi;          /* <acpi index>: number a PCI device has for the guest's firmware  */
  const char *origin;  /* file it came from (interned), for errors                       */
  guint line;          /* 0: not from text                                               */
};

struct VcKind
{
  const char *name;    /* "smartcard-passthrough": file, cases folder, manual heading    */
  const char *element; /* "smartcard"                                                    */
  const char *select;  /* place of the value that chooses among kinds of this element    */
  const char *value;   /* … and its value here                                           */
  gboolean is_default; /* chosen when the value is not given                             */
  const char *summary; /* one sentence; manual                                           */
  gsize size;          /* of the kind's struct, which starts with VcDevice               */
  const VcField *rows;
  const char *alias;       /* stem of generated aliases                                      */
  const char *driver;      /* QEMU device type; NULL: chosen in plan                         */
  const VcBus *plugs_into; /* needs a seat there; fill may change it                         */
  VcPciClass pci;
  const char *fixed; /* why it cannot come to a running guest or leave it, or NULL       */

  /* Fill in what the user left open and a row cannot say.  Cannot fail. */
  void (*fill) (VcDevice *dev, const VcPeers *peers);

  /* Refuse what a row cannot refuse: rules over several fields, or over neighbours.
   * Reads only.  NULL: the rows say everything. */
  gboolean (*check) (const VcDevice *dev, const VcPeers *peers, GError **error);

  /* Add what QEMU must create, in order.  NULL: one device with the rows' properties. */
  gboolean (*plan) (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *plan, GError **error);

  /* QEMU's id where "stem and running number" does not do; new string, NULL: the usual one. */
  char *(*name_it) (const VcDevice *dev, const VcPeers *peers);
};

/* devices/registry.c: in the order in which QEMU must create them; ends with NULL. */
extern const VcKind *const vc_kinds[];

/* vc_kind_find - a kind by its name; NULL when there is none */
const VcKind *vc_kind_find (const char *name);

/* vc_device_new - a device of a kind with nothing set
 *
 * Returns: new (free with vc_device_free).
 */
VcDevice *vc_device_new (const VcKind *kind);

/* vc_device_read - make a device from its element
 *
 * Finds the kind, reads its rows, and refuses anything left unread or missing.  Does not fill,
 * seat or check.  Borrows node.
 *
 * Returns: a new device, or NULL with error.
 */
VcDevice *vc_device_read (VcNode *node, GError **error);
void vc_device_print (const VcDevice *dev, VcNode *parent, VcPrint how);
void vc_device_free (VcDevice *dev);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcDevice, vc_device_free)

/* vc_device_plan - add what QEMU must create for a device, once it is filled, seated and named */
gboolean vc_device_plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *plan, GError **error);

/* vc_plan_device - add the device itself: driver, id, the rows' properties, its place
 *
 * driver NULL: the kind's.  Returns: its property list, owned by plan, to add to.
 */
VcProps *vc_plan_device (VcPlan *plan, const VcDevice *dev, const char *driver, const VcPlanContext *ctx);

/* vc_device_fail - VC_ERROR_INVALID with the device's place: "web.xml:14: <disk>: …" */
gboolean vc_device_fail (const VcDevice *dev, GError **error, const char *fmt, ...) G_GNUC_PRINTF (3, 4);

/* vc_device_fail_unsupported - VC_ERROR_UNSUPPORTED with the device's place */
gboolean vc_device_fail_unsupported (const VcDevice *dev, GError **error, const char *fmt, ...)
    G_GNUC_PRINTF (3, 4);

/* vc_is - is the device of this element (and value, unless NULL)? */
gboolean vc_is (const VcDevice *dev, const char *element, const char *value);

/* vc_peers_find - the n-th device of an element (and value, unless NULL); NULL when there are fewer */
VcDevice *vc_peers_find (const VcPeers *peers, const char *element, const char *value, guint n);

/* vc_peers_boot - the place of a boot device ("hd", "network") in <os>'s order; 0 when it is not there */
guint vc_peers_boot (const VcPeers *peers, const char *word);

/* vc_iothread_check - refuse a thread that <iothreads> does not make (iothread.c) */
gboolean vc_iothread_check (const VcDevice *dev, VcU32 number, const VcPeers *peers, GError **error);

/* The start of every controller's struct. */
typedef struct
{
  VcDevice base;
  VcU32 index;
  gboolean companion; /* serves another controller of its index: nothing plugs in here  */
} VcController;

/* vc_peers_controller - the controller of a type with an index (no companion); or NULL */
VcDevice *vc_peers_controller (const VcPeers *peers, const char *type, guint index);
