/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/fds.h"
#include "host/lock.h"
#include "host/logcap.h"
#include "lib/run.h"

/* Shared by the files of this folder only. */

struct VcRun
{
  VcDescription *description;
  const VcPaths *paths;
  VcRunWatch watch;
  gpointer data;

  /* In the order in which they are made. */
  VcQemuConf *conf;
  VcUser *user;
  VcLock *lock;
  gboolean has_folder;
  VcPlan *plan;
  VcFds *fds;
  int log; /* of QEMU, -1: none */
  VcLogCap *cap;
  VcVm *vm;
  gboolean has_record;

  GPtrArray *plugs;     /* VcPlug that are not over                                      */
  guint last_set;       /* number of a descriptor set that QEMU was given                */
  char *card;           /* what QEMU's own card was told; NULL: it has none yet          */
  gboolean no_card;     /* … and it failed                                              */
  gboolean viewer_card; /* QEMU has, or had, the card of a SPICE viewer */

  gboolean found;  /* somebody else started it */
  guint unsettled; /* what keeps a found run from being as it is described */
  gboolean paused;
  gboolean incoming;
  gboolean was_ready;
  guint retries;
  guint retry; /* source; 0: none */
};

/* vc_plug_begin - QEMU is ready: see to devices that come and go (plug.c) */
void vc_plug_begin (VcRun *run);

/* vc_links_begin - QEMU is ready, and its guest does not run yet: take the cables out that are to be out
 * (change.c)
 */
void vc_links_begin (VcRun *run);

/* vc_plug_add_sockets - add the paths of sockets of devices that are coming (plug.c) */
void vc_plug_add_sockets (const VcRun *run, GStrvBuilder *list);

/* vc_plug_end - the run ends; all that came and went is over (plug.c) */
void vc_plug_end (VcRun *run);

/* vc_plug_check_card - can QEMU's own card or the SPICE viewer's, if the plan has it, come now? (plugcheck.c)
 *
 * asked is the device that it is about.  Returns: FALSE with VC_ERROR_UNSUPPORTED.
 */
gboolean vc_plug_check_card (const VcRun *run, const VcPlan *plan, const VcDevice *asked, GError **error);

/* vc_plug_note_card - QEMU is told of cards by this plan; TRUE when its own one is there for the first time
 */
gboolean vc_plug_note_card (VcRun *run, const VcPlan *plan);

/* vc_plug_check_encryption - does the plan encrypt a device's connection that is to be encrypted?
 *
 * Returns: FALSE with VC_ERROR_UNSUPPORTED.
 */
gboolean vc_plug_check_encryption (const VcPlan *plan, const VcDevice *asked, GError **error);
