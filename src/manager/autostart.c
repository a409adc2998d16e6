/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/file.h"
#include "host/record.h"
#include "manager/internal.h"

/* The number of the boot in which it was done last; the run folder may outlive a boot. */
static gboolean
is_done (VcManager *manager)
{
  static const VcFileHow how = { .mode = 0600, .replace = TRUE, .uid = (uid_t) -1, .gid = (gid_t) -1 };
  g_autofree char *path = g_build_filename (manager->paths->run, "autostarted", NULL);
  g_autofree char *boot = vc_boot_id ();
  g_autofree char *text = NULL;
  gsize len;

  text = vc_file_read (path, 4096, &len, NULL);
  if (text != NULL && strcmp (text, boot) == 0)
    return TRUE;
  vc_file_write (path, boot, strlen (boot), &how, NULL);
  return FALSE;
}

typedef struct
{
  VcGuestFn on_failed;
  gpointer data;
} Autostart;

static void
on_done (VcGuest *guest, const GError *error, gpointer data)
{
  Autostart *self = data;

  if (error != NULL && self->on_failed != NULL)
    self->on_failed (guest, error, self->data);
  g_free (self);
}

void
vc_manager_autostart (VcManager *manager, VcGuestFn on_failed, gpointer data)
{
  if (is_done (manager))
    return;
  for (guint n = 0; n < manager->guests->len; n++)
    {
      VcGuest *guest = manager->guests->pdata[n];
      Autostart *self;

      if (!guest->autostart || guest->phase != VC_PHASE_OFF)
        continue;
      self = g_new (Autostart, 1);
      *self = (Autostart){ on_failed, data };
      vc_guest_start (guest, 0, NULL, on_done, self);
    }
}
