/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/cpuset.h"

#include <stdlib.h>
#include <string.h>

#define WORDS (VC_CPUSET_MAX / 8)

/* A number at *at, which moves behind it. */
static gboolean
take_number (const char **at, guint *ret_number)
{
  char *end;
  guint64 value;

  if (!g_ascii_isdigit (**at))
    return FALSE;
  value = g_ascii_strtoull (*at, &end, 10);
  *at = end;
  *ret_number = (guint) MIN (value, VC_CPUSET_MAX);
  return value < VC_CPUSET_MAX;
}

static gboolean
read_bits (const char *text, guint8 *bits)
{
  while (*text != '\0')
    {
      gboolean without = *text == '^';
      guint first, last;

      text += without;
      if (!take_number (&text, &first))
        return FALSE;
      last = first;
      if (*text == '-' && !without)
        {
          text++;
          if (!take_number (&text, &last) || last < first)
            return FALSE;
        }
      for (guint n = first; n <= last; n++)
        if (without)
          bits[n / 8] &= (guint8) ~(1u << (n % 8));
        else
          bits[n / 8] |= (guint8) (1u << (n % 8));
      if (*text == ',' && text[1] != '\0')
        text++;
      else if (*text != '\0')
        return FALSE;
    }
  return TRUE;
}

static char *
print_bits (const guint8 *bits)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint n = 0; n < VC_CPUSET_MAX; n++)
    {
      guint first = n;

      if (!(bits[n / 8] & (1u << (n % 8))))
        continue;
      while (n + 1 < VC_CPUSET_MAX && bits[(n + 1) / 8] & (1u << ((n + 1) % 8)))
        n++;
      g_string_append_printf (out, n > first ? "%s%u-%u" : "%s%u", out->len > 0 ? "," : "", first, n);
    }
  return out->len > 0 ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

static gboolean
read_cpuset (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  g_autofree guint8 *bits = g_new0 (guint8, WORDS);
  g_autofree char *bare = g_strdup (text);
  char *set = NULL, *to = bare;

  for (const char *c = text; *c != '\0'; c++) /* blanks may stand anywhere */
    if (!g_ascii_isspace (*c))
      *to++ = *c;
  *to = '\0';
  if (read_bits (bare, bits))
    set = print_bits (bits);
  if (set == NULL)
    {
      *ret_why
          = g_strdup_printf ("'%s' is not a set of numbers below %u such as 0-3,^2,8", text, VC_CPUSET_MAX);
      return FALSE;
    }
  g_free (*(char **) at);
  *(char **) at = set;
  return TRUE;
}

static char *
print_cpuset (const VcField *row, gconstpointer at)
{
  return g_strdup (*(char *const *) at);
}

static void
clear_cpuset (gpointer at)
{
  g_clear_pointer ((char **) at, g_free);
}

static void
schema_cpuset (const VcField *row, GString *out)
{
  g_string_append (out, "<data type='string'><param name='pattern'>[0-9,^ -]+</param></data>");
}

const VcType vc_type_cpuset = { .name = "set of numbers",
                                .read = read_cpuset,
                                .print = print_cpuset,
                                .clear = clear_cpuset,
                                .schema = schema_cpuset };

gboolean
vc_cpuset_next (const char **at, guint *ret_first, guint *ret_last)
{
  if (*at == NULL || !take_number (at, ret_first))
    return FALSE;
  *ret_last = *ret_first;
  if (**at == '-')
    {
      ++*at;
      take_number (at, ret_last);
    }
  if (**at == ',')
    ++*at;
  return TRUE;
}

guint
vc_cpuset_last (const char *set)
{
  guint first, last = 0;

  while (vc_cpuset_next (&set, &first, &last))
    ;
  return last;
}
