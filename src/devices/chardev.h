/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* The host side of a character device: a kind inside a kind.
 *
 * serial, console, channel, smartcard … hold one; its facts stand in the holder's own element
 * (@type, source, protocol, log).  Each @type is a room of its own, chardev-*.c. */

typedef struct VcChardevKind VcChardevKind;

/* First member of every chardev kind's struct. */
typedef struct
{
  const VcChardevKind *kind;
  char *log; /* file that gets a copy of what the guest sends           */
  VcTri log_append;
  GPtrArray *labels;   /* <seclabel> of its sources, word for word, or NULL                  */
  gboolean relabels;   /* … one of them would have to be applied                          */
  const char *channel; /* name of the channel that holds it (borrowed), or NULL   */
} VcChardev;

#define VC_TCP_PORT "TCP port" /* that <graphics> may want as well */

/* What of the host only one device of a guest can have. */
typedef struct
{
  const char *what; /* VC_TCP_PORT                                                    */
  const char *name; /* "4000"; "" where there is only one                             */
  const char *at;   /* its address, "" for all; NULL: has none                        */
} VcClaim;

struct VcChardevKind
{
  const char *type;    /* "tcp"                                                          */
  const char *summary; /* one sentence; manual                                           */
  gsize size;
  const VcField *rows;
  const char *parallel; /* QEMU's name for a parallel port's, where it differs; or NULL */
  const char *backend;  /* QEMU's name: "socket"                                          */

  /* As in VcKind; each may be NULL. */
  void (*fill) (VcChardev *chr, const VcDevice *holder);
  gboolean (*check) (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error);
  /* What nobody else may have; FALSE: nothing.  Borrowed from chr. */
  gboolean (*claim) (const VcChardev *chr, VcClaim *ret_claim);
  /* Live facts that a start decides and the description may show. */
  void (*resolve) (VcChardev *chr, const VcTlsFacts *tls);

  /* Add what must be there before the back end. */
  gboolean (*before) (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx, VcPlan *plan,
                      GError **error);
  gboolean (*plan) (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx, VcPlan *plan,
                    VcProps *props, GError **error);
};

extern const VcChardevKind *const vc_chardev_kinds[]; /* registry.c */

/* Facts that every back end has. */
extern const VcField vc_chardev_common[];

extern const VcType vc_type_chardev;

/* A row for a holder's VcChardev *; `.more = "pty"` names the kind when @type is not given. */
#define VC_CHARDEV(S, m, ...) VC_ROW (S, m, VcChardev *, vc_type_chardev, "@type", __VA_ARGS__)

/* vc_service_check - is a port or the name of a service what it seems?
 *
 * The C library takes 99999 and -1 for numbers and cuts them to 16 bits: another port than was written.
 */
gboolean vc_service_check (const char *service, const VcDevice *holder, GError **error);

void vc_chardev_fill (VcChardev *chr, const VcDevice *holder);
gboolean vc_chardev_check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers,
                           GError **error);

/* vc_chardev_claim - what the back end a device holds wants for itself alone
 *
 * Returns: FALSE when there is none, or it wants nothing.  *ret_claim is borrowed from dev.
 */
gboolean vc_chardev_claim (const VcDevice *dev, VcClaim *ret_claim);

/* vc_chardev_plan - add the back end as "char" and the holder's alias
 *
 * Returns: its id, borrowed from plan, or NULL with error.
 */
const char *vc_chardev_plan (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx,
                             VcPlan *plan, GError **error);

/* vc_chardev_resolve - decide what the description leaves to the host, once, at the start */
void vc_chardev_resolve (VcChardev *chr, const VcTlsFacts *tls);

/* vc_chardev_is_encrypted - was it decided that its connection is? */
gboolean vc_chardev_is_encrypted (const VcChardev *chr);

/* vc_chardev_of - the back end a device holds, or NULL; borrowed */
VcChardev *vc_chardev_of (const VcDevice *dev);

/* vc_chardev_new - a back end of a type with nothing set */
VcChardev *vc_chardev_new (const char *type);
VcChardev *vc_chardev_copy (const VcChardev *chr);
void vc_chardev_free (VcChardev *chr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcChardev, vc_chardev_free)

/* vc_chardev_print - @type and the rest into the holder's element */
void vc_chardev_print (const VcChardev *chr, VcNode *node, VcPrint how);
