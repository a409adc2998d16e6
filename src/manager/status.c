/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "manager/internal.h"

/* How this works
 *
 *   <guest phase='up' state='1' reason='1' since='…' balloon='…'>
 *     <running> <domain …> </running>          with all that its start decided
 *     <definition> <domain …> </definition>    of a transient guest
 *     <socket path='…'/> …                     VcRunFacts
 *   </guest>
 *
 * With end='2' event='1' it is being ended for that reason.
 *
 * Written before QEMU is there (phase 'starting'), when somebody is told that it is, and at each change.
 * A guest that is still starting when its manager dies was promised to nobody.  There is a second copy:
 * while either can be read nothing is lost. */

static char *
get_path (const VcManager *manager, const char *uuid, gboolean copy)
{
  g_autofree char *file = g_strconcat (uuid, copy ? ".xml~" : ".xml", NULL);

  return g_build_filename (manager->paths->run, file, NULL);
}

static void
set_number (VcNode *node, const char *name, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  vc_node_set (node, name, text);
}

static void
add_facts (const VcGuest *guest, VcNode *root)
{
  g_auto (VcRunFacts) facts = vc_run_get_facts (guest->run);

  set_number (root, "descriptors", facts.last_set);
  if (facts.reboots)
    vc_node_set (root, "reboots", "yes");
  if (facts.viewer_card)
    vc_node_set (root, "viewer-card", "yes");
  if (facts.card != NULL)
    vc_node_set_text (vc_node_add (root, "card"), facts.card);
  if (facts.no_card)
    vc_node_set (vc_node_need (root, "card", NULL, NULL), "failed", "yes");
  for (char **path = facts.sockets; *path != NULL; path++)
    vc_node_set (vc_node_add (root, "socket"), "path", *path);
}

static char *
print (const VcGuest *guest)
{
  g_autoptr (VcXml) xml = vc_xml_new ("guest");
  g_autofree char *running = vc_domain_print (guest->live->domain, VC_PRINT_STATUS);
  VcNode *root = vc_xml_root (xml);

  vc_node_set (root, "phase", guest->phase == VC_PHASE_STARTING ? "starting" : "up");
  set_number (root, "state", guest->state);
  set_number (root, "reason", guest->reason);
  set_number (root, "since", guest->since);
  set_number (root, "balloon", (gint64) guest->balloon);
  if (guest->ending)
    {
      set_number (root, "end", guest->off_reason);
      set_number (root, "event", guest->off_detail);
    }
  if (guest->updated)
    vc_node_set (root, "updated", "yes");
  if (guest->owner != NULL)
    vc_node_set (root, "owned", "yes");
  vc_node_add_copy (vc_node_add (root, "running"), running);
  if (!guest->persistent)
    vc_node_add_copy (vc_node_add (root, "definition"), guest->text);
  if (guest->run != NULL)
    add_facts (guest, root);
  return vc_xml_print (xml);
}

/* A guest that is found is as it was left, mostly: nobody is to wait for the disk because of it. */
static gboolean
is_written (const char *path, const char *text)
{
  gsize len;
  g_autofree char *now = vc_file_read (path, VC_DEFINITION_MAX, &len, NULL);

  return now != NULL && len == strlen (text) && memcmp (now, text, len) == 0;
}

/* Both are there before either takes its place, for which no room is needed: all is written, or nothing. */
gboolean
vc_status_write (VcGuest *guest, GError **error)
{
  static const VcFileHow how = { .mode = 0600, .replace = TRUE, .uid = (uid_t) -1, .gid = (gid_t) -1 };
  g_autofree char *text = print (guest);
  g_autofree char *path = NULL, *copy = NULL, *draft = NULL, *second = NULL;

  if (strlen (text) > VC_DEFINITION_MAX) /* the guest could not be found again */
    return vc_fail (error, VC_ERROR_LIMIT, "what is to be kept of the running guest has more than %u bytes",
                    VC_DEFINITION_MAX);
  path = get_path (guest->manager, guest->uuid, FALSE);
  copy = get_path (guest->manager, guest->uuid, TRUE);
  if (is_written (path, text) && is_written (copy, text))
    return TRUE;
  draft = vc_file_draft (path, text, strlen (text), &how, error);
  second = draft != NULL ? vc_file_draft (copy, text, strlen (text), &how, error) : NULL;
  if (second == NULL && draft != NULL)
    unlink (draft);
  if (second == NULL)
    return FALSE;
  if (vc_file_commit (draft, path, &how, error))
    return vc_file_commit (second, copy, &how, error);
  unlink (second);
  return FALSE;
}

void
vc_status_note (VcGuest *guest)
{
  if (guest->phase == VC_PHASE_UP)
    vc_status_write (guest, NULL);
}

void
vc_status_remove (VcGuest *guest)
{
  for (int copy = TRUE; copy >= FALSE; copy--)
    {
      g_autofree char *path = get_path (guest->manager, guest->uuid, copy);

      unlink (path);
    }
}

/* Reading */

static gboolean
get_number (VcNode *node, const char *name, gint64 max, gint64 *ret_value)
{
  const char *text = vc_node_attr (node, name);

  return text != NULL && g_ascii_string_to_signed (text, 10, 0, max, ret_value, NULL);
}

static VcNode *
find_domain (VcNode *root, const char *name)
{
  VcNode *holder = vc_node_next (root, NULL, name);

  return holder != NULL ? vc_node_next (holder, NULL, "domain") : NULL;
}

