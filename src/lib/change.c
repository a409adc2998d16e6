/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/change.h"

#include "base/error.h"
#include "devices/change.h"
#include "devices/disk.h"
#include "lib/plugging.h"
#include "lib/startplan.h"
#include "qemu/apply.h"

/* How this works
 *
 *   a link:    description -> set_link
 *   a medium:  description -> new block nodes -> tray open -> old medium out -> new one in -> tray shut
 *              -> old block nodes gone
 *
 * The device and the wanted one have exchanged what changes; what fails exchanges it back.  A guest that has
 * locked its drive is asked to open it, and has VC_UNPLUG_MS for that.
 */

typedef struct
{
  VcPlug *plug;
  VcDevice *dev, *wanted;
  gboolean force;
  VcPlan *old;   /* block nodes of the medium that leaves, out of the plan of the run */
  GError *error; /* why all is taken back                                           */
  guint timer;   /* the guest is waited for                                         */
  gboolean waits;
} Change;

static void
change_free (Change *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  vc_device_free (self->wanted);
  if (self->old != NULL)
    vc_plan_free (self->old);
  g_clear_error (&self->error);
  g_free (self);
}

/* The last call. */
static void
finish (Change *self_taken)
{
  VcPlug *plug = self_taken->plug;

  vc_plug_tell (plug, self_taken->error);
  vc_plug_over (plug);
  change_free (self_taken);
}

static void
call (Change *self, VcJson *command, VcQmpReplyFn fn)
{
  vc_qmp_call (vc_plug_qmp (self->plug->run), command, VC_APPLY_MS, fn, self);
}

static gboolean
fail (Change *self, const GError *error)
{
  if (error == NULL && vc_plug_qmp (self->plug->run) != NULL)
    return FALSE;
  if (error != NULL)
    self->error = g_error_copy (error);
  else
    vc_fail (&self->error, VC_ERROR_GONE, "the guest has ended");
  return TRUE;
}

/* Links. */

VcJson *
vc_link_command (const VcDevice *dev)
{
  VcJson *arguments = json_object ();

  json_object_set_new (arguments, "name", json_string (dev->alias));
  json_object_set_new (arguments, "up", json_boolean (!vc_link_is_down (dev)));
  return vc_qmp_command ("set_link", arguments);
}

void
vc_links_begin (VcRun *run)
{
  const GPtrArray *devices = run->description->domain->devices;

  for (guint n = 0; !run->found && n < devices->len; n++)
    if (vc_link_is_down (devices->pdata[n]))
      vc_qmp_call (vc_plug_qmp (run), vc_link_command (devices->pdata[n]), VC_APPLY_MS, NULL, NULL);
}

static void
on_link (VcJson *value, const GError *error, gpointer data)
{
  Change *self = data;

  if (fail (self, error))
    vc_device_change (self->dev, self->wanted);
  finish (self);
}

/* Media. */

static VcJson *
tray_command (const Change *self, const char *name)
{
  VcJson *arguments = json_object ();

  json_object_set_new (arguments, "id", json_string (self->dev->alias));
  if (g_str_equal (name, "blockdev-open-tray") && self->force)
    json_object_set_new (arguments, "force", json_true ());
  return vc_qmp_command (name, arguments);
}

/* The uppermost node of a medium. */
static VcJson *
insert_command (const Change *self, const VcPlan *blocks)
{
  VcJson *arguments = json_object ();

  json_object_set_new (arguments, "id", json_string (self->dev->alias));
  json_object_set_new (arguments, "node-name",
                       json_string (vc_props_id (vc_plan_nth (blocks, vc_plan_n (blocks) - 1)->props)));
  return vc_qmp_command ("blockdev-insert-medium", arguments);
}

/* Taking it back. */

static void
on_new_gone (VcApplyNews news, guint n_there, const GError *error, gpointer data)
{
  Change *self = data;

  if (news == VC_APPLY_IS_OVER)
    finish (self);
}

