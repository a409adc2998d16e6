/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "manager/internal.h"

static gboolean
check (VcGuest *guest, const char *name, GError **error)
{
  if (guest->phase != VC_PHASE_OFF)
    return vc_fail (error, VC_ERROR_STATE, "cannot rename active domain");
  if (!guest->persistent)
    return vc_fail (error, VC_ERROR_STATE, "cannot rename a transient domain");
  if (vc_guest_is_saved (guest))
    return vc_fail (error, VC_ERROR_STATE, "domain with a managed saved state can't be renamed");
  if (g_hash_table_lookup (guest->manager->by_name, name) != NULL)
    return vc_fail (error, VC_ERROR_STATE, "domain with name '%s' already exists", name);
  return TRUE;
}

/* The definition under its new name, held to the rules of names like any other. */
static VcDescription *
make_config (VcGuest *guest, const char *name, char **ret_text, GError **error)
{
  const char *text = vc_config_text (guest, error);
  g_autoptr (VcDescription) config = NULL;
  g_autofree char *renamed = NULL;

  if (text == NULL)
    return NULL;
  config = vc_config_read (guest->manager, text, strlen (text), error);
  if (config == NULL)
    return NULL;
  g_free (config->domain->name);
  config->domain->name = g_strdup (name);
  renamed = vc_domain_print (config->domain, VC_PRINT_INACTIVE);
  g_clear_pointer (&config, vc_description_free);
  config = vc_config_read (guest->manager, renamed, strlen (renamed), error);
  if (config != NULL)
    *ret_text = g_steal_pointer (&renamed);
  return g_steal_pointer (&config);
}

static void
take_name (VcGuest *guest, const char *name)
{
  g_hash_table_remove (guest->manager->by_name, guest->name);
  g_free (guest->name);
  guest->name = g_strdup (name);
  g_hash_table_insert (guest->manager->by_name, guest->name, guest);
}

/* The new files first: killed in between, both are there, and the guest has one of both names. */
gboolean
vc_guest_rename (VcGuest *guest, const char *name, GError **error)
{
  g_autofree char *old = g_strdup (guest->name);
  g_autofree char *text = NULL;
  g_autoptr (VcDescription) config = NULL;
  gboolean autostart = guest->autostart;

  if (strcmp (guest->name, name) == 0)
    return TRUE;
  if (!check (guest, name, error))
    return FALSE;
  config = make_config (guest, name, &text, error);
  if (config == NULL || !vc_store_add (guest->manager, config->domain, text, error))
    return FALSE;
  if (!vc_store_remove (guest, error))
    {
      take_name (guest, name);
      vc_store_remove (guest, NULL);
      take_name (guest, old);
      guest->autostart = autostart; /* the link of the old name is there still */
      return FALSE;
    }
  vc_event_life (guest, VC_LIFE_UNDEFINED, VC_UNDEFINED_RENAMED);
  take_name (guest, name);
  guest->sizes = vc_sizes_of (config->domain);
  vc_config_take (guest, g_steal_pointer (&text), g_steal_pointer (&config));
  vc_event_life (guest, VC_LIFE_DEFINED, VC_DEFINED_RENAMED);
  return !autostart || vc_guest_set_autostart (guest, TRUE, error);
}
