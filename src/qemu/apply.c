/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/apply.h"

#include "base/error.h"
#include "plan/spell.h"
#include "qemu/applying.h"

/* How this works
 *
 *   adding:   [getfd | add-fd]... add  ->  next item  ->  over
 *                    |             |
 *                    +-- refused --+-> undoing, from the item before
 *
 *   undoing:  [yank -> query-status]  ->  del  ->  wait for the event, if the row names one
 *                ->  [remove-fd]...  ->  item before  ->  over
 *
 * at is the number of items that are there: adding counts up, undoing down.  One command is on its way at a
 * time.  The event that a device is gone may come before the answer to its device_del, a moment after, or
 * when the guest pleases.
 *
 * QEMU forgets the name of a device a moment before it lets go of what the device has: whoever comes between
 * (a manager after another that was killed) is told that the device is not there, and that its chardev is
 * busy.  So what is not released is asked for again for a while.
 */

static void add_next (VcApplying *apply);

/* Not the item itself, but descriptors of it, may be there. */
static void
give_up_item (VcApplying *apply)
{
  guint sent = apply->next_prop;

  apply->undoing = TRUE;
  g_ptr_array_set_size (apply->props, (int) sent);
  apply->next_prop = 0;
  vc_applying_take_back_fds (apply);
}

static void
on_added (VcJson *value, const GError *error, gpointer data)
{
  VcApplying *apply = data;

  if (error == NULL)
    {
      apply->at++;
      add_next (apply);
      return;
    }
  vc_applying_keep_error (apply, error);
  if (vc_applying_is_end (error))
    vc_applying_finish (apply);
  else if (g_error_matches (error, VC_ERROR, VC_ERROR_BUSY)) /* no answer: it may still be created */
    {
      apply->at++;
      apply->unsure = apply->undoing = TRUE;
      vc_applying_undo (apply);
    }
  else
    give_up_item (apply);
}

static void add_item (VcApplying *apply);

static void
on_fd_sent (VcJson *value, const GError *error, gpointer data)
{
  VcApplying *apply = data;

  if (error == NULL)
    {
      add_item (apply);
      return;
    }
  vc_applying_keep_error (apply, error);
  if (vc_applying_is_end (error))
    vc_applying_finish (apply);
  else
    give_up_item (apply);
}

/* The next descriptor, or else the item. */
static void
add_item (VcApplying *apply)
{
  const VcPlanItem *item = vc_applying_item (apply, apply->at);
  g_autoptr (GError) error = NULL;
  VcJson *command;

  if (apply->next_prop < apply->props->len)
    {
      const VcProp *prop = apply->props->pdata[apply->next_prop++];

      vc_qmp_call_fd (apply->qmp, vc_applying_fd_command (item, prop, TRUE), prop->fd, apply->command_ms,
                      on_fd_sent, apply);
      return;
    }
  command = vc_spell_qmp (item, &error);
  if (command == NULL)
    {
      vc_applying_keep_error (apply, error);
      give_up_item (apply);
      return;
    }
  vc_qmp_call (apply->qmp, command, apply->command_ms, on_added, apply);
}

static void
add_next (VcApplying *apply)
{
  if (apply->at == vc_plan_n (apply->plan))
    {
      vc_applying_finish (apply);
      return;
    }
  vc_applying_take_item (apply, apply->at);
  add_item (apply);
}

static VcApplying *
apply_new (VcQmp *qmp, const VcPlan *plan, VcApplyFn fn, gpointer data)
{
  VcApplying *apply = g_new0 (VcApplying, 1);

  apply->qmp = qmp;
  apply->plan = plan;
  apply->fn = fn;
  apply->data = data;
  apply->command_ms = VC_APPLY_MS;
  apply->timeout_ms = VC_UNPLUG_MS;
  apply->props = g_ptr_array_new ();
  vc_qmp_listen (qmp, vc_applying_on_event, apply);
  return apply;
}

/* The first step, too, is taken from the main context: its function is not called from inside. */
static gboolean
on_begin (gpointer data)
{
  VcApplying *apply = data;

  g_clear_pointer (&apply->timer, g_source_unref);
  if (apply->undoing)
    vc_applying_undo (apply);
  else
    add_next (apply);
  return G_SOURCE_REMOVE;
}

static void
begin (VcApplying *apply)
{
  apply->timer = g_idle_source_new ();
  g_source_set_callback (apply->timer, on_begin, apply, NULL);
  g_source_attach (apply->timer, vc_qmp_context (apply->qmp));
}

void
vc_apply (VcQmp *qmp, const VcPlan *plan, guint command_ms, VcApplyFn fn, gpointer data)
{
  VcApplying *apply = apply_new (qmp, plan, fn, data);

  apply->command_ms = command_ms;
  begin (apply);
}

void
vc_unapply (VcQmp *qmp, const VcPlan *plan, guint timeout_ms, VcApplyFn fn, gpointer data)
{
  VcApplying *apply = apply_new (qmp, plan, fn, data);

  apply->undoing = TRUE;
  apply->at = vc_plan_n (plan);
  apply->timeout_ms = timeout_ms;
  begin (apply);
}
