/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/plug.h"

#include "base/error.h"
#include "devices/chardev.h"
#include "domain/attach.h"
#include "host/chardevtls.h"
#include "host/place.h"
#include "lib/plugging.h"
#include "lib/startplan.h"
#include "qemu/apply.h"

/* How this works
 *
 *   attach:  domain -> plan of the whole, split -> host check -> files and sockets -> QEMU
 *            what fails takes back what was done before it; what QEMU has joins the plan of the run
 *
 *   detach:  the device's items of that plan -> QEMU -> sockets -> domain; then, one by one, what came along
 *            with others and serves nobody now
 *
 * The plan of the run is what QEMU was really told: a device is taken away by that and not by what a new plan
 * would say.  A device that the guest lets go by itself is a detach that nobody waits for.
 */

static void detach_next (VcPlug *plug);

/* Attaching. */

static void
forget_devices (VcPlug *plug)
{
  VcDomain *domain = plug->run->description->domain;

  for (guint n = plug->devices->len; n > 0; n--)
    vc_domain_detach (domain, plug->devices->pdata[n - 1]);
  g_ptr_array_set_size (plug->devices, 0);
}

static void
fail_attach (VcPlug *plug)
{
  if (plug->fds != NULL)
    vc_fds_undo (plug->fds);
  forget_devices (plug);
}

static void
on_applied (VcApplyNews news, guint n_there, const GError *error, gpointer data)
{
  VcPlug *plug = data;

  if (error == NULL)
    {
      vc_plug_finish (plug);
      return;
    }
  if (plug->devices->len > 0)
    {
      plug->run->no_card |= plug->first_card;
      fail_attach (plug);
    }
  vc_plug_tell (plug, error);
  if (news == VC_APPLY_IS_OVER)
    vc_plug_over (plug);
}

static GPtrArray *
take_in (VcRun *run, const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (VcXml) xml = vc_xml_read (text, len, origin, error);
  const VcTlsFacts tls = vc_chardev_tls_facts (run->conf, NULL);

  return xml != NULL ? vc_domain_attach (run->description->domain, xml, &tls, error) : NULL;
}

/* The main context may run while the host is looked at: others must know of it by then. */
static gboolean
start_attach (VcPlug *plug, GPtrArray *warnings, GError **error)
{
  VcRun *run = plug->run;
  g_autoptr (VcPlan) whole = vc_live_plan (run->description, run->paths, run->conf, error);

  if (whole == NULL || !vc_plug_prepare (plug, whole, warnings, error)
      || (run->watch.on_coming != NULL && !run->watch.on_coming (run, error, run->data)))
    {
      fail_attach (plug);
      return FALSE;
    }
  plug->first_card = vc_plug_note_card (run, plug->plan);
  vc_apply (vc_plug_qmp (run), plug->plan, VC_APPLY_MS, on_applied, plug);
  return TRUE;
}

gboolean
vc_run_attach (VcRun *run, const char *text, gsize len, const char *origin, VcPlugFn done, gpointer data,
               GPtrArray *warnings, GError **error)
{
  GPtrArray *devices;
  VcPlug *plug;

  if (!vc_run_check_quiet (run, error))
    return FALSE;
  devices = take_in (run, text, len, origin, error);
  if (devices == NULL)
    return FALSE;
  if (run->watch.on_added != NULL)
    run->watch.on_added (run, devices, run->data);
  plug = vc_plug_new (run, devices, done, data);
  vc_plug_add (plug);
  if (start_attach (plug, warnings, error))
    return TRUE;
  vc_plug_over (plug);
  return FALSE;
}

/* Detaching. */

static void
leave (VcPlug *plug)
{
  VcRun *run = plug->run;
  VcDevice *dev = plug->devices->pdata[0];
  g_autofree char *alias = g_strdup (dev->alias);
  g_autofree char *pty = g_strconcat ("char", alias, NULL);

  vc_fds_drop (run->fds, plug->plan);
  if (run->vm != NULL) /* or the run ends */
    vc_vm_drop_pty (run->vm, pty);
  g_clear_pointer (&plug->plan, vc_plan_free);
  g_ptr_array_set_size (plug->devices, 0);
  vc_domain_detach (run->description->domain, dev);
  if (run->watch.on_left != NULL)
    run->watch.on_left (run, alias, run->data);
}

