/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measure.h"

#include <string.h>

#include "lib/describe.h"

/* native COUNT FILE...: domain XML to QEMU's command line in this process, as a user of the library does
 * it, COUNT times a file.  VIRTCARD_ROOT says where the cache of QEMU's facts is.  "-" as COUNT prints the
 * command lines instead: what is measured must be right. */

static GPtrArray *
convert (const char *text, gsize len, const char *file, const VcPaths *paths, const VcQemuConf *conf)
{
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();
  g_autoptr (VcDescription) description = vc_describe (text, len, file, paths, errors);
  g_autoptr (GError) error = NULL;
  GPtrArray *argv = description != NULL ? vc_describe_argv (description, paths, conf, &error) : NULL;

  if (argv == NULL)
    g_error ("%s", error != NULL ? error->message : ((GError *) errors->pdata[0])->message);
  return argv;
}

static void
measure (guint count, const char *text, gsize len, const char *file, const VcPaths *paths,
         const VcQemuConf *conf)
{
  g_autofree char *name = g_path_get_basename (file);
  g_autofree double *times = g_new (double, count);

  for (guint i = 0; i < count; i++)
    {
      double begin = now_us ();

      g_ptr_array_unref (convert (text, len, file, paths, conf));
      times[i] = now_us () - begin;
    }
  report (name, times, count);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcPaths) paths = vc_paths_new (NULL, &error);
  g_autoptr (VcQemuConf) conf = paths != NULL ? vc_qemu_conf_read (paths->qemu_conf, &error) : NULL;

  if (argc < 3 || conf == NULL)
    g_error ("%s", error != NULL ? error->message : "usage: native COUNT|- FILE...");
  for (int i = 2; i < argc; i++)
    {
      g_autoptr (GPtrArray) line = NULL;
      g_autofree char *text = NULL;
      gsize len;

      if (!g_file_get_contents (argv[i], &text, &len, &error))
        g_error ("%s", error->message);
      line = convert (text, len, argv[i], paths, conf); /* the first one asks QEMU what it can do */
      if (strcmp (argv[1], "-") == 0)
        {
          g_autofree char *words = vc_quote_argv (line);

          printf ("%s", words);
        }
      else
        measure ((guint) MAX (atoi (argv[1]), 1), text, len, argv[i], paths, conf);
    }
  return 0;
}
