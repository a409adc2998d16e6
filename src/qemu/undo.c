/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "plan/spell.h"
#include "qemu/applying.h"
#include "qemu/yank.h"

#define AGAIN_MS 20u  /* what is not released is asked for again   */
#define AGAIN_N  100u /* so often                                  */

static void undo_item (VcApplying *apply);

/* What a chardev has taken over is not there any more, and what it has not is no harm. */
static void
on_fd_back (VcJson *value, const GError *error, gpointer data)
{
  VcApplying *apply = data;

  if (error != NULL && vc_applying_is_end (error))
    {
      vc_applying_keep_error (apply, error);
      vc_applying_finish (apply);
      return;
    }
  vc_applying_take_back_fds (apply);
}

void
vc_applying_take_back_fds (VcApplying *apply)
{
  const VcProp *prop;

  if (apply->next_prop == apply->props->len)
    {
      vc_applying_undo (apply);
      return;
    }
  prop = apply->props->pdata[apply->next_prop++];
  vc_qmp_call (apply->qmp, vc_applying_fd_command (vc_applying_item (apply, apply->at), prop, FALSE),
               apply->command_ms, on_fd_back, apply);
}

/* The last item is gone: its descriptor sets, then the one before. */
static void
item_is_gone (VcApplying *apply)
{
  gboolean all = apply->unsure;

  vc_applying_stop_timer (apply);
  apply->waits_for = NULL;
  apply->unsure = FALSE;
  apply->n_again = 0;
  vc_applying_take_item (apply, --apply->at);
  for (guint n = apply->props->len; !all && n > 0; n--)
    if (((const VcProp *) apply->props->pdata[n - 1])->type != VC_PROP_FILE) /* the item took it over */
      g_ptr_array_remove_index (apply->props, n - 1);
  vc_applying_take_back_fds (apply);
}

static void
set_timer (VcApplying *apply, guint ms, GSourceFunc fn)
{
  apply->timer = g_timeout_source_new (ms);
  g_source_set_callback (apply->timer, fn, apply, NULL);
  g_source_attach (apply->timer, vc_qmp_context (apply->qmp));
}

static gboolean
on_too_long (gpointer data)
{
  VcApplying *apply = data;
  g_autoptr (GError) error = NULL;

  vc_applying_stop_timer (apply);
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

static gboolean
on_again (gpointer data)
{
  VcApplying *apply = data;

  vc_applying_stop_timer (apply);
  undo_item (apply);
  return G_SOURCE_REMOVE;
}

/* The last item is there still, and QEMU does not give it away. */
static void
ask_again (VcApplying *apply)
{
  if (apply->n_again++ == AGAIN_N)
    {
      vc_applying_keep_error (apply, apply->refusal);
      vc_applying_finish (apply);
      return;
    }
  set_timer (apply, AGAIN_MS, on_again);
}

static void
on_chardevs (VcJson *value, const GError *error, gpointer data)
{
  VcApplying *apply = data;

  if (error == NULL && !is_listed (value, vc_props_id (vc_applying_item (apply, apply->at - 1)->props)))
    item_is_gone (apply);
  else if (error != NULL && vc_applying_is_end (error))
    {
      vc_applying_keep_error (apply, error);
      vc_applying_finish (apply);
    }
  else
    ask_again (apply);
}

static void
on_refused (VcApplying *apply, const GError *error)
{
  VcQClass what = vc_applying_item (apply, apply->at - 1)->what;

  if (vc_applying_is_end (error) || what == VC_Q_DEVICE)
    {
      vc_applying_keep_error (apply, error);
      vc_applying_finish (apply);
      return;
    }
  g_clear_error (&apply->refusal);
  apply->refusal = g_error_copy (error);
  if (what == VC_Q_CHARDEV)
    vc_qmp_call (apply->qmp, vc_qmp_command ("query-chardev", NULL), apply->command_ms, on_chardevs, apply);
  else
    ask_again (apply);
}

static void
on_undone (VcJson *value, const GError *error, gpointer data)
{
  VcApplying *apply = data;

  if (error != NULL && !g_error_matches (error, VC_ERROR, VC_ERROR_NOT_FOUND)
      && !(apply->unsure && !vc_applying_is_end (error)))
    {
      on_refused (apply, error);
      return;
    }
  apply->asked = TRUE;
  if (error != NULL || apply->waits_for == NULL || apply->released)
    item_is_gone (apply);
  else if (!apply->told)
    set_timer (apply, apply->timeout_ms, on_too_long);
}

/* A handshake that was yanked ends in the next round of QEMU's main loop: a second command sees to it that
 * there was one. */

static void
on_settled (VcJson *value, const GError *error, gpointer data)
{
  VcApplying *apply = data;

  if (error != NULL && vc_applying_is_end (error))
    {
      vc_applying_keep_error (apply, error);
      vc_applying_finish (apply);
      return;
    }
  undo_item (apply);
}

/* There may be no connection, and nothing to yank. */
static void
on_yanked (VcJson *value, const GError *error, gpointer data)
{
  VcApplying *apply = data;

  if (error != NULL && vc_applying_is_end (error))
    on_settled (NULL, error, apply);
  else
    vc_qmp_call (apply->qmp, vc_qmp_command ("query-status", NULL), apply->command_ms, on_settled, apply);
}

void
vc_applying_undo (VcApplying *apply)
{
  VcJson *command = apply->at > 0 ? vc_yank_command (apply->plan, apply->at - 1) : NULL;

  if (command != NULL)
    vc_qmp_call (apply->qmp, command, apply->command_ms, on_yanked, apply);
  else
    undo_item (apply);
}

static void
undo_item (VcApplying *apply)
{
  const VcPlanItem *item;
  const char *gone = NULL;
  g_autoptr (GError) error = NULL;
  VcJson *command;

  if (apply->at == 0)
    {
      vc_applying_finish (apply);
      return;
    }
  item = vc_applying_item (apply, apply->at - 1);
  command = vc_spell_qmp_undo (item, &gone, &error);
  if (command == NULL)
    {
      vc_applying_keep_error (apply, error);
      vc_applying_finish (apply);
      return;
    }
  apply->waits_for = gone != NULL ? vc_props_id (item->props) : NULL;
  apply->asked = apply->released = FALSE;
  vc_qmp_call (apply->qmp, command, apply->command_ms, on_undone, apply);
}

static void
on_refused_by_guest (VcApplying *apply)
{
  if (apply->error == NULL)
    vc_fail (&apply->error, VC_ERROR_BUSY, "the guest refuses to release '%s'", apply->waits_for);
  vc_applying_finish (apply);
}

void
vc_applying_on_event (const char *event, VcJson *values, gpointer data)
{
  VcApplying *apply = data;
  const char *device = event != NULL && values != NULL ? vc_json_str (values, "device") : NULL;

  if (event == NULL) /* and no command is on its way, whose answer would have ended this */
    {
      if (apply->error == NULL)
        vc_fail (&apply->error, VC_ERROR_GONE, "the connection to QEMU has ended");
      vc_applying_finish (apply);
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
