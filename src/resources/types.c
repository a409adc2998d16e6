/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resources/types.h"

#include <string.h>

#include "fields/unit.h"

#define MAX_BYTES ((guint64) G_MAXINT64) /* of a file */

/* <capacity unit='GiB'>8</capacity> */

static gboolean
read_size (VcNode *node, VcU64 *at, GError **error)
{
  const char *unit = vc_node_attr (node, "unit");
  g_autofree char *text = g_strstrip (g_strdup (vc_node_text (node)));
  guint64 number = 0, bytes = 0;

  if (!vc_unit_find (unit != NULL ? unit : "bytes", &bytes))
    return vc_node_fail (node, error, "@unit: '%s' is no unit such as KiB or GB", unit);
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &number, NULL))
    return vc_node_fail (node, error, "'%s' is not a number", text);
  if (number > MAX_BYTES / bytes)
    return vc_node_fail (node, error, "'%s' %s is more than a file can have", text,
                         unit != NULL ? unit : "bytes");
  *at = (VcU64){ .set = TRUE, .value = number * bytes };
  return TRUE;
}

static gboolean
read_bytes (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  VcNode *found;

  if (!vc_field_find (row, node, &found, error))
    return FALSE;
  return found == NULL || read_size (found, at, error);
}

static void
print_bytes (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  const VcU64 *size = at;
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, size->value);

  if (!size->set)
    return;
  node = vc_field_need (row, node);
  vc_node_set (node, "unit", "bytes");
  vc_node_set_text (node, text);
}

static gboolean
bytes_is_set (gconstpointer at)
{
  return ((const VcU64 *) at)->set;
}

static void
schema_bytes (const VcField *row, GString *out)
{
  g_string_append (out, "<optional><attribute name='unit'/></optional><data type='unsignedLong'/>");
}

const VcType vc_type_bytes = { .name = "size",
                               .read_node = read_bytes,
                               .print_node = print_bytes,
                               .is_set = bytes_is_set,
                               .schema = schema_bytes };

/* <mode>0711</mode> */

static gboolean
read_mode (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  guint64 mode;

  if (!g_ascii_string_to_unsigned (text, 8, 0, 07777, &mode, NULL))
    {
      *ret_why = g_strdup_printf ("'%s' is no permissions such as 0711", text);
      return FALSE;
    }
  *(VcU32 *) at = vc_u32 ((guint32) mode);
  return TRUE;
}

static char *
print_mode (const VcField *row, gconstpointer at)
{
  const VcU32 *mode = at;

  return mode->set ? g_strdup_printf ("0%03o", mode->value) : NULL;
}

static void
schema_number (const VcField *row, GString *out)
{
  g_string_append (out, "<data type='integer'/>");
}

const VcType vc_type_mode
    = { .name = "permissions", .read = read_mode, .print = print_mode, .schema = schema_number };

/* <owner>107</owner> */

static gboolean
read_owner (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  guint64 number;

  if (strcmp (text, "-1") == 0)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32 - 1, &number, NULL))
    {
      *ret_why = g_strdup_printf ("'%s' is not the number of a user or group", text);
      return FALSE;
    }
  *(VcU32 *) at = vc_u32 ((guint32) number);
  return TRUE;
}

static char *
print_owner (const VcField *row, gconstpointer at)
{
  const VcU32 *number = at;

  return number->set ? g_strdup_printf ("%u", number->value) : NULL;
}

const VcType vc_type_owner
    = { .name = "number", .read = read_owner, .print = print_owner, .schema = schema_number };
