/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"
#include "cli/say.h"

typedef struct
{
  gboolean running, paused;
  char *domain;
  char *file;
} Save;

static const VcField options[]
    = { VC_FLAG (Save, running, "--running", .doc = "restore it running, also if it is held now"),
        VC_FLAG (Save, paused, "--paused", .doc = "restore it held, also if it runs now"),
        VC_DOMAIN (Save, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        VC_FILE (Save, file, "[--file] FILE", .flags = VC_REQUIRED,
                 .doc = "file to make, on the host of the guest"),
        { 0 } };

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  const Save *self = data;
  g_autofree char *path = g_canonicalize_filename (self->file, NULL);
  guint flags = self->running ? VIRTCARD_RESTORE_RUNNING : self->paused ? VIRTCARD_RESTORE_PAUSED : 0;

  return virtcard_domain_save (domain, path, flags, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Save *self = data;
  g_autofree char *done = g_strdup_printf ("saved to %s", self->file);

  if (self->running && self->paused)
    {
      vc_say ("save: --running and --paused exclude each other");
      return VC_EXIT_USAGE;
    }
  return vc_reach_act (cli, self->domain, act, data, done);
}

const VcCommand vc_command_save = {
  .name = "save",
  .summary = "write a guest's state to a file and end it",
  .about = "Holds the guest, writes its memory and all that its devices know to a file, and ends it; "
           "virtcard restore goes on from there. When the file cannot be written whole the guest goes on as "
           "before, and there is no file.",
  .options = options,
  .size = sizeof (Save),
  .connects = TRUE,
  .run = run,
};
