/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "devices/change.h"
#include "domain/attach.h"
#include "lib/change.h"
#include "lib/plug.h"
#include "manager/internal.h"

/* How this works
 *
 * The changed definition is made and written first, beside the one it is to replace; then QEMU is asked; when
 * it has done what it was asked, the definition takes its place.  Whatever fails before leaves all as it was.
 * Where somebody else has changed the definition while QEMU was asked, his stays: it is changed once more.
 */

#define ORIGIN "(device_definition)"

typedef struct
{
  VcManager *manager;
  char *uuid;
  guint serial;
  VcGuestFn done;
  gpointer data;

  /* Of a definition that changes. */
  char *draft, *text;
  VcDescription *config;
  guint edition; /* of what it was made from */
  VcEditFn edit; /* how it was made, and … */
  char *words;   /* … with which element   */

  char *alias; /* of a device that comes to what runs, else NULL */
} Change;

static void
drop_config (Change *self)
{
  if (self->draft != NULL)
    unlink (self->draft);
  g_clear_pointer (&self->draft, g_free);
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->config, vc_description_free);
}

static void
change_free (Change *self)
{
  drop_config (self);
  g_free (self->words);
  g_free (self->alias);
  g_free (self->uuid);
  g_free (self);
}

static void
answer (Change *self_taken, const GError *error)
{
  vc_later_done (self_taken->manager, self_taken->uuid, self_taken->done, self_taken->data, error);
  change_free (self_taken);
}

/* The definition as it will be. */
static gboolean
make_config (Change *self, VcGuest *guest, const VcXml *xml, VcEditFn edit, GError **error)
{
  const char *text;

  self->edit = edit;
  self->edition = guest->edition;
  if (vc_guest_domain (guest, VC_GUEST_CONFIG, error) == NULL)
    return FALSE;
  text = vc_config_text (guest, error);
  if (text == NULL)
    return FALSE;
  self->config = vc_config_read (guest->manager, text, strlen (text), error);
  if (self->config == NULL || !edit (self->config, xml, error))
    return FALSE;
  self->text = vc_domain_print (self->config->domain, VC_PRINT_INACTIVE);
  self->draft = vc_store_draft (guest->manager, self->config->domain, self->text, error);
  return self->draft != NULL;
}

/* QEMU has done it by now. */
static gboolean
make_again (Change *self, VcGuest *guest, GError **error)
{
  g_autoptr (VcXml) xml = vc_xml_read (self->words, strlen (self->words), ORIGIN, error);

  drop_config (self);
  return (xml != NULL && make_config (self, guest, xml, self->edit, error))
         || vc_prefix (error, "what runs has changed, but the definition was changed meanwhile, and has not");
}

static gboolean
commit (Change *self, VcGuest *guest, GError **error)
{
  g_autofree char *draft = NULL;

  if (self->draft == NULL)
    return TRUE;
  if (!guest->persistent)
    return vc_fail (error, VC_ERROR_STATE, "the domain was undefined meanwhile");
  if (guest->edition != self->edition && !make_again (self, guest, error))
    return FALSE;
  draft = g_steal_pointer (&self->draft);
  if (!vc_store_commit (guest->manager, guest->name, draft, error))
    return FALSE;
  guest->sizes = vc_sizes_of (self->config->domain);
  vc_config_take (guest, g_steal_pointer (&self->text), g_steal_pointer (&self->config));
  guest->updated |= guest->phase != VC_PHASE_OFF;
  return TRUE;
}

/* QEMU has done it, or did not need to be asked. */
static void
finish (Change *self_taken, VcGuest *guest)
{
  g_autoptr (GError) error = NULL;

  if (commit (self_taken, guest, &error) && self_taken->alias != NULL)
    {
      vc_life_set_terminals (guest);
      vc_event_tell (guest, VC_EVENT_DEVICE_ADDED, self_taken->alias);
    }
  vc_status_note (guest);
  answer (self_taken, error);
}

static void
on_plugged (VcRun *run, const GError *error, gpointer data)
{
  Change *self = data;
  VcGuest *guest = vc_guest_find_run (self->manager, self->uuid, self->serial);

  if (error == NULL && guest != NULL)
    {
      finish (self, guest);
      return;
    }
  if (guest != NULL)
    vc_status_note (guest);
  answer (self, error);
}

static Change *
change_new (VcGuest *guest, VcGuestFn done, gpointer data)
{
  Change *self = g_new0 (Change, 1);

  self->manager = guest->manager;
  self->uuid = g_strdup (guest->uuid);
  self->serial = guest->serial;
  self->done = done;
  self->data = data;
  return self;
}

static guint
choose_part (const VcGuest *guest, guint part)
{
  return part != VC_GUEST_CURRENT ? part : guest->live != NULL ? VC_GUEST_LIVE : VC_GUEST_CONFIG;
}

/* Everything but QEMU. */
static gboolean
prepare (Change *self, VcGuest *guest, const VcXml *xml, guint part, VcEditFn edit, GError **error)
{
  if ((part & VC_GUEST_LIVE) != 0
      && (vc_guest_vm (guest, error) == NULL || !vc_save_check_none (guest, error)))
    return FALSE;
  if ((part & VC_GUEST_CONFIG) == 0)
    return TRUE;
  self->words = vc_node_copy_text (vc_xml_root (xml));
  return make_config (self, guest, xml, edit, error);
}

static gboolean
hold (VcGuest *guest, VcHeldFn verb, const char *text, gsize len, guint part, VcGuestFn done, gpointer data)
{
  return choose_part (guest, part) != VC_GUEST_CONFIG
         && vc_held_add (guest, verb, text, len, part, done, data);
}

