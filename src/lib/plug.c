/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/plug.h"

#include "base/error.h"
#include "devices/chardev.h"
#include "domain/attach.h"
#include "host/chardevtls.h"
#include "host/place.h"
#include "lib/internal.h"
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

typedef struct
{
  VcRun *run;
  VcPlan *plan;       /* what QEMU is told now                                */
  GPtrArray *devices; /* VcDevice it is about: new ones, or the one that goes */
  VcFds *fds;         /* of new ones                                          */
  VcPlugFn done;      /* NULL: nobody waits (any more)                        */
  gpointer data;
  gboolean settles;    /* the run has not settled before it is over                  */
  gboolean has_left;   /* the one that was asked for: what goes now came along       */
  gboolean first_card; /* QEMU's own card was to come, and there was none before     */
} VcPlug;

static void detach_next (VcPlug *plug);

static VcPlug *
plug_new (VcRun *run, GPtrArray *devices_taken, VcPlugFn done, gpointer data)
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

static void
begin (VcPlug *plug)
{
  g_ptr_array_add (plug->run->plugs, plug);
}

/* One thing less that keeps a found run from being as it is described. */
static void
settle (VcRun *run)
{
  if (--run->unsettled == 0 && run->watch.on_settled != NULL)
    run->watch.on_settled (run, run->data);
}

static void
end (VcPlug *plug_taken)
{
  VcRun *run = plug_taken->run;
  gboolean settles = plug_taken->settles;

  g_ptr_array_remove (run->plugs, plug_taken);
  plug_free (plug_taken);
  if (settles)
    settle (run);
}

static void
tell (VcPlug *plug, const GError *error)
{
  VcPlugFn done = g_steal_pointer (&plug->done);

  if (plug->settles) /* as far as it can be told by now */
    {
      plug->settles = FALSE;
      settle (plug->run);
    }
  if (done != NULL)
    done (plug->run, error, plug->data);
}

/* The one that does something with a device now. */
static VcPlug *
find_plug (const VcRun *run, const VcDevice *dev)
{
  for (guint n = 0; n < run->plugs->len; n++)
    {
      VcPlug *plug = run->plugs->pdata[n];

      if (g_ptr_array_find (plug->devices, dev, NULL))
        return plug;
    }
  return NULL;
}

static VcQmp *
get_qmp (const VcRun *run)
{
  return run->vm != NULL && run->plugs != NULL ? vc_vm_qmp (run->vm) : NULL;
}

static gboolean
check_state (const VcRun *run, GError **error)
{
  if (get_qmp (run) != NULL)
    return TRUE;
  return vc_fail (error, VC_ERROR_STATE, "devices come and go while a guest runs or is held, and it is %s",
                  vc_vm_state_name (run->vm != NULL ? vc_vm_state (run->vm) : VC_VM_OFF));
}

static gboolean
check_ready (const VcRun *run, GError **error)
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
on_ptys (VcJson *value, const GError *error, gpointer data)
{
  VcPlug *plug = data;

  if (value != NULL)
    vc_vm_add_ptys (plug->run->vm, value);
  tell (plug, NULL); /* it is attached, whatever is known of it */
  end (plug);
}

static gboolean
has_pty (const VcPlug *plug)
{
  const VcChardev *chr = vc_chardev_of (plug->devices->pdata[plug->devices->len - 1]);

  return chr != NULL && g_str_equal (chr->kind->type, "pty");
}

static void
finish_attach (VcPlug *plug)
{
  VcRun *run = plug->run;

  vc_plan_join (run->plan, g_steal_pointer (&plug->plan));
  vc_fds_join (run->fds, g_steal_pointer (&plug->fds));
  if (has_pty (plug) && get_qmp (run) != NULL)
    {
      vc_qmp_call (get_qmp (run), vc_qmp_command ("query-chardev", NULL), VC_APPLY_MS, on_ptys, plug);
      return;
    }
  tell (plug, NULL);
  end (plug);
}

static void
on_applied (VcApplyNews news, guint n_there, const GError *error, gpointer data)
{
  VcPlug *plug = data;

  if (error == NULL)
    {
      finish_attach (plug);
      return;
    }
  if (plug->devices->len > 0)
    {
      plug->run->no_card |= plug->first_card;
      fail_attach (plug);
    }
  tell (plug, error);
  if (news == VC_APPLY_IS_OVER)
    end (plug);
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

/* All that is to be known before QEMU is asked. */
static gboolean
prepare (VcPlug *plug, VcPlan *whole, GPtrArray *warnings, GError **error)
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
  return plug->fds != NULL && seal_secrets (plug, error) && check_state (run, error); /* time has passed */
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

  if (whole == NULL || !prepare (plug, whole, warnings, error)
      || (run->watch.on_coming != NULL && !run->watch.on_coming (run, error, run->data)))
    {
      fail_attach (plug);
      return FALSE;
    }
  plug->first_card = vc_plug_note_card (run, plug->plan);
  vc_apply (get_qmp (run), plug->plan, VC_APPLY_MS, on_applied, plug);
  return TRUE;
}

