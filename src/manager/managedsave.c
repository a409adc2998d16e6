/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "manager/internal.h"
#include "manager/saved.h"

/* A guest's saved state that is kept for its next start: state/save/UUID, which a new name does not move. */

static char *
get_folder (const VcManager *manager)
{
  return g_build_filename (manager->paths->state, "save", NULL);
}

static char *
get_path (const VcGuest *guest)
{
  g_autofree char *folder = get_folder (guest->manager);

  return g_build_filename (folder, guest->uuid, NULL);
}

void
vc_managed_clean (VcManager *manager)
{
  g_autofree char *folder = get_folder (manager);

  vc_file_clean_drafts (folder);
}

gboolean
vc_guest_is_saved (const VcGuest *guest)
{
  g_autofree char *path = get_path (guest);

  return guest->persistent && access (path, F_OK) == 0;
}

gboolean
vc_guest_drop_saved (VcGuest *guest, GError **error)
{
  g_autofree char *path = get_path (guest);

  return vc_file_remove (path, error);
}

void
vc_guest_managed_save (VcGuest *guest, guint flags, VcGuestFn done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = get_folder (guest->manager);
  g_autofree char *path = get_path (guest);

  if (guest->phase == VC_PHASE_OFF)
    vc_fail (&error, VC_ERROR_STATE, "domain is not running");
  else if (!guest->persistent)
    vc_fail (&error, VC_ERROR_STATE, "cannot do managed save for transient domain");
  else if (g_mkdir_with_parents (folder, 0700) < 0)
    vc_fail_errno (&error, errno, "cannot make folder '%s'", folder);
  if (error != NULL)
    vc_later_done (guest->manager, guest->uuid, done, data, error);
  else
    vc_guest_save (guest, path, flags, done, data);
}

gboolean
vc_managed_restore (VcGuest *guest, guint flags, gconstpointer owner, VcGuestFn done, gpointer data,
                    GError **error)
{
  g_autofree char *path = get_path (guest);

  if (!vc_guest_is_saved (guest))
    return FALSE;
  if ((flags & VC_START_FORCE_BOOT) != 0)
    {
      vc_guest_drop_saved (guest, error);
      return FALSE;
    }
  vc_save_restore (guest->manager, path, TRUE, 0, flags, owner, done, data);
  return TRUE;
}

char *
vc_manager_print_saved (VcManager *manager, const char *path, GError **error)
{
  g_autoptr (VcDescription) description = NULL;
  g_autofree char *xml = NULL;
  gboolean is_paused;
  gsize len = 0;
  int fd = vc_saved_open (path, &xml, &len, &is_paused, error);

  if (fd < 0)
    return NULL;
  close (fd);
  description = vc_config_read (manager, xml, len, error);
  return description != NULL ? vc_domain_print (description->domain, VC_PRINT_INACTIVE) : NULL;
}

char *
vc_guest_print_saved (const VcGuest *guest, GError **error)
{
  g_autofree char *path = get_path (guest);

  if (!vc_guest_is_saved (guest))
    return vc_fail_null (error, VC_ERROR_STATE, "domain does not have managed save image");
  return vc_manager_print_saved (guest->manager, path, error);
}
