/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/yank.h"

#include "qemu/qmp.h"

static const char *
get_text (const VcPlanItem *item, const char *name)
{
  const VcProp *prop = item->props != NULL ? vc_props_get (item->props, name) : NULL;

  return prop != NULL ? prop->text : NULL;
}

/* Its own id, or that of what usb-redir takes along; NULL: frees none. */
static const char *
find_freed (const VcPlanItem *item)
{
  if (item->what == VC_Q_CHARDEV)
    return vc_props_id (item->props);
  if (item->what == VC_Q_DEVICE && g_strcmp0 (vc_props_driver (item->props), "usb-redir") == 0)
    return get_text (item, "chardev");
  return NULL;
}

static gboolean
knows_tls (const VcPlan *plan, const char *id)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);

      if (item->what == VC_Q_CHARDEV && g_strcmp0 (vc_props_id (item->props), id) == 0)
        return get_text (item, "tls-creds") != NULL;
    }
  return FALSE;
}

VcJson *
vc_yank_command (const VcPlan *plan, guint n)
{
  const char *id = find_freed (vc_plan_nth (plan, n));
  VcJson *instance, *instances, *arguments;

  if (id == NULL || !knows_tls (plan, id))
    return NULL;
  instance = json_object ();
  json_object_set_new (instance, "type", json_string ("chardev"));
  json_object_set_new (instance, "id", json_string (id));
  instances = json_array ();
  json_array_append_new (instances, instance);
  arguments = json_object ();
  json_object_set_new (arguments, "instances", instances);
  return vc_qmp_command ("yank", arguments);
}
