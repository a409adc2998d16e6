/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <virtcard/virtcard.h>

/* Numbers in the words that virsh has for them.  Gaps are what QEMU's guests never are. */

#define MAX_MORE 14u

typedef struct
{
  const char *word;
  const char *more[MAX_MORE]; /* by reason, or by detail */
} Words;

static const Words states[] = {
  [0] = { "no state" },
  [VIRTCARD_STATE_RUNNING]
  = { "running",
      { "unknown", "booted", "migrated", "restored", "from snapshot", "unpaused", "migration canceled",
        "save canceled", "event wakeup", "crashed", "post-copy" } },
  [2] = { "idle" },
  [VIRTCARD_STATE_PAUSED]
  = { "paused",
      { "unknown", "user", "migrating", "saving", "dumping", "I/O error", "watchdog", "from snapshot",
        "shutting down", "creating snapshot", "crashed", "starting up", "post-copy", "post-copy failed" } },
  [VIRTCARD_STATE_SHUTDOWN] = { "in shutdown", { "unknown", "user" } },
  [VIRTCARD_STATE_SHUTOFF] = { "shut off",
                               { "unknown", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed",
                                 "from snapshot", "daemon" } },
  [VIRTCARD_STATE_CRASHED] = { "crashed", { "unknown", "panicked" } },
  [VIRTCARD_STATE_PMSUSPENDED] = { "pmsuspended", { "unknown" } },
};

static const Words lives[] = {
  { "Defined", { "Added", "Updated", "Renamed", "Snapshot" } },
  { "Undefined", { "Removed", "Renamed" } },
  { "Started", { "Booted", "Migrated", "Restored", "Snapshot", "Event wakeup" } },
  { "Suspended", { "Paused", "Migrated", "I/O Error", "Watchdog", "Restored", "Snapshot", "API error" } },
  { "Resumed", { "Unpaused", "Migrated", "Snapshot" } },
  { "Stopped", { "Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "Snapshot" } },
  { "Shutdown", { "Finished", "Guest request", "Host request" } },
  { "PMSuspended", { "Memory", "Disk" } },
  { "Crashed", { "Panicked" } },
};

static const char *
find (const Words *table, guint n, int number, int more, const char **ret_more)
{
  gboolean is_known = number >= 0 && (guint) number < n;

  if (ret_more != NULL)
    *ret_more = is_known && more >= 0 && (guint) more < MAX_MORE ? table[number].more[more] : NULL;
  return is_known ? table[number].word : "unknown";
}

const char *
virtcard_state_words (int state, int reason, const char **ret_reason)
{
  return find (states, G_N_ELEMENTS (states), state, reason, ret_reason);
}

const char *
virtcard_life_words (int event, int detail, const char **ret_detail)
{
  return find (lives, G_N_ELEMENTS (lives), event, detail, ret_detail);
}