static void
drop_new (Change *self)
{
  vc_device_change (self->dev, self->wanted);
  if (self->old != NULL)
    vc_plan_join (self->plug->run->plan, g_steal_pointer (&self->old));
  vc_fds_undo (self->plug->fds);
  if (vc_plug_qmp (self->plug->run) != NULL)
    vc_unapply (vc_plug_qmp (self->plug->run), self->plug->plan, VC_UNPLUG_MS, on_new_gone, self);
  else
    finish (self);
}

static void
on_shut_again (VcJson *value, const GError *error, gpointer data)
{
  drop_new (data);
}

static void
shut_again (Change *self)
{
  if (vc_plug_qmp (self->plug->run) != NULL)
    call (self, tray_command (self, "blockdev-close-tray"), on_shut_again);
  else
    drop_new (self);
}

static void
on_old_back (VcJson *value, const GError *error, gpointer data)
{
  shut_again (data);
}

/* Going on. */

static void
on_old_gone (VcApplyNews news, guint n_there, const GError *error, gpointer data)
{
  Change *self = data;

  if (news != VC_APPLY_IS_OVER)
    return;
  vc_fds_drop (self->plug->run->fds, self->old);
  finish (self); /* the medium has changed, whatever is left of the old one */
}

static void
on_shut (VcJson *value, const GError *error, gpointer data)
{
  Change *self = data;
  VcRun *run = self->plug->run;

  vc_plan_join (run->plan, g_steal_pointer (&self->plug->plan));
  vc_fds_join (run->fds, g_steal_pointer (&self->plug->fds));
  if (vc_plug_qmp (run) != NULL)
    vc_unapply (vc_plug_qmp (run), self->old, VC_UNPLUG_MS, on_old_gone, self);
  else
    finish (self);
}

static void
on_inserted (VcJson *value, const GError *error, gpointer data)
{
  Change *self = data;

  if (!fail (self, error))
    call (self, tray_command (self, "blockdev-close-tray"), on_shut);
  else if (vc_plug_qmp (self->plug->run) != NULL && vc_plan_n (self->old) > 0)
    call (self, insert_command (self, self->old), on_old_back);
  else
    shut_again (self);
}

static void
insert (Change *self)
{
  self->old = vc_plan_split_blocks (self->plug->run->plan, self->dev);
  if (vc_plan_n (self->plug->plan) > 0)
    call (self, insert_command (self, self->plug->plan), on_inserted);
  else
    on_inserted (NULL, NULL, self);
}

static void on_tray (const char *event, VcJson *values, gpointer data);

static void
stop_waiting (Change *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->waits && vc_plug_qmp (self->plug->run) != NULL)
    vc_qmp_unlisten (vc_plug_qmp (self->plug->run), on_tray, self);
  self->waits = FALSE;
}

static void
on_removed (VcJson *value, const GError *error, gpointer data)
{
  Change *self = data;

  if (fail (self, error))
    shut_again (self);
  else
    insert (self);
}

static void
remove_medium (Change *self, VcQmpReplyFn fn)
{
  call (self, tray_command (self, "blockdev-remove-medium"), fn);
}

static void
on_last_try (VcJson *value, const GError *error, gpointer data)
{
  Change *self = data;

  if (error == NULL || !g_error_matches (error, VC_ERROR, VC_ERROR_QEMU))
    {
      on_removed (value, error, self);
      return;
    }
  vc_fail (&self->error, VC_ERROR_BUSY, "the guest has locked the drive '%s', and does not open it",
           self->dev->alias);
  drop_new (self);
}

/* It may have opened before anybody listened. */
static gboolean
on_locked (gpointer data)
{
  Change *self = data;

  self->timer = 0;
  stop_waiting (self);
  remove_medium (self, on_last_try);
  return G_SOURCE_REMOVE;
}

static void
on_tray (const char *event, VcJson *values, gpointer data)
{
  Change *self = data;
  gboolean is_open = FALSE;

  if (event == NULL || values == NULL)
    {
      if (event == NULL)
        {
          stop_waiting (self);
          fail (self, NULL);
          drop_new (self);
        }
      return;
    }
  if (!g_str_equal (event, "DEVICE_TRAY_MOVED")
      || g_strcmp0 (vc_json_str (values, "id"), self->dev->alias) != 0
      || !vc_json_bool (values, "tray-open", &is_open) || !is_open)
    return;
  stop_waiting (self);
  remove_medium (self, on_removed);
}

