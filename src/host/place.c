/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/place.h"

#include "base/error.h"

char *
vc_place_print (const VcDevice *dev)
{
  if (dev == NULL)
    return NULL;
  if (dev->line == 0)
    return g_strdup_printf ("%s:1: <%s> (added by itself)", dev->origin != NULL ? dev->origin : "domain",
                            dev->kind->element);
  return g_strdup_printf ("%s:%u: <%s>", dev->origin, dev->line, dev->kind->element);
}

gboolean
vc_place_prefix (const VcDevice *dev, GError **error)
{
  g_autofree char *place = vc_place_print (dev);

  return place != NULL ? vc_prefix (error, "%s: ", place) : FALSE;
}
