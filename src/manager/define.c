/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>
#include <string.h>

#include "base/error.h"
#include "manager/internal.h"

/* A name and a uuid belong together; a name has to be good for a file. */
static gboolean
check_names (VcManager *manager, const VcDomain *domain, GError **error)
{
  VcGuest *same = g_hash_table_lookup (manager->by_uuid, domain->uuid);
  VcGuest *other = g_hash_table_lookup (manager->by_name, domain->name);

  if (same != NULL && strcmp (same->name, domain->name) != 0)
    return vc_fail (error, VC_ERROR_EXISTS, "domain '%s' is already defined with uuid %s", same->name,
                    same->uuid);
  if (other != NULL && other != same)
    return vc_fail (error, VC_ERROR_EXISTS, "domain '%s' already exists with uuid %s", other->name,
                    other->uuid);
  if (strlen (domain->name) + strlen (".xml") > NAME_MAX)
    return vc_fail (error, VC_ERROR_INVALID,
                    "%s:%u: <name>: has more than the %zu bytes a file's name can have", domain->origin,
                    vc_domain_line (domain, "name"), NAME_MAX - strlen (".xml"));
  if (same == NULL && manager->guests->len >= manager->max_guests)
    return vc_fail (error, VC_ERROR_LIMIT, "there are %u guests already, and no more than %u may be",
                    manager->guests->len, manager->max_guests);
  return TRUE;
}

static void
add_warnings (const VcDescription *description, GPtrArray *warnings)
{
  for (guint n = 0; warnings != NULL && n < description->warnings->len; n++)
    g_ptr_array_add (warnings, g_strdup (description->warnings->pdata[n]));
}

VcGuest *
vc_manager_define (VcManager *manager, const char *xml, gsize len, GPtrArray *warnings, GError **error)
{
  g_autoptr (VcDescription) description = vc_config_read (manager, xml, len, error);
  g_autofree char *text = NULL;
  VcGuest *guest;
  gboolean is_new;

  if (description == NULL || !check_names (manager, description->domain, error))
    return NULL;
  text = vc_domain_print (description->domain, VC_PRINT_INACTIVE);
  guest = g_hash_table_lookup (manager->by_uuid, description->domain->uuid);
  is_new = guest == NULL || !guest->persistent;
  if (!(is_new ? vc_store_add : vc_store_put) (manager, description->domain, text, error))
    return NULL;
  add_warnings (description, warnings);
  if (guest == NULL)
    guest = vc_guest_new (manager, description->domain);
  guest->persistent = TRUE;
  guest->updated = guest->phase != VC_PHASE_OFF;
  guest->sizes = vc_sizes_of (description->domain);
  vc_config_take (guest, g_steal_pointer (&text), g_steal_pointer (&description));
  vc_status_note (guest);
  vc_event_life (guest, VC_LIFE_DEFINED, is_new ? VC_DEFINED_ADDED : VC_DEFINED_UPDATED);
  return guest;
}

/* What runs on without a file keeps its text, in memory and in its status, before the file goes. */
static gboolean
become_transient (VcGuest *guest, GError **error)
{
  if (vc_config_text (guest, error) == NULL)
    return FALSE;
  guest->persistent = FALSE;
  if (vc_status_write (guest, error))
    {
      guest->persistent = TRUE;
      return TRUE;
    }
  guest->persistent = TRUE;
  return FALSE;
}

gboolean
vc_guest_undefine (VcGuest *guest, gboolean with_saved, GError **error)
{
  gboolean active = guest->phase != VC_PHASE_OFF;

  if (!guest->persistent)
    return vc_fail (error, VC_ERROR_STATE, "cannot undefine transient domain");
  if (guest->save != NULL) /* its file would be left to nobody */
    return vc_fail (error, VC_ERROR_STATE, "the domain is being saved or restored");
  if (!with_saved && vc_guest_is_saved (guest))
    return vc_fail (error, VC_ERROR_STATE, "Refusing to undefine while domain managed save image exists");
  /* The state goes first: one that stayed behind would be another guest's of this number. */
  if ((active && !become_transient (guest, error)) || (with_saved && !vc_guest_drop_saved (guest, error))
      || !vc_store_remove (guest, error))
    return FALSE;
  guest->persistent = FALSE;
  guest->updated = FALSE;
  vc_event_life (guest, VC_LIFE_UNDEFINED, VC_UNDEFINED_REMOVED);
  if (!active)
    vc_guest_remove (guest);
  return TRUE;
}

void
vc_manager_create (VcManager *manager, const char *xml, gsize len, guint flags, gconstpointer owner,
                   VcGuestFn done, gpointer data)
{
  vc_create (manager, xml, len, flags, owner, NULL, done, data);
}

void
vc_create (VcManager *manager, const char *xml, gsize len, guint flags, gconstpointer owner,
           VcSave *load_taken, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  VcDescription *live = vc_config_read (manager, xml, len, &error);
  VcDescription *copy = live != NULL ? vc_config_read (manager, xml, len, &error) : NULL;
  VcGuest *guest = NULL;

  if (copy != NULL && check_names (manager, live->domain, &error))
    {
      guest = g_hash_table_lookup (manager->by_uuid, live->domain->uuid);
      if (guest != NULL && guest->phase != VC_PHASE_OFF)
        vc_fail (&error, VC_ERROR_STATE, "domain is already active as '%s'", guest->name);
      /* It would be restored later, to disks that have gone on. */
      else if (guest != NULL && vc_guest_is_saved (guest) && !vc_save_is_spent (load_taken))
        vc_fail (&error, VC_ERROR_STATE, "domain has a managed save image: start it, or remove the image");
    }
  if (error != NULL)
    {
      vc_description_free (live);
      vc_description_free (copy);
      vc_save_free (load_taken);
      vc_later_done (manager, NULL, done, data, error);
      return;
    }
  if (guest == NULL)
    {
      guest = vc_guest_new (manager, live->domain);
      vc_config_take (guest, vc_domain_print (live->domain, VC_PRINT_INACTIVE), NULL);
    }
  guest->save = load_taken;
  vc_life_start (guest, live, copy, flags, owner, done, data);
}
