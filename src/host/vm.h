/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/record.h"
#include "host/user.h"
#include "qemu/qmp.h"

/* A machine that runs: one QEMU process and the connection to its monitor.
 *
 * QEMU is started with -S and -no-shutdown: it waits for us before the guest's first instruction and after
 * its last one.  It is not bound to our life; whoever frees a machine that is not off leaves it running.
 */
typedef struct VcVm VcVm;

typedef enum
{
  VC_VM_OFF,      /* no process                          may: free                            */
  VC_VM_STARTING, /* process made, QMP not greeted yet   may: stop, kill; ends: greeted, died */
  VC_VM_RUNNING,  /* guest runs                          may: shut down, stop, kill           */
  VC_VM_PAUSED,   /* guest held                          may: stop, kill; ends: resumed       */
  VC_VM_STOPPING, /* asked to go                         may: kill; ends: gone                */
  VC_VM_LOST,     /* process there, we cannot speak to it  may: kill; ends: gone              */
  VC_VM_N_STATES
} VcVmState;

/* What follows when the guest goes off, resets or crashes. */
typedef enum
{
  VC_VM_DESTROY,  /* end QEMU                  */
  VC_VM_RESTART,  /* begin again               */
  VC_VM_PRESERVE, /* hold it, to be looked at  */
} VcVmAction;

typedef enum
{
  VC_VM_IS_READY,   /* QEMU is there and the guest held: the last moment before it runs */
  VC_VM_IS_RUNNING, /* the guest runs, for the first time or again                      */
  VC_VM_IS_PAUSED,  /* it is held                                                       */
  VC_VM_WENT_OFF,   /* the guest switched itself off                                    */
  VC_VM_REBOOTED,   /* the guest reset itself                                           */
  VC_VM_PANICKED,   /* the guest's system crashed                                       */
  VC_VM_IS_KEPT,    /* … and the machine stays, held, as its description asks           */
  VC_VM_IS_LOST,    /* its monitor is gone, or does not answer; it can only be killed   */
} VcVmNews;

typedef enum
{
  VC_VM_BY_GUEST, /* the guest went off, or reset itself and that ends it        */
  VC_VM_BY_CRASH, /* its system crashed                                          */
  VC_VM_BY_US,    /* vc_vm_stop or vc_vm_kill                                    */
  VC_VM_BY_FAULT, /* QEMU ended by itself: why has status or signal and its last words */
} VcVmEnd;

/* Neither may free the machine. */
typedef struct
{
  void (*on_news) (VcVm *vm, VcVmNews news, gpointer data);
  /* An event of QEMU's, before what follows from it; may be NULL. */
  void (*on_event) (VcVm *vm, const char *event, VcJson *values, gpointer data);
  /* It is off; the last call.  error: borrowed, with VC_VM_BY_FAULT, else NULL. */
  void (*on_off) (VcVm *vm, VcVmEnd end, const GError *error, gpointer data);
} VcVmWatch;

typedef struct
{
  const char *const *argv;
  const char *const *env; /* or NULL                                              */
  const int *fds;         /* for QEMU                                             */
  guint n_fds;
  const char *monitor; /* path of the QMP socket, on which one of fds listens       */
  int log;             /* file for what QEMU says                                   */
  int record;          /* file in which the process says which one it is            */
  const VcUser *user;
  gboolean paused;   /* leave the guest held                                        */
  gboolean has_ptys; /* ask for the paths of its pseudo-terminals                   */
  gboolean reboots;  /* for vc_vm_find: as vc_vm_reboots said                       */
  VcVmAction on_poweroff, on_reboot, on_crash;
} VcVmStart;

/* vc_vm_new - start QEMU
 *
 * Borrows how, which is not needed afterwards.  Returns at once: the watch says how it goes on.
 *
 * Returns: new (free with vc_vm_free), or NULL with error when there is no process.
 */
VcVm *vc_vm_new (const VcVmStart *how, const VcVmWatch *watch, gpointer data, GError **error);

/* vc_vm_find - take over a QEMU that another manager started
 *
 * Borrows how, of which argv, env, fds, record and paused are not used.  What it does now is said as news:
 * ready, then running or paused, or what it did while nobody listened.
 *
 * Returns: new, or NULL with VC_ERROR_GONE when the process has ended.
 */
VcVm *vc_vm_find (const VcVmStart *how, const VcRecord *record, const VcVmWatch *watch, gpointer data,
                  GError **error);

/* vc_vm_free - forget it; NULL is fine.  A QEMU that runs goes on running */
void vc_vm_free (VcVm *vm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcVm, vc_vm_free)

VcVmState vc_vm_state (const VcVm *vm);
const char *vc_vm_state_name (VcVmState state);
pid_t vc_vm_pid (const VcVm *vm);

/* vc_vm_qmp - its monitor, borrowed until the main context runs again; NULL when there is none, or it is not
 * greeted yet */
VcQmp *vc_vm_qmp (const VcVm *vm);

/* vc_vm_add_ptys - learn of pseudo-terminals from the answer to query-chardev */
void vc_vm_add_ptys (VcVm *vm, const VcJson *list);

/* vc_vm_drop_pty - a character device has gone */
void vc_vm_drop_pty (VcVm *vm, const char *id);

/* vc_vm_pty - the path of the pseudo-terminal of a character device, borrowed; known from VC_VM_IS_READY
 * on.  NULL: it has none */
const char *vc_vm_pty (const VcVm *vm, const char *id);

/* vc_vm_found_as - what a found machine did, in QEMU's words ("io-error"), borrowed; known from
 * VC_VM_IS_READY on */
const char *vc_vm_found_as (const VcVm *vm);

/* vc_vm_shutdown - press the guest's power button; what it does is its own affair
 *
 * reboot: when it goes off it begins again, whatever on_poweroff says.
 */
gboolean vc_vm_shutdown (VcVm *vm, gboolean reboot, GError **error);

/* vc_vm_reboots - has it been asked to shut down for a reboot? */
gboolean vc_vm_reboots (const VcVm *vm);

/* vc_vm_resume - let a held guest run */
gboolean vc_vm_resume (VcVm *vm, GError **error);

/* vc_vm_stop - end QEMU in order: it is killed when it takes longer than VC_VM_STOP_MS, unless gently
 *
 * Before it is ready it is killed at once; one that was found is not.
 */
gboolean vc_vm_stop (VcVm *vm, gboolean gently, GError **error);

#define VC_VM_STOP_MS 10000u

/* vc_vm_kill - end QEMU at once, and wait for that */
void vc_vm_kill (VcVm *vm);
