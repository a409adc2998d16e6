/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "domain/memory.h"
#include "fields/unit.h"

/* <memory unit='MiB'>: kept in KiB, rounded up */

static gboolean
read_size (VcNode *node, const char *text, gpointer at, GError **error)
{
  const char *unit = vc_node_attr (node, "unit");
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  guint64 number = 0, bytes = 0;

  if (!vc_unit_find (unit != NULL ? unit : "KiB", &bytes))
    return vc_node_fail (node, error, "@unit: '%s' is no unit of memory such as KiB or GB", unit);
  if (!g_ascii_string_to_unsigned (trimmed, 10, 0, G_MAXUINT64, &number, NULL))
    return vc_node_fail (node, error, "'%s' is not a number", text);
  if (number > (G_GUINT64_CONSTANT (1) << 50) / bytes)
    return vc_node_fail (node, error, "'%s' %s is more than a machine can have", text,
                         unit != NULL ? unit : "KiB");
  *(guint64 *) at = (number * bytes + 1023) / 1024;
  if (*(guint64 *) at == 0)
    return vc_node_fail (node, error, "a guest needs some memory, not 0");
  return TRUE;
}

static gboolean
read_memory (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  VcNode *found;

  if (!vc_field_find (row, node, &found, error))
    return FALSE;
  return found == NULL || read_size (found, vc_node_text (found), at, error);
}

static void
print_memory (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, *(const guint64 *) at);

  if (*(const guint64 *) at == 0)
    return;
  node = vc_field_need (row, node);
  vc_node_set (node, "unit", "KiB");
  vc_node_set_text (node, text);
}

/* In the largest unit that leaves a whole number. */
static void
print_memory_short (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
  guint64 number = *(const guint64 *) at;
  g_autofree char *text = NULL;
  guint unit = 0;

  for (; unit + 1 < G_N_ELEMENTS (units) && number % 1024 == 0; unit++)
    number /= 1024;
  if (*(const guint64 *) at == 0)
    return;
  node = vc_field_need (row, node);
  text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);
  vc_node_set (node, "unit", units[unit]);
  vc_node_set_text (node, text);
}

static gboolean
memory_is_set (gconstpointer at)
{
  return *(const guint64 *) at != 0;
}

static void
schema_memory (const VcField *row, GString *out)
{
  g_string_append (out, "<optional><attribute name='unit'/></optional><data type='unsignedLong'/>");
}

const VcType vc_type_memory = { .name = "size of memory",
                                .read_node = read_memory,
                                .print_node = print_memory,
                                .is_set = memory_is_set,
                                .schema = schema_memory };

const VcType vc_type_memory_short = { .name = "size of memory",
                                      .read_node = read_memory,
                                      .print_node = print_memory_short,
                                      .is_set = memory_is_set,
                                      .schema = schema_memory };

/* <cell memory='512' unit='MiB'>: an attribute and its unit beside it */

static gboolean
read_beside (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  const char *text = vc_node_attr (node, row->xml + 1);

  if (text != NULL)
    return read_size (node, text, at, error);
  vc_node_attr (node, "unit");
  return TRUE;
}

static void
print_beside (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, *(const guint64 *) at);

  if (*(const guint64 *) at == 0)
    return;
  vc_node_set (node, row->xml + 1, text);
  vc_node_set (node, "unit", "KiB");
}

static void
schema_beside (const VcField *row, GString *out)
{
  g_string_append (out, "<data type='unsignedLong'/>");
}

const VcType vc_type_memory_beside = { .name = "size of memory",
                                       .read_node = read_beside,
                                       .print_node = print_beside,
                                       .is_set = memory_is_set,
                                       .schema = schema_beside,
                                       .beside = "unit" };
