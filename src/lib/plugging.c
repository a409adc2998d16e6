/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/plugging.h"

#include "base/error.h"
#include "devices/change.h"
#include "devices/chardev.h"
#include "domain/attach.h"
#include "host/chardevtls.h"
#include "host/place.h"
#include "qemu/apply.h"

VcPlug *
vc_plug_new (VcRun *run, GPtrArray *devices_taken, VcPlugFn done, gpointer data)
{
  VcPlug *plug = g_new0 (VcPlug, 1);

  plug->run = run;
  plug->devices = devices_taken;
  plug->done = done;
  plug->data = data;
  return plug;
}

static void
plug_free (VcPlug *plug)
{
  if (plug->plan != NULL)
    vc_plan_free (plug->plan);
  g_ptr_array_unref (plug->devices);
  vc_fds_free (plug->fds);
  g_free (plug);
}

void
vc_plug_add (VcPlug *plug)
{
  g_ptr_array_add (plug->run->plugs, plug);
}

void
vc_plug_settle (VcRun *run)
{
  if (--run->unsettled == 0 && run->watch.on_settled != NULL)
    run->watch.on_settled (run, run->data);
}

void
vc_plug_over (VcPlug *plug_taken)
{
  VcRun *run = plug_taken->run;
  gboolean settles = plug_taken->settles;

  g_ptr_array_remove (run->plugs, plug_taken);
  plug_free (plug_taken);
  if (settles)
    vc_plug_settle (run);
}

void
vc_plug_tell (VcPlug *plug, const GError *error)
{
  VcPlugFn done = g_steal_pointer (&plug->done);

  if (plug->settles) /* as far as it can be told by now */
    {
      plug->settles = FALSE;
      vc_plug_settle (plug->run);
    }
  if (done != NULL)
    done (plug->run, error, plug->data);
}

VcPlug *
vc_plug_find (const VcRun *run, const VcDevice *dev)
{
  for (guint n = 0; n < run->plugs->len; n++)
    {
      VcPlug *plug = run->plugs->pdata[n];

      if (g_ptr_array_find (plug->devices, dev, NULL))
        return plug;
    }
  return NULL;
}

VcQmp *
vc_plug_qmp (const VcRun *run)
{
  return run->vm != NULL && run->plugs != NULL ? vc_vm_qmp (run->vm) : NULL;
}

static gboolean
check_state (const VcRun *run, GError **error)
{
  if (vc_plug_qmp (run) != NULL)
    return TRUE;
  return vc_fail (error, VC_ERROR_STATE, "devices come and go while a guest runs or is held, and it is %s",
                  vc_vm_state_name (run->vm != NULL ? vc_vm_state (run->vm) : VC_VM_OFF));
}

gboolean
vc_run_check_quiet (const VcRun *run, GError **error)
{
  if (!check_state (run, error))
    return FALSE;
  if (run->unsettled > 0)
    return vc_fail (error, VC_ERROR_BUSY, "what the guest has is still being found out");
  for (guint n = 0; n < run->plugs->len; n++)
    if (((const VcPlug *) run->plugs->pdata[n])->done != NULL)
      return vc_fail (error, VC_ERROR_BUSY, "another device is being attached or detached");
  return TRUE;
}

gboolean
vc_plug_is_there (const VcPlug *plug, guint n_there)
{
  for (guint n = 0; n < n_there; n++)
    if (vc_plan_nth (plug->plan, n)->what == VC_Q_DEVICE)
      return TRUE;
  return n_there > 0 && n_there == vc_plan_n (plug->plan);
}

/* Under the key that QEMU was given at the start. */
static gboolean
seal_secrets (VcPlug *plug, GError **error)
{
  const VcRun *run = plug->run;
  g_autofree char *folder = vc_paths_get_guest (run->paths, run->description->domain->uuid);
  g_autoptr (VcChardevTls) tls = vc_chardev_tls_find (run->conf, NULL, error);

  return tls != NULL && vc_chardev_tls_seal (tls, run->paths, folder, plug->plan, error);
}

/* What the guest has not released yet takes along whatever sits on it by then. */
static gboolean
check_stays (const VcPlug *plug, const VcDevice *asked, GError **error)
{
  const VcRun *run = plug->run;

  for (guint n = 0; n < run->plugs->len; n++)
    {
      const VcPlug *other = run->plugs->pdata[n];
      const VcDevice *leaving = other != plug && other->devices->len > 0 ? other->devices->pdata[0] : NULL;

      if (leaving == NULL || vc_domain_find_on (run->description->domain, leaving) == NULL)
        continue;
      vc_fail (error, VC_ERROR_BUSY,
               "it would sit on '%s', which was asked to leave and which the guest has not released yet",
               leaving->alias);
      return vc_place_prefix (asked, error);
    }
  return TRUE;
}

gboolean
vc_plug_prepare (VcPlug *plug, VcPlan *whole, GPtrArray *warnings, GError **error)
{
  VcRun *run = plug->run;
  const VcDevice *asked = plug->devices->pdata[plug->devices->len - 1];
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();

  plug->plan = vc_plan_split (whole, plug->devices);
  if (vc_plan_n (plug->plan) == 0)
    return vc_device_fail_unsupported (asked, error, "there is nothing that QEMU could attach for it");
  if (!check_stays (plug, asked, error) || !vc_plug_check_card (run, plug->plan, asked, error)
      || !vc_plug_check_encryption (plug->plan, asked, error))
    return FALSE;
  if (!vc_check_host_items (run->description, run->paths, run->conf, run->user, plug->plan,
                            run->watch.on_step, run->data, warnings, errors))
    {
      g_propagate_error (error, g_error_copy (errors->pdata[0]));
      return FALSE;
    }
  plug->fds = vc_fds_open_more (plug->plan, run->user, &run->last_set, error);
  if (plug->fds == NULL)
    return FALSE;
  vc_fds_name_taps (plug->fds, plug->devices);
  return seal_secrets (plug, error) && check_state (run, error); /* time has passed */
}

static void
on_ptys (VcJson *value, const GError *error, gpointer data)
{
  VcPlug *plug = data;

  if (value != NULL)
    vc_vm_add_ptys (plug->run->vm, value);
  vc_plug_tell (plug, NULL); /* it is attached, whatever is known of it */
  vc_plug_over (plug);
}

static void
on_linked (VcJson *value, const GError *error, gpointer data)
{
  VcPlug *plug = data;

  vc_plug_tell (plug, NULL);
  vc_plug_over (plug);
}

static gboolean
has_pty (const VcPlug *plug)
{
  const VcChardev *chr = vc_chardev_of (plug->devices->pdata[plug->devices->len - 1]);

  return chr != NULL && g_str_equal (chr->kind->type, "pty");
}

void
vc_plug_finish (VcPlug *plug)
{
  VcRun *run = plug->run;

  vc_plan_join (run->plan, g_steal_pointer (&plug->plan));
  vc_fds_join (run->fds, g_steal_pointer (&plug->fds));
  if (has_pty (plug) && vc_plug_qmp (run) != NULL)
    {
      vc_qmp_call (vc_plug_qmp (run), vc_qmp_command ("query-chardev", NULL), VC_APPLY_MS, on_ptys, plug);
      return;
    }
  if (vc_link_is_down (plug->devices->pdata[plug->devices->len - 1]) && vc_plug_qmp (run) != NULL)
    {
      vc_qmp_call (vc_plug_qmp (run), vc_link_command (plug->devices->pdata[plug->devices->len - 1]),
                   VC_APPLY_MS, on_linked, plug);
      return;
    }
  vc_plug_tell (plug, NULL);
  vc_plug_over (plug);
}
