/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/props.h"

/* Things QEMU must create, in order.
 *
 * A plan is data: it knows no socket and no process.  plan/spell.h writes it as a command
 * line or as QMP commands; taking away goes through it backwards.
 */
typedef struct VcPlan VcPlan;

typedef enum
{
  VC_Q_WORD,   /* option with one raw word: -uuid, -kernel; or none: -S  */
  VC_Q_OPTION, /* option with key=value text: -machine, -cpu             */
  VC_Q_OBJECT,
  VC_Q_BLOCK,
  VC_Q_CHARDEV,
  VC_Q_NETDEV,
  VC_Q_AUDIO,
  VC_Q_DEVICE,
  VC_N_Q
} VcQClass;

typedef struct
{
  VcQClass what;
  const char *option;   /* WORD, OPTION: "-machine" (static); else NULL           */
  char *word;           /* WORD: its word, or NULL                                */
  VcProps *props;       /* all but WORD                                           */
  gconstpointer source; /* what it was made for (vc_plan_set_source), or NULL     */
} VcPlanItem;

VcPlan *vc_plan_new (void);
void vc_plan_free (VcPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcPlan, vc_plan_free)

/* vc_plan_add - a thing that could also be plugged in later
 *
 * Returns: its property list, owned by plan.
 */
VcProps *vc_plan_add (VcPlan *plan, VcQClass what, const char *driver, const char *id);

/* vc_plan_option - a command line option with properties; first is its leading value
 *
 * option must be a literal.  Returns: its property list, owned by plan.
 */
VcProps *vc_plan_option (VcPlan *plan, const char *option, const char *first);

/* vc_plan_word - a command line option with one word (NULL: none); option must be a literal */
void vc_plan_word (VcPlan *plan, const char *option, const char *word);

/* vc_plan_set_source - what the items added from here on are made for; borrows it
 *
 * The plan never looks at it: it is for whoever must find the way back, to say in which line a thing that
 * is missing on the host was asked for.
 */
void vc_plan_set_source (VcPlan *plan, gconstpointer source);

/* vc_plan_split - take out what was made for some sources, in its order
 *
 * Returns: new plan with these items; the others stay.
 */
VcPlan *vc_plan_split (VcPlan *plan, const GPtrArray *sources);

/* vc_plan_split_blocks - the same of one source's block nodes (VC_Q_BLOCK) only */
VcPlan *vc_plan_split_blocks (VcPlan *plan, gconstpointer source);

/* vc_plan_join - put another plan's items behind, from the first one on; takes the other plan */
void vc_plan_join (VcPlan *plan, VcPlan *more_taken);

guint vc_plan_n (const VcPlan *plan);
const VcPlanItem *vc_plan_nth (const VcPlan *plan, guint n);