gboolean
vc_run_attach (VcRun *run, const char *text, gsize len, const char *origin, VcPlugFn done, gpointer data,
               GPtrArray *warnings, GError **error)
{
  GPtrArray *devices;
  VcPlug *plug;

  if (!check_ready (run, error))
    return FALSE;
  devices = take_in (run, text, len, origin, error);
  if (devices == NULL)
    return FALSE;
  plug = plug_new (run, devices, done, data);
  begin (plug);
  if (start_attach (plug, warnings, error))
    return TRUE;
  end (plug);
  return FALSE;
}

/* Detaching. */

/* Items before n_there are still there: is the device among them? */
static gboolean
is_there (const VcPlug *plug, guint n_there)
{
  for (guint n = 0; n < n_there; n++)
    if (vc_plan_nth (plug->plan, n)->what == VC_Q_DEVICE)
      return TRUE;
  return n_there > 0 && n_there == vc_plan_n (plug->plan);
}

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
      tell (plug, why);
      return;
    }
  if (is_there (plug, n_there))
    {
      vc_plan_join (plug->run->plan, g_steal_pointer (&plug->plan));
      tell (plug, why);
      end (plug);
      return;
    }
  leave (plug);
  if (why != NULL) /* of what it had behind it */
    {
      tell (plug, why);
      end (plug);
      return;
    }
  detach_next (plug);
}

static void
detach (VcPlug *plug, VcDevice *dev)
{
  g_ptr_array_add (plug->devices, dev);
  plug->plan = vc_plan_split (plug->run->plan, plug->devices);
  vc_unapply (get_qmp (plug->run), plug->plan, VC_UNPLUG_MS, on_unapplied, plug);
}

static void
detach_next (VcPlug *plug)
{
  VcDevice *dev = get_qmp (plug->run) != NULL ? vc_domain_find_idle (plug->run->description->domain) : NULL;

  if (dev == NULL || find_plug (plug->run, dev) != NULL)
    {
      tell (plug, NULL);
      end (plug);
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
  if (find_plug (run, dev) != NULL)
    return vc_fail (error, VC_ERROR_BUSY, "'%s' was asked to leave, and the guest has not released it yet",
                    dev->alias);
  plug = plug_new (run, g_ptr_array_new (), done, data);
  detach (plug, dev);
  begin (plug);
  return TRUE;
}

gboolean
vc_run_detach (VcRun *run, const char *text, gsize len, const char *origin, VcPlugFn done, gpointer data,
               GError **error)
{
  g_autoptr (VcXml) xml = vc_xml_read (text, len, origin, error);
  VcDevice *dev;

  if (xml == NULL || !check_ready (run, error))
    return FALSE;
  dev = vc_domain_find_same (run->description->domain, xml, error);
  return dev != NULL && begin_detach (run, dev, done, data, error);
}

gboolean
vc_run_detach_alias (VcRun *run, const char *alias, VcPlugFn done, gpointer data, GError **error)
{
  VcDevice *dev;

  if (!check_ready (run, error))
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

  return dev != NULL && find_plug (run, dev) == NULL ? dev : NULL;
}

static void
on_devices (VcJson *value, const GError *error, gpointer data)
{
  Missed *missed = data;
  VcDevice *dev = find_missed (missed);

  if (value != NULL && get_qmp (missed->run) != NULL && dev != NULL && !is_listed (value, missed->alias))
    {
      VcPlug *plug = plug_new (missed->run, g_ptr_array_new (), NULL, NULL);

      detach (plug, dev);
      begin (plug);
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

  if (alias == NULL || !g_str_equal (event, "DEVICE_DELETED") || get_qmp (missed.run) == NULL
      || find_missed (&missed) == NULL)
    return;
  missed.alias = g_strdup (alias);
  arguments = json_object ();
  json_object_set_new (arguments, "path", json_string ("/machine/peripheral"));
  vc_qmp_call (get_qmp (missed.run), vc_qmp_command ("qom-list", arguments), VC_APPLY_MS, on_devices,
               g_memdup2 (&missed, sizeof missed));
}

/* Devices of the plan that QEMU does not have any more. */
static void
on_all_devices (VcJson *value, const GError *error, gpointer data)
{
  VcRun *run = data;
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();

  for (guint n = 0; value != NULL && get_qmp (run) != NULL && n < vc_plan_n (run->plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (run->plan, n);
      const VcDevice *dev = item->source;

      if (item->what == VC_Q_DEVICE && dev != NULL && !is_listed (value, vc_props_id (item->props))
          && find_plug (run, dev) == NULL && !g_ptr_array_find (gone, dev, NULL))
        g_ptr_array_add (gone, (gpointer) dev);
    }
  for (guint n = 0; n < gone->len; n++)
    {
      VcPlug *plug = plug_new (run, g_ptr_array_new (), NULL, NULL);

      plug->settles = TRUE;
      run->unsettled++;
      detach (plug, gone->pdata[n]);
      begin (plug);
    }
  settle (run);
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
