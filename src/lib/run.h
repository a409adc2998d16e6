/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/vm.h"
#include "lib/hostcheck.h"

/* A guest that this process runs, from its description to its end.
 *
 * describe, check the host, ports, plan, files and sockets, QEMU: each step undoes itself when a later one
 * fails, and when the guest is off nothing is left but what it wrote. */
typedef struct VcRun VcRun;

typedef struct
{
  VcStepFn on_step; /* also called for the start of QEMU; may be NULL */

  /* From the main context; neither may free the run. */
  void (*on_news) (VcRun *run, VcVmNews news, gpointer data);
  /* An event of QEMU's, before what follows from it; may be NULL. */
  void (*on_event) (VcRun *run, const char *event, VcJson *values, gpointer data);
  /* It is over; the last call.  error: borrowed; with VC_VM_BY_FAULT why, else NULL. */
  void (*on_end) (VcRun *run, VcVmEnd end, const GError *error, gpointer data);
  /* Devices (VcDevice) are in the description, and are to be completed by what only the listener knows.  May
   * be NULL. */
  void (*on_added) (VcRun *run, GPtrArray *devices, gpointer data);
  /* A device is coming: it stands in the description, and QEMU is told next.  FALSE with error: it is not to.
   * May be NULL. */
  gboolean (*on_coming) (VcRun *run, GError **error, gpointer data);
  /* A run that was found is as it is described: what had left meanwhile is out of it.  May be NULL. */
  void (*on_settled) (VcRun *run, gpointer data);
  /* A device has left, asked to or by itself; may be NULL. */
  void (*on_left) (VcRun *run, const char *alias, gpointer data);
} VcRunWatch;

/* How a guest is started. */
typedef enum
{
  VC_RUN_PAUSED = 1, /* leave it held                                                                      */
  VC_RUN_INCOMING = 2, /* … and without a state: one is to be loaded, by migrate-incoming, before it runs */
  VC_RUN_CHECKED = 4,  /* the caller has just called vc_check_host                                        */
} VcRunFlags;

/* vc_run_new - start a guest
 *
 * Borrows description and paths for as long as the run lives, watch for this call.  Before it returns
 * QEMU's process is there; VC_VM_IS_READY says that QEMU is.
 *
 * Returns: new (free with vc_run_free), or NULL: errors (GError) has all that is wrong.  Adds to warnings
 * (char *) in both cases.
 */
VcRun *vc_run_new (VcDescription *description, const VcPaths *paths, guint flags, const VcRunWatch *watch,
                   gpointer data, GPtrArray *warnings, GPtrArray *errors);

/* What is known of a run beside its description and its record, for whoever takes it over. */
typedef struct
{
  char **sockets;       /* made for it outside of its folder                     */
  gboolean reboots;     /* as vc_vm_reboots says                                 */
  guint last_set;       /* number of a descriptor set that QEMU was given        */
  char *card;           /* what QEMU's own card was told; NULL: it has none yet  */
  gboolean no_card;     /* … and it failed                                       */
  gboolean viewer_card; /* QEMU has, or had, the card of a SPICE viewer  */
} VcRunFacts;

/* vc_run_get_facts - what is known of it now.  Returns: to be cleared with vc_run_facts_clear */
VcRunFacts vc_run_get_facts (const VcRun *run);
void vc_run_facts_clear (VcRunFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VcRunFacts, vc_run_facts_clear)

/* vc_run_find - take over a guest whose manager has gone
 *
 * As vc_run_new, but QEMU is there already: it is found by its record, and the news say what it does.  The
 * description is what was started, with its aliases.
 *
 * Returns: new, or NULL with error: VC_ERROR_GONE when it has ended; then nothing is left of it.
 */
VcRun *vc_run_find (VcDescription *description, const VcPaths *paths, const VcRunFacts *facts,
                    const VcRunWatch *watch, gpointer data, GError **error);

/* vc_run_leave - forget the guest, which goes on running; NULL is fine */
void vc_run_leave (VcRun *run);

/* vc_run_free - end the guest if it is not off, and remove what was made for it; NULL is fine */
void vc_run_free (VcRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcRun, vc_run_free)

/* vc_run_vm - its machine, borrowed until the main context runs again */
VcVm *vc_run_vm (VcRun *run);

/* vc_run_was_ready - did QEMU get as far as VC_VM_IS_READY? */
gboolean vc_run_was_ready (const VcRun *run);

/* vc_run_console - the path of the pseudo-terminal of the guest's first console, borrowed
 *
 * Without a console it is the first serial port.  Known from VC_VM_IS_READY on.
 *
 * Returns: NULL with VC_ERROR_UNSUPPORTED when the guest has none, or not on a pseudo-terminal.
 */
const char *vc_run_console (const VcRun *run, GError **error);

/* vc_run_places - where the guest can be met: "serial0: /dev/pts/3", "vnc: 127.0.0.1:5900"
 *
 * Known from VC_VM_IS_READY on.  Returns: new array of new strings.
 */
GPtrArray *vc_run_places (const VcRun *run);