/* As it was printed once: what stands in the file has been through another printer. */
static char *
read_definition (VcManager *manager, const VcNode *definition)
{
  g_autofree char *text = vc_node_copy_text (definition);
  g_autoptr (VcDescription) description = vc_config_read (manager, text, strlen (text), NULL);

  return description != NULL ? vc_domain_print (description->domain, VC_PRINT_INACTIVE) : NULL;
}

/* The guest that it tells of, with the definition of a transient one. */
static VcGuest *
find_guest (VcManager *manager, VcNode *root, const VcDomain *live, GError **error)
{
  VcGuest *guest = g_hash_table_lookup (manager->by_uuid, live->uuid);
  VcNode *definition = find_domain (root, "definition");
  VcGuest *other = g_hash_table_lookup (manager->by_name, live->name);

  if (guest != other)
    return vc_fail_null (error, VC_ERROR_EXISTS, "%s: its name or its uuid is another guest's by now",
                         vc_node_origin (root));
  if (guest == NULL)
    guest = vc_guest_new (manager, live);
  if (!guest->persistent && definition != NULL)
    guest->text = read_definition (manager, definition);
  if (!guest->persistent && guest->text == NULL)
    guest->text = vc_domain_print (live, VC_PRINT_INACTIVE);
  return guest;
}

static char **
read_sockets (VcNode *root)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();

  for (VcNode *node = NULL; (node = vc_node_next (root, node, "socket")) != NULL;)
    if (vc_node_attr (node, "path") != NULL && g_path_is_absolute (vc_node_attr (node, "path")))
      g_strv_builder_add (list, vc_node_attr (node, "path"));
  return g_strv_builder_end (list);
}

static gboolean
is_yes (VcNode *node, const char *name)
{
  return g_strcmp0 (vc_node_attr (node, name), "yes") == 0;
}

static VcRunFacts
read_facts (VcNode *root)
{
  VcNode *card = vc_node_next (root, NULL, "card");
  const char *text = card != NULL ? vc_node_text (card) : "";
  gint64 last_set = 0;

  get_number (root, "descriptors", G_MAXINT, &last_set);
  return (VcRunFacts){ .sockets = read_sockets (root),
                       .reboots = is_yes (root, "reboots"),
                       .viewer_card = is_yes (root, "viewer-card"),
                       .last_set = (guint) last_set,
                       .card = *text != '\0' ? g_strdup (text) : NULL,
                       .no_card = card != NULL && is_yes (card, "failed") };
}

static void
read_ending (VcGuest *guest, VcNode *root)
{
  gint64 reason, detail;

  guest->ending
      = get_number (root, "end", G_MAXINT, &reason) && get_number (root, "event", G_MAXINT, &detail);
  if (!guest->ending)
    return;
  guest->off_reason = (int) reason;
  guest->off_detail = (int) detail;
}

static VcGuest *
read_copy (VcManager *manager, const char *path, const char *uuid, VcRunFacts *ret_facts, GError **error)
{
  g_autoptr (VcDescription) live = NULL;
  g_autoptr (VcXml) xml = NULL;
  g_autofree char *text = NULL;
  gint64 state, reason, since, balloon;
  VcNode *root, *running;
  VcGuest *guest;
  gsize len;

  text = vc_file_read (path, VC_DEFINITION_MAX, &len, error);
  xml = text != NULL ? vc_xml_read (text, len, path, error) : NULL;
  if (xml == NULL)
    return NULL;
  vc_xml_set_found (xml);
  root = vc_xml_root (xml);
  running = find_domain (root, "running");
  if (strcmp (vc_node_name (root), "guest") != 0 || running == NULL
      || !get_number (root, "state", VC_STATE_PMSUSPENDED, &state)
      || !get_number (root, "reason", G_MAXINT, &reason) || !get_number (root, "since", G_MAXINT64, &since)
      || !get_number (root, "balloon", G_MAXINT64, &balloon))
    return vc_fail_null (error, VC_ERROR_PROTOCOL, "%s: does not tell of a running guest", path);
  live = vc_describe_found (running, manager->paths, error);
  if (live == NULL)
    return NULL;
  if (g_strcmp0 (live->domain->uuid, uuid) != 0 || !live->domain->id.set
      || live->domain->id.value - 1 >= G_MAXINT - 1)
    return vc_fail_null (error, VC_ERROR_PROTOCOL, "%s: tells of another guest", path);
  guest = find_guest (manager, root, live->domain, error);
  if (guest == NULL)
    return NULL;
  guest->phase = g_strcmp0 (vc_node_attr (root, "phase"), "up") == 0 ? VC_PHASE_FOUND : VC_PHASE_STARTING;
  guest->state = (VcState) state;
  guest->reason = (int) reason;
  guest->since = since;
  guest->balloon = (guint64) balloon;
  guest->updated = is_yes (root, "updated");
  guest->owner = is_yes (root, "owned") ? manager : NULL; /* its owner went with the last manager */
  guest->live = g_steal_pointer (&live);
  read_ending (guest, root);
  *ret_facts = read_facts (root);
  return guest;
}

VcGuest *
vc_status_read (VcManager *manager, const char *uuid, VcRunFacts *ret_facts, GError **error)
{
  g_autofree char *path = get_path (manager, uuid, FALSE);
  g_autofree char *other = get_path (manager, uuid, TRUE);
  VcGuest *guest = read_copy (manager, path, uuid, ret_facts, error);

  if (guest == NULL && (guest = read_copy (manager, other, uuid, ret_facts, NULL)) != NULL)
    g_clear_error (error);
  return guest;
}
