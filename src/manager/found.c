/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/error.h"
#include "manager/internal.h"

/* What the last manager left: guests that run, those that ended meanwhile, and starts that were cut short. */

#define KILL_MS 5000

/* The process of a start that was promised to nobody.  Its number is held before it is looked at. */
static void
kill_half (const char *folder, const char *uuid)
{
  VcRecord record;
  struct pollfd gone = { .fd = -1, .events = POLLIN };

  if (!vc_record_read (folder, uuid, &record, NULL) || record.pid <= 0)
    return;
  gone.fd = pidfd_open (record.pid, 0);
  if (gone.fd < 0)
    return;
  if (vc_record_is_alive (&record) && pidfd_send_signal (gone.fd, SIGKILL, NULL, 0) == 0)
    poll (&gone, 1, KILL_MS);
  close (gone.fd);
}

static void
clean_half (VcGuest *guest)
{
  VcManager *manager = guest->manager;
  g_autoptr (VcLock) lock = vc_lock_new (manager->paths->run, guest->uuid, NULL);

  if (lock == NULL) /* somebody runs it now */
    return;
  kill_half (manager->paths->run, guest->uuid);
  vc_paths_remove_guest (manager->paths, guest->uuid, NULL);
  vc_record_remove (manager->paths->run, guest->uuid);
  vc_status_remove (guest);
}

/* A guest that nobody runs and that is only known from its status. */
static void
forget (VcGuest *guest)
{
  guest->phase = VC_PHASE_OFF;
  guest->owner = NULL;
  g_clear_pointer (&guest->live, vc_description_free);
  vc_guest_set_state (guest, VC_STATE_SHUTOFF, VC_SHUTOFF_UNKNOWN);
  if (!guest->persistent)
    vc_guest_remove (guest);
}

static void
take_over (VcGuest *guest, const VcRunFacts *facts, GPtrArray *warnings)
{
  VcManager *manager = guest->manager;
  g_autoptr (GError) error = NULL;

  guest->serial = ++manager->last_serial;
  guest->settled = FALSE;
  vc_guest_set_id (guest, (int) guest->live->domain->id.value);
  manager->last_id = MAX (manager->last_id, guest->id);
  guest->run = vc_run_find (guest->live, manager->paths, facts, &vc_life_watch, guest, &error);
  if (guest->run != NULL && guest->ending)
    vc_life_stop (guest, FALSE, guest->off_reason, guest->off_detail, NULL);
  if (guest->run != NULL)
    return;
  if (g_error_matches (error, VC_ERROR, VC_ERROR_GONE))
    {
      vc_life_ended (guest);
      return;
    }
  g_ptr_array_add (warnings,
                   g_strdup_printf ("guest '%s' cannot be taken over: %s", guest->name, error->message));
  vc_guest_set_id (guest, 0);
  forget (guest);
}

static void
find (VcManager *manager, const char *uuid, GPtrArray *warnings)
{
  g_auto (VcRunFacts) facts = { 0 };
  g_autoptr (GError) error = NULL;
  VcGuest *guest = vc_status_read (manager, uuid, &facts, &error);

  if (guest == NULL)
    g_ptr_array_add (warnings, g_strdup (error->message));
  else if (guest->phase == VC_PHASE_STARTING)
    {
      clean_half (guest);
      forget (guest);
    }
  else
    take_over (guest, &facts, warnings);
}

void
vc_found_all (VcManager *manager, GPtrArray *warnings)
{
  g_autoptr (GDir) dir = g_dir_open (manager->paths->run, 0, NULL);
  g_autoptr (GHashTable) uuids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  const char *file;
  gpointer uuid;

  /* Either copy will do. */
  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      const char *dot = strchr (file, '.');
      g_autofree char *stem = dot != NULL ? g_strndup (file, (gsize) (dot - file)) : NULL;

      if (dot != NULL && (strcmp (dot, ".xml") == 0 || strcmp (dot, ".xml~") == 0)
          && g_uuid_string_is_valid (stem))
        g_hash_table_add (uuids, g_steal_pointer (&stem));
    }
  g_hash_table_iter_init (&iter, uuids);
  while (g_hash_table_iter_next (&iter, &uuid, NULL))
    find (manager, uuid, warnings);
}
