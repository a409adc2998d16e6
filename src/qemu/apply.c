/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/apply.h"

#include "base/error.h"
#include "plan/spell.h"
#include "qemu/yank.h"

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
 */

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
  GError *refusal;  /* of a chardev-remove that is looked into           */

  const char *waits_for; /* id of a device, borrowed; NULL: none         */
  gboolean asked;        /* its device_del was answered                  */
  gboolean released;     /* its event came                               */
  gboolean told;         /* VC_APPLY_WAITS                               */
  GSource *timer;
} Apply;

static void add_next (Apply *apply);
static void undo_next (Apply *apply);
static void undo_item (Apply *apply);
static void take_back_fds (Apply *apply);
static void on_event (const char *event, VcJson *values, gpointer data);

static void
stop_timer (Apply *apply)
{
  if (apply->timer == NULL)
    return;
  g_source_destroy (apply->timer);
  g_clear_pointer (&apply->timer, g_source_unref);
}

/* The end of everything. */
static void
finish (Apply *apply)
{
  stop_timer (apply);
  vc_qmp_unlisten (apply->qmp, on_event, apply);
  apply->fn (VC_APPLY_IS_OVER, apply->at, apply->error, apply->data);
  g_clear_error (&apply->error);
  g_clear_error (&apply->refusal);
  g_ptr_array_unref (apply->props);
  g_free (apply);
}

static void
keep_error (Apply *apply, const GError *error)
{
  if (apply->error == NULL)
    apply->error = g_error_copy (error);
}

static gboolean
is_end (const GError *error)
{
  return g_error_matches (error, VC_ERROR, VC_ERROR_GONE)
         || g_error_matches (error, VC_ERROR, VC_ERROR_PROTOCOL);
}

static const VcPlanItem *
item_of (const Apply *apply, guint n)
{
  return vc_plan_nth (apply->plan, n);
}

static void
find_props (GPtrArray *found, const VcProps *props)
{
  for (guint n = 0; n < vc_props_n (props); n++)
    {
      VcProp *prop = vc_props_nth (props, n);

      if (prop->type == VC_PROP_GROUP)
        find_props (found, prop->group);
      else if (prop->fd >= 0)
        g_ptr_array_add (found, prop);
    }
}

static void
take_item (Apply *apply, guint n)
{
  g_ptr_array_set_size (apply->props, 0);
  apply->next_prop = 0;
  find_props (apply->props, item_of (apply, n)->props);
}

static VcJson *
fd_command (const VcPlanItem *item, const VcProp *prop, gboolean add)
{
  VcJson *arguments = json_object ();
  gboolean set = prop->type == VC_PROP_FILE;
  g_autofree char *name = vc_spell_fd_name (item->props, prop);

  json_object_set_new (arguments, set ? "fdset-id" : "fdname",
                       set ? json_integer (prop->fdset) : json_string (name));
  return vc_qmp_command (set ? (add ? "add-fd" : "remove-fd") : (add ? "getfd" : "closefd"), arguments);
}

/* Undoing. */

/* What a chardev has taken over is not there any more, and what it has not is no harm. */
static void
on_fd_back (VcJson *value, const GError *error, gpointer data)
{
  Apply *apply = data;

  if (error != NULL && is_end (error))
    {
      keep_error (apply, error);
      finish (apply);
      return;
    }
  take_back_fds (apply);
}

static void
take_back_fds (Apply *apply)
{
  const VcProp *prop;

  if (apply->next_prop == apply->props->len)
    {
      undo_next (apply);
      return;
    }
  prop = apply->props->pdata[apply->next_prop++];
  vc_qmp_call (apply->qmp, fd_command (item_of (apply, apply->at), prop, FALSE), apply->command_ms,
               on_fd_back, apply);
}

/* The last item is gone: its descriptor sets, then the one before. */
static void
item_is_gone (Apply *apply)
{
  gboolean all = apply->unsure;

  stop_timer (apply);
  apply->waits_for = NULL;
  apply->unsure = FALSE;
  take_item (apply, --apply->at);
  for (guint n = apply->props->len; !all && n > 0; n--)
    if (((const VcProp *) apply->props->pdata[n - 1])->type != VC_PROP_FILE) /* the item took it over */
      g_ptr_array_remove_index (apply->props, n - 1);
  take_back_fds (apply);
}

