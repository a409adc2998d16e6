/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/known.h"

#include <stdlib.h>
#include <string.h>

#include "fields/known-tables.h"

static int
compare (const void *key, const void *row)
{
  return strcmp (key, ((const VcKnown *) row)->key);
}

static gboolean
find (const VcKnown *table, gsize n, const char *key, const char *name)
{
  const VcKnown *row = bsearch (key, table, n, sizeof *table, compare);
  gsize len = strlen (name);

  if (row == NULL || len == 0)
    return FALSE;
  for (const char *at = strstr (row->names, name); at != NULL; at = strstr (at + 1, name))
    if ((at == row->names || at[-1] == ' ') && (at[len] == '\0' || at[len] == ' '))
      return TRUE;
  return FALSE;
}

gboolean
vc_known_element (const char *parent, const char *name)
{
  return find (vc_known_elements, vc_known_n_elements, parent, name);
}

gboolean
vc_known_attr (const char *element, const char *name)
{
  return find (vc_known_attributes, vc_known_n_attributes, element, name);
}

gboolean
vc_known_value (const char *element, const char *attr, const char *value)
{
  g_autofree char *key = attr != NULL ? g_strconcat (element, "@", attr, NULL) : g_strdup (element);

  return find (vc_known_values, vc_known_n_values, key, value);
}
