/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>

#include "base/error.h"
#include "manager/internal.h"

/* Before a start the host is looked at: card readers, NSS databases, files on other hosts' disks may answer
 * late, or never.  That runs in a thread with copies of its own, while other guests are served; what it found
 * is taken up in the main context, if the guest still waits for it. */

struct VcLook
{
  VcManager *manager; /* NULL: nobody wants to know any more */
  char *uuid;
  guint serial;

  /* The thread's own. */
  VcDescription *description;
  VcPaths *paths;
  GPtrArray *warnings, *errors;
};

static void
look_free (gpointer data)
{
  VcLook *look = data;

  g_free (look->uuid);
  vc_description_free (look->description);
  vc_paths_free (look->paths);
  g_ptr_array_unref (look->warnings);
  g_ptr_array_unref (look->errors);
  g_free (look);
}

static void
look_at_host (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  VcLook *look = data;
  GError *error = NULL;
  g_autoptr (VcQemuConf) conf = vc_qemu_conf_read (look->paths->qemu_conf, &error);
  g_autoptr (VcUser) user = conf != NULL ? vc_user_find (conf, &error) : NULL;

  if (user == NULL)
    g_ptr_array_add (look->errors, error);
  else
    vc_check_host (look->description, look->paths, conf, user, NULL, NULL, look->warnings, look->errors);
  g_task_return_boolean (task, TRUE);
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer data)
{
  VcLook *look = g_task_get_task_data (G_TASK (result));
  VcGuest *guest = look->manager != NULL ? vc_guest_find_run (look->manager, look->uuid, look->serial) : NULL;

  if (guest == NULL)
    return;
  guest->look = NULL;
  vc_life_go_on (guest, look->errors->len > 0 ? look->errors->pdata[0] : NULL);
}

void
vc_look_begin (VcGuest *guest, VcDescription *copy_taken)
{
  VcLook *look = g_new0 (VcLook, 1);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_looked, NULL);

  look->manager = guest->manager;
  look->uuid = g_strdup (guest->uuid);
  look->serial = guest->serial;
  look->description = copy_taken;
  look->paths = vc_paths_copy (guest->manager->paths);
  look->warnings = g_ptr_array_new_with_free_func (g_free);
  look->errors = vc_describe_new_errors ();
  guest->look = look;
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, look_at_host);
}

void
vc_look_end (VcGuest *guest)
{
  if (guest->look != NULL)
    guest->look->manager = NULL;
  guest->look = NULL;
}
