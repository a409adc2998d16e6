/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"
#include "cli/say.h"

typedef struct
{
  gboolean running, paused;
  char *file;
} Restore;

static const VcField options[]
    = { VC_FLAG (Restore, running, "--running", .doc = "let it run, however it was saved"),
        VC_FLAG (Restore, paused, "--paused", .doc = "hold it, however it was saved"),
        VC_FILE (Restore, file, "[--file] FILE", .flags = VC_REQUIRED,
                 .doc = "file that virtcard save made, on the host where the guest shall run"),
        { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Restore *self = data;
  guint flags = self->running ? VIRTCARD_RESTORE_RUNNING : self->paused ? VIRTCARD_RESTORE_PAUSED : 0;
  g_autofree char *path = g_canonicalize_filename (self->file, NULL);
  g_autoptr (VirtcardConnect) connect = NULL;
  g_autoptr (GError) error = NULL;

  if (self->running && self->paused)
    {
      vc_say ("restore: --running and --paused exclude each other");
      return VC_EXIT_USAGE;
    }
  connect = vc_reach (cli);
  if (connect == NULL)
    return VC_EXIT_FAILED;
  if (virtcard_domain_restore (connect, path, flags, &error))
    return vc_reach_put ("Domain restored from %s", self->file);
  vc_say ("%s", error->message);
  return VC_EXIT_FAILED;
}

const VcCommand vc_command_restore = {
  .name = "restore",
  .summary = "go on with a saved guest",
  .about = "Runs a guest from a file of virtcard save, from where it was. The file stays: a guest whose "
           "disks have changed since must not be restored from it again.",
  .options = options,
  .size = sizeof (Restore),
  .connects = TRUE,
  .run = run,
};
