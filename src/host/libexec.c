/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/libexec.h"

#include <unistd.h>

char *
vc_libexec_find (const char *program)
{
  const char *set = g_getenv ("VIRTCARD_LIBEXEC");
  g_auto (GStrv) folders = g_strsplit (set != NULL ? set : "", ":", -1);
  g_autofree char *first = NULL;

  for (char **folder = folders; *folder != NULL; folder++)
    {
      g_autofree char *path = g_path_is_absolute (*folder) ? g_build_filename (*folder, program, NULL) : NULL;

      if (path != NULL && access (path, F_OK) == 0)
        return g_steal_pointer (&path);
      if (path != NULL && first == NULL)
        first = g_steal_pointer (&path);
    }
  return first != NULL ? g_steal_pointer (&first) : g_build_filename (VC_LIBEXECDIR, program, NULL);
}