static gboolean
on_too_long (gpointer data)
{
  Apply *apply = data;
  g_autoptr (GError) error = NULL;

  stop_timer (apply);
  apply->told = TRUE;
  vc_fail (&error, VC_ERROR_BUSY, "the guest has not released '%s' in %u ms, and may still do so",
           apply->waits_for, apply->timeout_ms);
  apply->fn (VC_APPLY_WAITS, apply->at, apply->error != NULL ? apply->error : error, apply->data);
  return G_SOURCE_REMOVE;
}

/* Was it taken away with its device?  usb-redir does that to its chardev. */
static gboolean
is_listed (const VcJson *chardevs, const char *id)
{
  for (gsize n = 0; n < json_array_size (chardevs); n++)
    if (g_strcmp0 (vc_json_str (json_array_get (chardevs, n), "label"), id) == 0)
      return TRUE;
  return FALSE;
}

static void
on_chardevs (VcJson *value, const GError *error, gpointer data)
{
  Apply *apply = data;

  if (error == NULL && !is_listed (value, vc_props_id (item_of (apply, apply->at - 1)->props)))
    {
      g_clear_error (&apply->refusal);
      item_is_gone (apply);
      return;
    }
  keep_error (apply, apply->refusal);
  finish (apply);
}

static void
on_undone (VcJson *value, const GError *error, gpointer data)
{
  Apply *apply = data;

  if (error != NULL && !g_error_matches (error, VC_ERROR, VC_ERROR_NOT_FOUND)
      && !(apply->unsure && !is_end (error)))
    {
      if (!is_end (error) && item_of (apply, apply->at - 1)->what == VC_Q_CHARDEV)
        {
          apply->refusal = g_error_copy (error);
          vc_qmp_call (apply->qmp, vc_qmp_command ("query-chardev", NULL), apply->command_ms, on_chardevs,
                       apply);
          return;
        }
      keep_error (apply, error);
      finish (apply);
      return;
    }
  apply->asked = TRUE;
  if (error != NULL || apply->waits_for == NULL || apply->released)
    {
      item_is_gone (apply);
      return;
    }
  if (apply->told)
    return;
  apply->timer = g_timeout_source_new (apply->timeout_ms);
  g_source_set_callback (apply->timer, on_too_long, apply, NULL);
  g_source_attach (apply->timer, vc_qmp_context (apply->qmp));
}

/* A handshake that was yanked ends in the next round of QEMU's main loop: a second command sees to it that
 * there was one. */

static void
on_settled (VcJson *value, const GError *error, gpointer data)
{
  Apply *apply = data;

  if (error != NULL && is_end (error))
    {
      keep_error (apply, error);
      finish (apply);
      return;
    }
  undo_item (apply);
}

/* There may be no connection, and nothing to yank. */
static void
on_yanked (VcJson *value, const GError *error, gpointer data)
{
  Apply *apply = data;

  if (error != NULL && is_end (error))
    on_settled (NULL, error, apply);
  else
    vc_qmp_call (apply->qmp, vc_qmp_command ("query-status", NULL), apply->command_ms, on_settled, apply);
}

static void
undo_next (Apply *apply)
{
  VcJson *command = apply->at > 0 ? vc_yank_command (apply->plan, apply->at - 1) : NULL;

  if (command != NULL)
    vc_qmp_call (apply->qmp, command, apply->command_ms, on_yanked, apply);
  else
    undo_item (apply);
}

static void
undo_item (Apply *apply)
{
  const VcPlanItem *item;
  const char *gone = NULL;
  g_autoptr (GError) error = NULL;
  VcJson *command;

  if (apply->at == 0)
    {
      finish (apply);
      return;
    }
  item = item_of (apply, apply->at - 1);
  command = vc_spell_qmp_undo (item, &gone, &error);
  if (command == NULL)
    {
      keep_error (apply, error);
      finish (apply);
      return;
    }
  apply->waits_for = gone != NULL ? vc_props_id (item->props) : NULL;
  apply->asked = apply->released = FALSE;
  vc_qmp_call (apply->qmp, command, apply->command_ms, on_undone, apply);
}

/* Events. */

static void
on_refused_by_guest (Apply *apply)
{
  if (apply->error == NULL)
    vc_fail (&apply->error, VC_ERROR_BUSY, "the guest refuses to release '%s'", apply->waits_for);
  finish (apply);
}