/* QEMU's answer to the opening does not tell whether the guest has locked the drive: this one does. */
static void
on_first_try (VcJson *value, const GError *error, gpointer data)
{
  Change *self = data;

  if (error == NULL || !g_error_matches (error, VC_ERROR, VC_ERROR_QEMU) || self->force)
    {
      on_removed (value, error, self);
      return;
    }
  self->waits = TRUE;
  vc_qmp_listen (vc_plug_qmp (self->plug->run), on_tray, self);
  self->timer = g_timeout_add (VC_UNPLUG_MS, on_locked, self);
}

static void
on_open (VcJson *value, const GError *error, gpointer data)
{
  Change *self = data;

  if (fail (self, error))
    drop_new (self);
  else
    remove_medium (self, on_first_try);
}

static void
on_new_there (VcApplyNews news, guint n_there, const GError *error, gpointer data)
{
  Change *self = data;

  if (error == NULL && vc_plug_qmp (self->plug->run) != NULL)
    {
      call (self, tray_command (self, "blockdev-open-tray"), on_open);
      return;
    }
  if (news != VC_APPLY_IS_OVER)
    return;
  fail (self, error);
  vc_device_change (self->dev, self->wanted);
  vc_fds_undo (self->plug->fds);
  finish (self);
}

static gboolean
start_medium (Change *self, GPtrArray *warnings, GError **error)
{
  VcRun *run = self->plug->run;
  g_autoptr (VcPlan) whole = NULL;
  g_autoptr (VcPlan) blocks = NULL;

  vc_disk_renumber (self->dev, self->wanted, vc_domain_peers (run->description->domain));
  whole = vc_live_plan (run->description, run->paths, run->conf, error);
  if (whole == NULL)
    return FALSE;
  blocks = vc_plan_split_blocks (whole, self->dev);
  if (vc_plan_n (blocks) == 0) /* a drive that is to be empty */
    {
      self->plug->plan = g_steal_pointer (&blocks);
      self->plug->fds = vc_fds_open_more (self->plug->plan, run->user, &run->last_set, error);
      if (self->plug->fds == NULL)
        return FALSE;
    }
  else if (!vc_plug_prepare (self->plug, blocks, warnings, error))
    return FALSE;
  if (run->watch.on_coming != NULL && !run->watch.on_coming (run, error, run->data))
    return FALSE;
  vc_apply (vc_plug_qmp (run), self->plug->plan, VC_APPLY_MS, on_new_there, self);
  return TRUE;
}

static gboolean
start (Change *self, VcChange change, GPtrArray *warnings, GError **error)
{
  if (change == VC_CHANGE_MEDIUM)
    return start_medium (self, warnings, error);
  call (self, vc_link_command (self->dev), on_link);
  return TRUE;
}

gboolean
vc_run_change (VcRun *run, VcDevice *dev, VcDevice *wanted_taken, gboolean force, VcPlugFn done,
               gpointer data, GPtrArray *warnings, GError **error)
{
  g_autoptr (VcDevice) wanted = wanted_taken;
  VcChange change;
  Change *self;

  if (!vc_run_check_quiet (run, error))
    return FALSE;
  if (vc_plug_find (run, dev) != NULL)
    return vc_fail (error, VC_ERROR_BUSY, "'%s' is on its way already", dev->alias);
  change = vc_device_change (dev, wanted);
  if (change == VC_CHANGE_NONE)
    return vc_device_fail_unsupported (
        wanted, error,
        "cannot be changed like this while the domain runs: detach it and attach another one, or change the "
        "definition only");
  self = g_new0 (Change, 1);
  self->plug = vc_plug_new (run, g_ptr_array_new (), done, data);
  self->dev = dev;
  self->wanted = g_steal_pointer (&wanted);
  self->force = force;
  g_ptr_array_add (self->plug->devices, dev);
  vc_plug_add (self->plug);
  if (start (self, change, warnings, error))
    return TRUE;
  vc_device_change (dev, self->wanted);
  if (self->plug->fds != NULL)
    vc_fds_undo (self->plug->fds);
  vc_plug_over (self->plug);
  change_free (self);
  return FALSE;
}
