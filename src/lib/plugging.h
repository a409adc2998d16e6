/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "lib/internal.h"
#include "lib/plug.h"

/* What coming and going have in common: one device that is on its way (plug.c), or one card (card.c).
 *
 * A VcPlug is in run->plugs from vc_plug_add to vc_plug_over.  Somebody waits for it until vc_plug_tell. */
typedef struct
{
  VcRun *run;
  VcPlan *plan;       /* what QEMU is told now                                */
  GPtrArray *devices; /* VcDevice it is about: new ones, or the one that goes */
  VcFds *fds;         /* of new ones                                          */
  VcPlugFn done;      /* NULL: nobody waits (any more)                        */
  gpointer data;
  gboolean settles;    /* the run has not settled before it is over                  */
  gboolean has_left;   /* the one that was asked for: what goes now came along       */
  gboolean first_card; /* QEMU's own card was to come, and there was none before     */
} VcPlug;

/* vc_plug_new - something that comes or goes; devices may be added later.  Returns: new, for vc_plug_over */
VcPlug *vc_plug_new (VcRun *run, GPtrArray *devices_taken, VcPlugFn done, gpointer data);

/* vc_plug_add - it has begun */
void vc_plug_add (VcPlug *plug);

/* vc_plug_tell - tell who waits, if anybody still does; error is borrowed, NULL: it is done */
void vc_plug_tell (VcPlug *plug, const GError *error);

/* vc_plug_over - it is over; frees it */
void vc_plug_over (VcPlug *plug_taken);

/* vc_plug_settle - one thing less that keeps a found run from being as it is described */
void vc_plug_settle (VcRun *run);

/* vc_plug_find - the one that does something with a device now, borrowed, or NULL */
VcPlug *vc_plug_find (const VcRun *run, const VcDevice *dev);

/* vc_plug_qmp - the monitor of a run whose QEMU is ready, borrowed, or NULL */
VcQmp *vc_plug_qmp (const VcRun *run);

/* vc_plug_prepare - all that is to be known before QEMU is asked to create something
 *
 * Takes the devices' items out of the plan of the whole, checks the host for them, and opens their files and
 * sockets.  The last device is the one that was asked for.  The main context may run meanwhile.
 *
 * Returns: FALSE with error; what it opened goes with the plug.  Adds to warnings (char *).
 */
gboolean vc_plug_prepare (VcPlug *plug, VcPlan *whole, GPtrArray *warnings, GError **error);

/* vc_plug_finish - QEMU has created all: it joins the plan of the run, and who waits is told; ends the plug
 */
void vc_plug_finish (VcPlug *plug_taken);

/* vc_plug_is_there - is the device among the first n_there items, which QEMU still has? */
gboolean vc_plug_is_there (const VcPlug *plug, guint n_there);

/* vc_link_command - what tells QEMU of an interface's cable (change.c) */
VcJson *vc_link_command (const VcDevice *dev);

/* vc_card_settle - a run was found with an ejected card: take away what QEMU still has of it (card.c) */
void vc_card_settle (VcRun *run, VcDevice *dev);