static void
on_event (const char *event, VcJson *values, gpointer data)
{
  Apply *apply = data;
  const char *device = event != NULL && values != NULL ? vc_json_str (values, "device") : NULL;

  if (event == NULL) /* and no command is on its way, whose answer would have ended this */
    {
      if (apply->error == NULL)
        vc_fail (&apply->error, VC_ERROR_GONE, "the connection to QEMU has ended");
      finish (apply);
      return;
    }
  if (apply->waits_for == NULL || g_strcmp0 (device, apply->waits_for) != 0)
    return;
  if (g_str_equal (event, "DEVICE_DELETED"))
    {
      apply->released = TRUE;
      if (apply->asked)
        item_is_gone (apply);
    }
  else if (g_str_equal (event, "DEVICE_UNPLUG_GUEST_ERROR") && apply->asked)
    on_refused_by_guest (apply);
}

/* Adding. */

/* Not the item itself, but descriptors of it, may be there. */
static void
give_up_item (Apply *apply)
{
  guint sent = apply->next_prop;

  apply->undoing = TRUE;
  g_ptr_array_set_size (apply->props, (int) sent);
  apply->next_prop = 0;
  take_back_fds (apply);
}

static void
on_added (VcJson *value, const GError *error, gpointer data)
{
  Apply *apply = data;

  if (error == NULL)
    {
      apply->at++;
      add_next (apply);
      return;
    }
  keep_error (apply, error);
  if (is_end (error))
    finish (apply);
  else if (g_error_matches (error, VC_ERROR, VC_ERROR_BUSY)) /* no answer: it may still be created */
    {
      apply->at++;
      apply->unsure = apply->undoing = TRUE;
      undo_next (apply);
    }
  else
    give_up_item (apply);
}

static void add_item (Apply *apply);

static void
on_fd_sent (VcJson *value, const GError *error, gpointer data)
{
  Apply *apply = data;

  if (error == NULL)
    {
      add_item (apply);
      return;
    }
  keep_error (apply, error);
  if (is_end (error))
    finish (apply);
  else
    give_up_item (apply);
}

/* The next descriptor, or else the item. */
static void
add_item (Apply *apply)
{
  const VcPlanItem *item = item_of (apply, apply->at);
  g_autoptr (GError) error = NULL;
  VcJson *command;

  if (apply->next_prop < apply->props->len)
    {
      const VcProp *prop = apply->props->pdata[apply->next_prop++];

      vc_qmp_call_fd (apply->qmp, fd_command (item, prop, TRUE), prop->fd, apply->command_ms, on_fd_sent,
                      apply);
      return;
    }
  command = vc_spell_qmp (item, &error);
  if (command == NULL)
    {
      keep_error (apply, error);
      give_up_item (apply);
      return;
    }
  vc_qmp_call (apply->qmp, command, apply->command_ms, on_added, apply);
}

static void
add_next (Apply *apply)
{
  if (apply->at == vc_plan_n (apply->plan))
    {
      finish (apply);
      return;
    }
  take_item (apply, apply->at);
  add_item (apply);
}

static Apply *
apply_new (VcQmp *qmp, const VcPlan *plan, VcApplyFn fn, gpointer data)
{
  Apply *apply = g_new0 (Apply, 1);

  apply->qmp = qmp;
  apply->plan = plan;
  apply->fn = fn;
  apply->data = data;
  apply->command_ms = VC_APPLY_MS;
  apply->timeout_ms = VC_UNPLUG_MS;
  apply->props = g_ptr_array_new ();
  vc_qmp_listen (qmp, on_event, apply);
  return apply;
}

/* The first step, too, is taken from the main context: its function is not called from inside. */
static gboolean
on_begin (gpointer data)
{
  Apply *apply = data;

  g_clear_pointer (&apply->timer, g_source_unref);
  if (apply->undoing)
    undo_next (apply);
  else
    add_next (apply);
  return G_SOURCE_REMOVE;
}

static void
begin (Apply *apply)
{
  apply->timer = g_idle_source_new ();
  g_source_set_callback (apply->timer, on_begin, apply, NULL);
  g_source_attach (apply->timer, vc_qmp_context (apply->qmp));
}

void
vc_apply (VcQmp *qmp, const VcPlan *plan, guint command_ms, VcApplyFn fn, gpointer data)
{
  Apply *apply = apply_new (qmp, plan, fn, data);

  apply->command_ms = command_ms;
  begin (apply);
}

void
vc_unapply (VcQmp *qmp, const VcPlan *plan, guint timeout_ms, VcApplyFn fn, gpointer data)
{
  Apply *apply = apply_new (qmp, plan, fn, data);

  apply->undoing = TRUE;
  apply->at = vc_plan_n (plan);
  apply->timeout_ms = timeout_ms;
  begin (apply);
}