void
vc_guest_attach (VcGuest *guest, const char *text, gsize len, guint part, VcGuestFn done, gpointer data)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcXml) xml = vc_xml_read (text, len, ORIGIN, &error);
  Change *self;
  guint n;

  if (hold (guest, vc_guest_attach, text, len, part, done, data))
    return;
  self = change_new (guest, done, data);
  part = choose_part (guest, part);
  if (xml == NULL || !prepare (self, guest, xml, part, vc_edit_attach, &error))
    answer (self, error);
  else if ((part & VC_GUEST_LIVE) == 0)
    finish (self, guest);
  else
    {
      n = guest->live->domain->devices->len;
      if (vc_run_attach (guest->run, text, len, ORIGIN, on_plugged, self, warnings, &error))
        self->alias = g_strdup (((const VcDevice *) guest->live->domain->devices->pdata[n])->alias);
      else
        answer (self, error);
    }
}

/* A device that runs, in the words that find it in the definition: without what its start decided. */
static VcXml *
as_defined (const VcDevice *dev, GError **error)
{
  g_autoptr (VcXml) holder = vc_xml_new ("devices");
  g_autofree char *text = NULL;

  vc_device_print (dev, vc_xml_root (holder), VC_PRINT_INACTIVE);
  text = vc_node_copy_text (vc_node_next (vc_xml_root (holder), NULL, NULL));
  return vc_xml_read (text, strlen (text), ORIGIN, error);
}

static void
detach (VcGuest *guest, VcDevice *dev, const VcXml *xml, guint part, VcGuestFn done, gpointer data)
{
  g_autoptr (VcXml) defined = NULL;
  g_autoptr (GError) error = NULL;
  Change *self = change_new (guest, done, data);

  if (dev != NULL && (part & VC_GUEST_CONFIG) != 0)
    xml = defined = as_defined (dev, &error);
  if (error != NULL || !prepare (self, guest, xml, part, vc_edit_detach, &error))
    answer (self, error);
  else if (dev == NULL)
    finish (self, guest);
  else if (!vc_run_detach_alias (guest->run, dev->alias, on_plugged, self, &error))
    answer (self, error);
}

void
vc_guest_detach (VcGuest *guest, const char *text, gsize len, guint part, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcXml) xml = vc_xml_read (text, len, ORIGIN, &error);
  VcDevice *dev = NULL;

  if (hold (guest, vc_guest_detach, text, len, part, done, data))
    return;
  part = choose_part (guest, part);
  if (xml != NULL && (part & VC_GUEST_LIVE) != 0 && vc_guest_vm (guest, &error) != NULL)
    dev = vc_domain_find_same (guest->live->domain, xml, &error);
  if (error != NULL)
    vc_later_done (guest->manager, guest->uuid, done, data, error);
  else
    detach (guest, dev, xml, part, done, data);
}

static void
detach_alias (VcGuest *guest, const char *alias, gsize len, guint part, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  VcDevice *dev = NULL;

  if (hold (guest, detach_alias, alias, len, part, done, data))
    return;
  if (vc_guest_vm (guest, &error) != NULL)
    dev = vc_domain_find_alias (guest->live->domain, alias, &error);
  if (dev == NULL)
    vc_later_done (guest->manager, guest->uuid, done, data, error);
  else
    detach (guest, dev, NULL, choose_part (guest, part) | VC_GUEST_LIVE, done, data);
}

void
vc_guest_detach_alias (VcGuest *guest, const char *alias, guint part, VcGuestFn done, gpointer data)
{
  detach_alias (guest, alias, strlen (alias), part, done, data);
}

/* What is the same already is no change, whatever it is. */
static gboolean
is_same (VcGuest *guest, const VcXml *xml, VcDevice *dev, VcDevice *wanted)
{
  VcChange change = vc_device_change (dev, wanted);

  if (change != VC_CHANGE_NONE && change != VC_CHANGE_SAME)
    {
      vc_device_change (dev, wanted);
      return FALSE;
    }
  return change == VC_CHANGE_SAME || vc_domain_find_same (guest->live->domain, xml, NULL) == dev;
}

static void
update_live (Change *self_taken, VcGuest *guest, const VcXml *xml, guint part)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  VcDevice *dev = NULL;
  VcDevice *wanted = NULL;

  if (vc_guest_vm (guest, &error) != NULL)
    wanted = vc_edit_wanted (guest->live->domain, xml, &dev, &error);
  if (wanted == NULL || !prepare (self_taken, guest, xml, part, vc_edit_update, &error))
    {
      vc_device_free (wanted);
      answer (self_taken, error);
    }
  else if (is_same (guest, xml, dev, wanted))
    {
      vc_device_free (wanted);
      finish (self_taken, guest);
    }
  else if (!vc_run_change (guest->run, dev, wanted, (part & VC_GUEST_FORCE) != 0, on_plugged, self_taken,
                           warnings, &error))
    answer (self_taken, error);
}

void
vc_guest_update (VcGuest *guest, const char *text, gsize len, guint part, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcXml) xml = vc_xml_read (text, len, ORIGIN, &error);
  guint force = part & VC_GUEST_FORCE;
  Change *self;

  part &= ~(guint) VC_GUEST_FORCE;
  if (choose_part (guest, part) != VC_GUEST_CONFIG
      && vc_held_add (guest, vc_guest_update, text, len, part | force, done, data))
    return;
  self = change_new (guest, done, data);
  part = choose_part (guest, part);
  if (xml != NULL && (part & VC_GUEST_LIVE) != 0)
    update_live (self, guest, xml, part | force);
  else if (xml != NULL && prepare (self, guest, xml, part, vc_edit_update, &error))
    finish (self, guest);
  else
    answer (self, error);
}