static void
on_unapplied (VcApplyNews news, guint n_there, const GError *error, gpointer data)
{
  VcPlug *plug = data;
  const GError *why = plug->has_left ? NULL : error;

  if (news == VC_APPLY_WAITS)
    {
      vc_plug_tell (plug, why);
      return;
    }
  if (vc_plug_is_there (plug, n_there))
    {
      vc_plan_join (plug->run->plan, g_steal_pointer (&plug->plan));
      vc_plug_tell (plug, why);
      vc_plug_over (plug);
      return;
    }
  leave (plug);
  if (why != NULL) /* of what it had behind it */
    {
      vc_plug_tell (plug, why);
      vc_plug_over (plug);
      return;
    }
  detach_next (plug);
}

static void
detach (VcPlug *plug, VcDevice *dev)
{
  g_ptr_array_add (plug->devices, dev);
  plug->plan = vc_plan_split (plug->run->plan, plug->devices);
  vc_unapply (vc_plug_qmp (plug->run), plug->plan, VC_UNPLUG_MS, on_unapplied, plug);
}

static void
detach_next (VcPlug *plug)
{
  VcDevice *dev
      = vc_plug_qmp (plug->run) != NULL ? vc_domain_find_idle (plug->run->description->domain) : NULL;

  if (dev == NULL || vc_plug_find (plug->run, dev) != NULL)
    {
      vc_plug_tell (plug, NULL);
      vc_plug_over (plug);
      return;
    }
  plug->has_left = TRUE;
  detach (plug, dev);
}

static gboolean
begin_detach (VcRun *run, VcDevice *dev, VcPlugFn done, gpointer data, GError **error)
{
  VcPlug *plug;

  if (!vc_domain_check_detach (run->description->domain, dev, error))
    return FALSE;
  if (vc_plug_find (run, dev) != NULL)
    return vc_fail (error, VC_ERROR_BUSY, "'%s' was asked to leave, and the guest has not released it yet",
                    dev->alias);
  plug = vc_plug_new (run, g_ptr_array_new (), done, data);
  detach (plug, dev);
  vc_plug_add (plug);
  return TRUE;
}

gboolean
vc_run_detach (VcRun *run, const char *text, gsize len, const char *origin, VcPlugFn done, gpointer data,
               GError **error)
{
  g_autoptr (VcXml) xml = vc_xml_read (text, len, origin, error);
  VcDevice *dev;

  if (xml == NULL || !vc_run_check_quiet (run, error))
    return FALSE;
  dev = vc_domain_find_same (run->description->domain, xml, error);
  return dev != NULL && begin_detach (run, dev, done, data, error);
}

gboolean
vc_run_detach_alias (VcRun *run, const char *alias, VcPlugFn done, gpointer data, GError **error)
{
  VcDevice *dev;

  if (!vc_run_check_quiet (run, error))
    return FALSE;
  dev = vc_domain_find_alias (run->description->domain, alias, error);
  return dev != NULL && begin_detach (run, dev, done, data, error);
}

/* Without being asked. */

typedef struct
{
  VcRun *run;
  char *alias;
} Missed;

static gboolean
is_listed (const VcJson *devices, const char *alias)
{
  for (gsize n = 0; n < json_array_size (devices); n++)
    if (g_strcmp0 (vc_json_str (json_array_get (devices, n), "name"), alias) == 0)
      return TRUE;
  return FALSE;
}

/* A device that nobody here asked to leave. */
static VcDevice *
find_missed (const Missed *missed)
{
  VcRun *run = missed->run;
  VcDevice *dev = vc_domain_find_alias (run->description->domain, missed->alias, NULL);

  return dev != NULL && dev->ejected != VC_TRI_YES && vc_plug_find (run, dev) == NULL ? dev : NULL;
}

