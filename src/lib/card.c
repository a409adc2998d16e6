/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/card.h"

#include "base/error.h"
#include "devices/chardev.h"
#include "domain/attach.h"
#include "lib/plugging.h"
#include "lib/startplan.h"
#include "qemu/apply.h"

/* How this works
 *
 *   eject:   marked -> status -> the card's items of the run's plan -> QEMU -> sockets
 *   insert:  plan of the whole, split -> host check -> files and sockets -> status -> QEMU -> unmarked
 *
 * QEMU's reader lets a card go without its guest being asked.  A provider's connection goes too: it finds out
 * that way, and the card begins anew, as after a start.
 *
 * The mark stands from before QEMU is told of an eject until QEMU has all of an insert.  So whoever dies in
 * between leaves a mark, and his successor takes away what QEMU has of the card (vc_card_settle).
 */

static VcDevice *
find_card (VcRun *run, const char *alias, GError **error)
{
  VcDevice *dev = vc_domain_find_alias (run->description->domain, alias, error);

  if (dev != NULL && !vc_is (dev, "smartcard", NULL))
    return vc_fail_null (error, VC_ERROR_INVALID, "'%s' is a <%s>, no smartcard", alias, dev->kind->element);
  if (dev != NULL && vc_plug_find (run, dev) != NULL)
    return vc_fail_null (error, VC_ERROR_BUSY, "'%s' is on its way already", alias);
  return dev;
}

static VcPlug *
add_plug (VcRun *run, VcDevice *dev, VcPlugFn done, gpointer data)
{
  VcPlug *plug = vc_plug_new (run, g_ptr_array_new (), done, data);

  g_ptr_array_add (plug->devices, dev);
  vc_plug_add (plug);
  return plug;
}

/* Ejecting. */

static void
take_out (VcPlug *plug)
{
  VcRun *run = plug->run;
  g_autofree char *alias = g_strdup (((const VcDevice *) plug->devices->pdata[0])->alias);
  g_autofree char *pty = g_strconcat ("char", alias, NULL);

  vc_fds_drop (run->fds, plug->plan);
  if (run->vm != NULL) /* or the run ends */
    vc_vm_drop_pty (run->vm, pty);
  if (!plug->settles && run->watch.on_left != NULL)
    run->watch.on_left (run, alias, run->data);
}

static void
on_ejected (VcApplyNews news, guint n_there, const GError *error, gpointer data)
{
  VcPlug *plug = data;

  if (news == VC_APPLY_WAITS)
    {
      vc_plug_tell (plug, error);
      return;
    }
  if (vc_plug_is_there (plug, n_there))
    {
      ((VcDevice *) plug->devices->pdata[0])->ejected = VC_TRI_UNSET;
      vc_plan_join (plug->run->plan, g_steal_pointer (&plug->plan));
    }
  else
    take_out (plug);
  vc_plug_tell (plug, error);
  vc_plug_over (plug);
}

static void
eject (VcPlug *plug)
{
  plug->plan = vc_plan_split (plug->run->plan, plug->devices);
  vc_unapply (vc_plug_qmp (plug->run), plug->plan, VC_UNPLUG_MS, on_ejected, plug);
}

/* What could not be put back is not taken out. */
static gboolean
check_comes_back (const VcDevice *dev, GError **error)
{
  const VcChardev *wire = vc_chardev_of (dev);

  if (wire == NULL || !g_str_equal (wire->kind->type, "spicevmc"))
    return TRUE;
  return vc_fail (error, VC_ERROR_UNSUPPORTED,
                  "'%s' is the card of the SPICE viewer, and QEMU takes one only once: take it out in the "
                  "viewer, or detach it until the guest starts anew",
                  dev->alias);
}

gboolean
vc_run_eject (VcRun *run, const char *alias, VcPlugFn done, gpointer data, GError **error)
{
  VcDevice *dev = vc_run_check_quiet (run, error) ? find_card (run, alias, error) : NULL;

  if (dev == NULL)
    return FALSE;
  if (dev->ejected == VC_TRI_YES)
    return vc_fail (error, VC_ERROR_STATE, "the card '%s' is ejected already", alias);
  if (!check_comes_back (dev, error))
    return FALSE;
  dev->ejected = VC_TRI_YES;
  if (run->watch.on_coming != NULL && !run->watch.on_coming (run, error, run->data))
    {
      dev->ejected = VC_TRI_UNSET;
      return FALSE;
    }
  eject (add_plug (run, dev, done, data));
  return TRUE;
}

void
vc_card_settle (VcRun *run, VcDevice *dev)
{
  VcPlug *plug = add_plug (run, dev, NULL, NULL);

  plug->settles = TRUE;
  run->unsettled++;
  eject (plug);
}

/* Inserting. */

static void
on_inserted (VcApplyNews news, guint n_there, const GError *error, gpointer data)
{
  VcPlug *plug = data;

  if (error == NULL)
    {
      ((VcDevice *) plug->devices->pdata[0])->ejected = VC_TRI_UNSET;
      vc_plug_finish (plug);
      return;
    }
  if (plug->done != NULL)
    {
      plug->run->no_card |= plug->first_card;
      vc_fds_undo (plug->fds);
    }
  vc_plug_tell (plug, error);
  if (news == VC_APPLY_IS_OVER)
    vc_plug_over (plug);
}

static gboolean
start_insert (VcPlug *plug, GPtrArray *warnings, GError **error)
{
  VcRun *run = plug->run;
  g_autoptr (VcPlan) whole = vc_live_plan (run->description, run->paths, run->conf, error);

  if (whole == NULL || !vc_plug_prepare (plug, whole, warnings, error))
    return FALSE;
  if (run->watch.on_coming != NULL && !run->watch.on_coming (run, error, run->data))
    return FALSE;
  plug->first_card = vc_plug_note_card (run, plug->plan);
  vc_apply (vc_plug_qmp (run), plug->plan, VC_APPLY_MS, on_inserted, plug);
  return TRUE;
}

gboolean
vc_run_insert (VcRun *run, const char *alias, VcPlugFn done, gpointer data, GPtrArray *warnings,
               GError **error)
{
  VcDevice *dev = vc_run_check_quiet (run, error) ? find_card (run, alias, error) : NULL;
  VcPlug *plug;

  if (dev == NULL)
    return FALSE;
  if (dev->ejected != VC_TRI_YES)
    return vc_fail (error, VC_ERROR_STATE, "the card '%s' is in its reader already", alias);
  plug = add_plug (run, dev, done, data);
  if (start_insert (plug, warnings, error))
    return TRUE;
  if (plug->fds != NULL)
    vc_fds_undo (plug->fds);
  vc_plug_over (plug);
  return FALSE;
}
