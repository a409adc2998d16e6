/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/applying.h"

#include "base/error.h"
#include "plan/spell.h"

void
vc_applying_stop_timer (VcApplying *apply)
{
  if (apply->timer == NULL)
    return;
  g_source_destroy (apply->timer);
  g_clear_pointer (&apply->timer, g_source_unref);
}

void
vc_applying_finish (VcApplying *apply_taken)
{
  VcApplying *apply = apply_taken;

  vc_applying_stop_timer (apply);
  vc_qmp_unlisten (apply->qmp, vc_applying_on_event, apply);
  apply->fn (VC_APPLY_IS_OVER, apply->at, apply->error, apply->data);
  g_clear_error (&apply->error);
  g_clear_error (&apply->refusal);
  g_ptr_array_unref (apply->props);
  g_free (apply);
}

void
vc_applying_keep_error (VcApplying *apply, const GError *error)
{
  if (apply->error == NULL)
    apply->error = g_error_copy (error);
}

gboolean
vc_applying_is_end (const GError *error)
{
  return g_error_matches (error, VC_ERROR, VC_ERROR_GONE)
         || g_error_matches (error, VC_ERROR, VC_ERROR_PROTOCOL);
}

const VcPlanItem *
vc_applying_item (const VcApplying *apply, guint n)
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

void
vc_applying_take_item (VcApplying *apply, guint n)
{
  g_ptr_array_set_size (apply->props, 0);
  apply->next_prop = 0;
  find_props (apply->props, vc_applying_item (apply, n)->props);
}

VcJson *
vc_applying_fd_command (const VcPlanItem *item, const VcProp *prop, gboolean add)
{
  VcJson *arguments = json_object ();
  gboolean set = prop->type == VC_PROP_FILE;
  g_autofree char *name = vc_spell_fd_name (item->props, prop);

  json_object_set_new (arguments, set ? "fdset-id" : "fdname",
                       set ? json_integer (prop->fdset) : json_string (name));
  return vc_qmp_command (set ? (add ? "add-fd" : "remove-fd") : (add ? "getfd" : "closefd"), arguments);
}
