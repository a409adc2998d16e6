/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/path.h"

#include <string.h>

static const char *
copy_until (char *to, gsize size, const char *from, const char *stops)
{
  gsize len = strcspn (from, stops);

  g_assert (len > 0 && len < size);
  memcpy (to, from, len);
  to[len] = '\0';
  return from + len;
}

gboolean
vc_step (const char **at, VcStep *ret_step)
{
  const char *c = *at;

  if (*c == '\0')
    return FALSE;
  ret_step->attr[0] = ret_step->value[0] = '\0';
  ret_step->repeated = FALSE;
  ret_step->is_attr = *c == '@';
  c = copy_until (ret_step->name, sizeof ret_step->name, *c == '@' ? c + 1 : c, "/[");
  if (g_str_has_prefix (c, "[]"))
    {
      ret_step->repeated = TRUE;
      c += 2;
    }
  else if (*c == '[')
    {
      c = copy_until (ret_step->attr, sizeof ret_step->attr, c + 1, "=");
      g_assert (*c == '=');
      c = copy_until (ret_step->value, sizeof ret_step->value, c + 1, "]");
      g_assert (*c == ']');
      c++;
    }
  g_assert (*c == '\0' || (*c == '/' && !ret_step->is_attr));
  *at = *c == '/' ? c + 1 : c;
  return TRUE;
}
