/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/card.h"

#include <string.h>

#include "base/error.h"
#include "manager/internal.h"

/* Cards of what runs.  The definition is never touched: a start puts every card into its reader. */

typedef struct
{
  VcManager *manager;
  char *uuid;
  guint serial;
  char *alias;
  gboolean comes;
  VcGuestFn done;
  gpointer data;
} Move;

static void
answer (Move *self_taken, const GError *error)
{
  vc_later_done (self_taken->manager, self_taken->uuid, self_taken->done, self_taken->data, error);
  g_free (self_taken->uuid);
  g_free (self_taken->alias);
  g_free (self_taken);
}

static void
on_moved (VcRun *run, const GError *error, gpointer data)
{
  Move *self = data;
  VcGuest *guest = vc_guest_find_run (self->manager, self->uuid, self->serial);

  if (guest != NULL && error == NULL && self->comes)
    {
      vc_life_set_terminals (guest);
      vc_event_tell (guest, VC_EVENT_DEVICE_ADDED, self->alias);
    }
  if (guest != NULL)
    vc_status_note (guest);
  answer (self, error);
}

/* The only one there is. */
static const char *
find_only (const VcGuest *guest, GError **error)
{
  const VcPeers *peers = vc_domain_peers (guest->live->domain);
  g_autoptr (GString) all = g_string_new (NULL);
  const VcDevice *card;

  for (guint n = 0; (card = vc_peers_find (peers, "smartcard", NULL, n)) != NULL; n++)
    g_string_append_printf (all, "%s%s", n > 0 ? ", " : "", card->alias);
  if (all->len == 0)
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "the guest has no smartcard");
  if (vc_peers_find (peers, "smartcard", NULL, 1) != NULL)
    return vc_fail_null (error, VC_ERROR_INVALID, "the guest has several smartcards: say which one, of %s",
                         all->str);
  return vc_peers_find (peers, "smartcard", NULL, 0)->alias;
}

/* alias "": the only one. */
static void
move (VcGuest *guest, const char *alias, gboolean comes, VcGuestFn done, gpointer data)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  Move *self = g_new (Move, 1);

  *self = (Move){ .manager = guest->manager,
                  .uuid = g_strdup (guest->uuid),
                  .serial = guest->serial,
                  .comes = comes,
                  .done = done,
                  .data = data };
  if (vc_guest_vm (guest, &error) != NULL && vc_save_check_none (guest, &error))
    self->alias = g_strdup (*alias != '\0' ? alias : find_only (guest, &error));
  if (self->alias == NULL
      || !(comes ? vc_run_insert (guest->run, self->alias, on_moved, self, warnings, &error)
                 : vc_run_eject (guest->run, self->alias, on_moved, self, &error)))
    answer (self, error);
}

static void
eject (VcGuest *guest, const char *alias, gsize len, guint flags, VcGuestFn done, gpointer data)
{
  if (!vc_held_add (guest, eject, alias, len, flags, done, data))
    move (guest, alias, FALSE, done, data);
}

static void
insert (VcGuest *guest, const char *alias, gsize len, guint flags, VcGuestFn done, gpointer data)
{
  if (!vc_held_add (guest, insert, alias, len, flags, done, data))
    move (guest, alias, TRUE, done, data);
}

void
vc_guest_eject_card (VcGuest *guest, const char *alias, VcGuestFn done, gpointer data)
{
  eject (guest, alias != NULL ? alias : "", alias != NULL ? strlen (alias) : 0, 0, done, data);
}

void
vc_guest_insert_card (VcGuest *guest, const char *alias, VcGuestFn done, gpointer data)
{
  insert (guest, alias != NULL ? alias : "", alias != NULL ? strlen (alias) : 0, 0, done, data);
}