static void
on_devices (VcJson *value, const GError *error, gpointer data)
{
  Missed *missed = data;
  VcDevice *dev = find_missed (missed);

  if (value != NULL && vc_plug_qmp (missed->run) != NULL && dev != NULL && !is_listed (value, missed->alias))
    {
      VcPlug *plug = vc_plug_new (missed->run, g_ptr_array_new (), NULL, NULL);

      detach (plug, dev);
      vc_plug_add (plug);
    }
  g_free (missed->alias);
  g_free (missed);
}

/* QEMU says so when the last trace of a device is gone: there may be another one of that name by then. */
static void
on_event (const char *event, VcJson *values, gpointer data)
{
  const char *alias = event != NULL && values != NULL ? vc_json_str (values, "device") : NULL;
  Missed missed = { data, (char *) alias };
  VcJson *arguments;

  if (alias == NULL || !g_str_equal (event, "DEVICE_DELETED") || vc_plug_qmp (missed.run) == NULL
      || find_missed (&missed) == NULL)
    return;
  missed.alias = g_strdup (alias);
  arguments = json_object ();
  json_object_set_new (arguments, "path", json_string ("/machine/peripheral"));
  vc_qmp_call (vc_plug_qmp (missed.run), vc_qmp_command ("qom-list", arguments), VC_APPLY_MS, on_devices,
               g_memdup2 (&missed, sizeof missed));
}

/* Devices of the plan that QEMU does not have any more. */
static void
on_all_devices (VcJson *value, const GError *error, gpointer data)
{
  VcRun *run = data;
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();

  for (guint n = 0; value != NULL && vc_plug_qmp (run) != NULL && n < vc_plan_n (run->plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (run->plan, n);
      const VcDevice *dev = item->source;

      if (item->what == VC_Q_DEVICE && dev != NULL && dev->ejected != VC_TRI_YES
          && !is_listed (value, vc_props_id (item->props)) && vc_plug_find (run, dev) == NULL
          && !g_ptr_array_find (gone, dev, NULL))
        g_ptr_array_add (gone, (gpointer) dev);
    }
  for (guint n = 0; vc_plug_qmp (run) != NULL && n < run->description->domain->devices->len; n++)
    if (((VcDevice *) run->description->domain->devices->pdata[n])->ejected == VC_TRI_YES)
      vc_card_settle (run, run->description->domain->devices->pdata[n]);
  for (guint n = 0; n < gone->len; n++)
    {
      VcPlug *plug = vc_plug_new (run, g_ptr_array_new (), NULL, NULL);

      plug->settles = TRUE;
      run->unsettled++;
      detach (plug, gone->pdata[n]);
      vc_plug_add (plug);
    }
  vc_plug_settle (run);
}

void
vc_plug_begin (VcRun *run)
{
  VcQmp *qmp = vc_vm_qmp (run->vm);
  VcJson *arguments;

  run->plugs = g_ptr_array_new ();
  vc_plug_note_card (run, run->plan);
  vc_qmp_listen (qmp, on_event, run);
  if (!run->found)
    return;
  run->unsettled = 1;
  arguments = json_object ();
  json_object_set_new (arguments, "path", json_string ("/machine/peripheral"));
  vc_qmp_call (qmp, vc_qmp_command ("qom-list", arguments), VC_APPLY_MS, on_all_devices, run);
}

void
vc_plug_add_sockets (const VcRun *run, GStrvBuilder *list)
{
  for (guint n = 0; run->plugs != NULL && n < run->plugs->len; n++)
    {
      const VcPlug *plug = run->plugs->pdata[n];

      if (plug->fds != NULL)
        vc_fds_add_sockets (plug->fds, list);
    }
}

void
vc_plug_end (VcRun *run)
{
  g_assert (run->plugs == NULL || run->plugs->len == 0);
  g_clear_pointer (&run->plugs, g_ptr_array_unref);
  g_clear_pointer (&run->card, g_free);
}
