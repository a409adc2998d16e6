/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/unit.h"

#include <string.h>

gboolean
vc_unit_find (const char *unit, guint64 *ret_bytes)
{
  static const char letters[] = "kmgtpe";
  const char *letter;
  guint power;

  *ret_bytes = 1;
  if (strcmp (unit, "b") == 0 || strcmp (unit, "bytes") == 0)
    return TRUE;
  letter = strchr (letters, g_ascii_tolower (unit[0]));
  if (unit[0] == '\0' || letter == NULL)
    return FALSE;
  power = (guint) (letter - letters) + 1;
  if (unit[1] == '\0' || g_ascii_strcasecmp (unit + 1, "iB") == 0)
    *ret_bytes = G_GUINT64_CONSTANT (1) << (10 * power);
  else if (g_ascii_strcasecmp (unit + 1, "B") == 0)
    while (power-- > 0)
      *ret_bytes *= 1000;
  else
    return FALSE;
  return TRUE;
}
