/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "lib/hostcheck.h"

typedef struct
{
  gboolean host;
  char **files;
} Validate;

static const VcField options[]
    = { VC_FLAG (Validate, host, "--host",
                 .doc = "look also for what would keep it from starting on this host"),
        VC_FILES (Validate, files, "[--file] FILE...", .flags = VC_REQUIRED,
                  .doc = "domain XML to check; - is the standard input"),
        { 0 } };

static void
on_step (const char *words, gpointer data)
{
  vc_progress_set (data, words);
}

static gboolean
check_host (const VcCli *cli, VcDescription *description)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();
  g_autoptr (VcProgress) progress = vc_progress_new ();
  g_autoptr (VcQemuConf) conf = NULL;
  g_autoptr (VcUser) user = NULL;
  GError *error = NULL;

  conf = vc_qemu_conf_read (cli->paths->qemu_conf, &error);
  if (conf != NULL)
    user = vc_user_find (conf, &error);
  if (user != NULL)
    vc_check_host (description, cli->paths, conf, user, on_step, progress, warnings, errors);
  else
    g_ptr_array_add (errors, error);
  vc_progress_set (progress, NULL);
  for (guint n = 0; n < warnings->len; n++)
    vc_say ("%s", (const char *) warnings->pdata[n]);
  for (guint n = 0; n < errors->len; n++)
    vc_say ("%s", ((const GError *) errors->pdata[n])->message);
  return errors->len == 0;
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Validate *self = data;
  int status = VC_EXIT_OK;

  for (char **file = self->files; *file != NULL; file++)
    {
      g_autoptr (VcDescription) description = vc_input_describe (cli, *file, TRUE);
      g_autofree char *line = g_strdup_printf ("%s is valid\n", vc_input_origin (*file));

      if (description == NULL || (self->host && !check_host (cli, description)))
        status = VC_EXIT_FAILED;
      else if (!vc_put (line))
        return VC_EXIT_FAILED;
    }
  return status;
}

static const VcStatus statuses[] = { { VC_EXIT_OK, "every file is valid; there may be warnings" },
                                     { VC_EXIT_FAILED, "a file is not valid or cannot be read" },
                                     { 0 } };

const VcCommand vc_command_validate = {
  .name = "validate",
  .summary = "check domain XML",
  .about
  = "Reads each file as libvirt's domain XML and says on the standard error what is wrong with it: a line "
    "FILE:LINE: for each element with an error, in order of lines. A fault of the whole document counts as "
    "line 1. Lines that say warning do not make a file invalid. A file that cannot be read does not keep the "
    "next ones from being checked.\n\n"
    "Looks at the files alone: whether certificates, databases, disks and sockets exist on this host is "
    "asked "
    "only with --host. Then it must be run by whoever would start the guest; it makes nothing.",
  .options = options,
  .size = sizeof (Validate),
  .statuses = statuses,
  .run = run,
};
