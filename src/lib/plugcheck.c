/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "devices/chardev.h"
#include "lib/internal.h"
#include "plan/spell.h"

/* QEMU's own card reads its settings once a process, and takes no others later, without a word. */

static char *
print_card (const VcPlan *plan)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);
      GString *out;

      if (item->what != VC_Q_DEVICE || g_strcmp0 (vc_props_driver (item->props), "ccid-card-emulated") != 0)
        continue;
      out = g_string_new (NULL);
      for (guint m = 0; m < vc_props_n (item->props); m++)
        {
          const VcProp *prop = vc_props_nth (item->props, m);

          if (!g_str_equal (prop->name, "bus"))
            g_string_append_printf (out, "%s=%s\n", prop->name, prop->text);
        }
      return g_string_free (out, FALSE);
    }
  return NULL;
}

/* SPICE's server knows one such channel, and when another one is made it ends QEMU. */
static gboolean
has_viewer_card (const VcPlan *plan)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);
      const VcProp *name = item->what == VC_Q_CHARDEV ? vc_props_get (item->props, "name") : NULL;

      if (name != NULL && g_strcmp0 (vc_props_driver (item->props), "spicevmc") == 0
          && g_strcmp0 (name->text, "smartcard") == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
vc_plug_check_card (const VcRun *run, const VcPlan *plan, const VcDevice *asked, GError **error)
{
  g_autofree char *card = print_card (plan);

  if (run->viewer_card && has_viewer_card (plan))
    return vc_device_fail_unsupported (
        asked, error,
        "QEMU has had a card of the SPICE viewer, and would end at a second one: give this card by a socket");
  if (card == NULL || run->card == NULL)
    return TRUE;
  if (run->no_card)
    return vc_device_fail_unsupported (
        asked, error,
        "QEMU did not get at its card's certificates once, and tries no second time until it ends");
  if (strcmp (card, run->card) != 0)
    return vc_device_fail_unsupported (
        asked, error,
        "QEMU has read the certificates of another card, and keeps these until it ends: give this card by "
        "mode='passthrough'");
  return TRUE;
}

gboolean
vc_plug_note_card (VcRun *run, const VcPlan *plan)
{
  run->viewer_card |= has_viewer_card (plan);
  if (run->card != NULL)
    return FALSE;
  run->card = print_card (plan);
  return run->card != NULL;
}

/* Nothing that should be encrypted is plugged without: what QEMU is told must say so. */

static gboolean
has_credentials (const VcPlan *plan, const char *id)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);

      if (item->what == VC_Q_OBJECT && g_strcmp0 (vc_props_driver (item->props), "tls-creds-x509") == 0
          && g_strcmp0 (vc_props_id (item->props), id) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_encrypted (const VcPlan *plan)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);
      g_autoptr (json_t) command = item->what == VC_Q_CHARDEV ? vc_spell_qmp (item, NULL) : NULL;
      const VcJson *backend = vc_json_get (vc_json_get (command, "arguments"), "backend");
      const char *id = vc_json_str (vc_json_get (backend, "data"), "tls-creds");

      if (id != NULL)
        return has_credentials (plan, id);
    }
  return FALSE;
}

gboolean
vc_plug_check_encryption (const VcPlan *plan, const VcDevice *asked, GError **error)
{
  const VcChardev *chr = vc_chardev_of (asked);

  if (chr == NULL || !vc_chardev_is_encrypted (chr) || is_encrypted (plan))
    return TRUE;
  return vc_device_fail_unsupported (asked, error, "QEMU cannot be told to encrypt this connection");
}
