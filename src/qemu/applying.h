/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu/apply.h"

/* A plan that is being applied or taken away: apply.c adds, undo.c takes away; apply.c tells how. */

typedef struct
{
  VcQmp *qmp;
  const VcPlan *plan;
  VcApplyFn fn;
  gpointer data;
  guint command_ms;
  guint timeout_ms; /* of a guest */

  guint at;
  gboolean undoing;
  gboolean unsure;  /* the item at has no answer: it may be there or not */
  GPtrArray *props; /* of the item at: those with a descriptor           */
  guint next_prop;  /* of them: the next to send or to take back         */
  GError *error;    /* the first                                         */
  GError *refusal;  /* the last, of what is asked for again              */
  guint n_again;    /* how often it was                                  */

  const char *waits_for; /* id of a device, borrowed; NULL: none         */
  gboolean asked;        /* its device_del was answered                  */
  gboolean released;     /* its event came                               */
  gboolean told;         /* VC_APPLY_WAITS                               */
  GSource *timer;
} VcApplying;

void vc_applying_stop_timer (VcApplying *apply);

/* vc_applying_finish - the end of everything: told, and freed */
void vc_applying_finish (VcApplying *apply_taken);

/* vc_applying_keep_error - it is the one to be told, unless there was one before */
void vc_applying_keep_error (VcApplying *apply, const GError *error);

/* vc_applying_is_end - has the connection ended? */
gboolean vc_applying_is_end (const GError *error);

const VcPlanItem *vc_applying_item (const VcApplying *apply, guint n);

/* vc_applying_take_item - find the descriptors of the nth item */
void vc_applying_take_item (VcApplying *apply, guint n);

/* vc_applying_fd_command - Returns: new: give QEMU a descriptor, or take it back */
VcJson *vc_applying_fd_command (const VcPlanItem *item, const VcProp *prop, gboolean add);

/* vc_applying_take_back_fds - those that were found, from next_prop on; then the item before goes */
void vc_applying_take_back_fds (VcApplying *apply);

/* vc_applying_undo - take away the last item that is there, and all before it */
void vc_applying_undo (VcApplying *apply);

/* vc_applying_on_event - VcQmpEventFn: a device has gone, or the connection */
void vc_applying_on_event (const char *event, VcJson *values, gpointer data);
