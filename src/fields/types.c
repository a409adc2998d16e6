/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fields/field.h"
#include "fields/path.h"

/* The types of rows. */

static void
schema_data (const VcField *row, GString *out)
{
  g_string_append (out, "<text/>");
}

/* text */

static gboolean
read_str (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  g_free (*(char **) at);
  *(char **) at = g_strdup (text);
  return TRUE;
}

static char *
print_str (const VcField *row, gconstpointer at)
{
  return g_strdup (*(char *const *) at);
}

static void
clear_str (gpointer at)
{
  g_clear_pointer ((char **) at, g_free);
}

static void
put_str (const VcField *row, gconstpointer at, VcProps *props)
{
  vc_props_str (props, row->prop, *(char *const *) at);
}

const VcType vc_type_str = { .name = "text",
                             .read = read_str,
                             .print = print_str,
                             .clear = clear_str,
                             .put = put_str,
                             .schema = schema_data };

/* absolute path */

static gboolean
read_path (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  if (text[0] != '/')
    {
      *ret_why = g_strdup_printf ("'%s' is not an absolute path", text);
      return FALSE;
    }
  return read_str (row, text, at, ret_why);
}

static void
schema_path (const VcField *row, GString *out)
{
  g_string_append (out, "<data type='string'><param name='pattern'>/(.|\\n)*</param></data>");
}

const VcType vc_type_path = { .name = "absolute path",
                              .read = read_path,
                              .print = print_str,
                              .clear = clear_str,
                              .put = put_str,
                              .schema = schema_path };

/* absolute path, or nothing */

static gboolean
read_path_or_none (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  return *text == '\0' ? read_str (row, text, at, ret_why) : read_path (row, text, at, ret_why);
}

static void
schema_path_or_none (const VcField *row, GString *out)
{
  g_string_append (out, "<data type='string'><param name='pattern'>(/(.|\\n)*)?</param></data>");
}

const VcType vc_type_path_or_none = { .name = "absolute path",
                                      .read = read_path_or_none,
                                      .print = print_str,
                                      .clear = clear_str,
                                      .put = put_str,
                                      .schema = schema_path_or_none };

/* uuid: 32 hexadecimal digits, dashes and spaces anywhere between them, kept in the usual form */

static gboolean
read_uuid (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  g_autoptr (GString) out = g_string_new (NULL);
  guint digits = 0;

  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c == '-' || g_ascii_isspace (*c))
        continue;
      if (!g_ascii_isxdigit (*c) || digits == 32)
        {
          *ret_why = g_strdup_printf ("'%s' is not a UUID", text);
          return FALSE;
        }
      if (digits == 8 || digits == 12 || digits == 16 || digits == 20)
        g_string_append_c (out, '-');
      g_string_append_c (out, g_ascii_tolower (*c));
      digits++;
    }
  if (digits != 32)
    {
      *ret_why = g_strdup_printf ("'%s' is not a UUID: it has %u hexadecimal digits, not 32", text, digits);
      return FALSE;
    }
  return read_str (row, out->str, at, ret_why);
}

const VcType vc_type_uuid = { .name = "UUID",
                              .read = read_uuid,
                              .print = print_str,
                              .clear = clear_str,
                              .put = put_str,
                              .schema = schema_data };

/* number */

gboolean
vc_read_u64 (const char *text, guint64 *ret_value)
{
  gboolean hex = g_str_has_prefix (text, "0x") || g_str_has_prefix (text, "0X");

  return g_ascii_string_to_unsigned (hex ? text + 2 : text, hex ? 16 : 10, 0, G_MAXUINT64, ret_value, NULL);
}

static gboolean
read_u32 (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  guint64 max = row->max != 0 ? row->max : G_MAXUINT32, value;

  if (!vc_read_u64 (text, &value) || value < row->min || value > max)
    {
      *ret_why = g_strdup_printf ("'%s' is not a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                                  text, row->min, max);
      return FALSE;
    }
  *(VcU32 *) at = vc_u32 ((guint32) value);
  return TRUE;
}

static char *
print_u32 (const VcField *row, gconstpointer at)
{
  const VcU32 *number = at;

  if (!number->set)
    return NULL;
  if (row->digits > 0)
    return g_strdup_printf ("0x%0*x", (int) row->digits, number->value);
  return g_strdup_printf ("%u", number->value);
}

static void
put_u32 (const VcField *row, gconstpointer at, VcProps *props)
{
  vc_props_u32 (props, row->prop, *(const VcU32 *) at);
}

static void
schema_u32 (const VcField *row, GString *out)
{
  g_string_append (out,
                   "<choice><data type='unsignedLong'/>"
                   "<data type='string'><param name='pattern'>0[xX][0-9a-fA-F]+</param></data></choice>");
}

const VcType vc_type_u32
    = { .name = "number", .read = read_u32, .print = print_u32, .put = put_u32, .schema = schema_u32 };

/* number beyond 32 bits */

static gboolean
read_u64 (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  guint64 max = row->max != 0 ? row->max : G_MAXINT64, value;

  if (!vc_read_u64 (text, &value) || value < row->min || value > max)
    {
      *ret_why = g_strdup_printf ("'%s' is not a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                                  text, row->min, max);
      return FALSE;
    }
  *(VcU64 *) at = (VcU64){ .set = TRUE, .value = value };
  return TRUE;
}

static char *
print_u64 (const VcField *row, gconstpointer at)
{
  const VcU64 *number = at;

  return number->set ? g_strdup_printf ("%" G_GUINT64_FORMAT, number->value) : NULL;
}

static void
put_u64 (const VcField *row, gconstpointer at, VcProps *props)
{
  const VcU64 *number = at;

  if (number->set)
    vc_props_u64 (props, row->prop, number->value);
}

const VcType vc_type_u64
    = { .name = "number", .read = read_u64, .print = print_u64, .put = put_u64, .schema = schema_u32 };

/* choice */

int
vc_choice_find (const char *const *choices, const char *text)
{
  for (int i = 1; choices[i] != NULL; i++)
    if (strcmp (choices[i], text) == 0)
      return i;
  return 0;
}

static gboolean
read_choice (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  int value = vc_choice_find (row->choices, text);

  if (value == 0)
    {
      g_autofree char *all = g_strjoinv (", ", (char **) row->choices + 1);

      *ret_why = g_strdup_printf ("'%s' is none of: %s", text, all);
      return FALSE;
    }
  *(int *) at = value;
  return TRUE;
}

static char *
print_choice (const VcField *row, gconstpointer at)
{
  return g_strdup (vc_choice (row->choices, *(const int *) at));
}

static void
put_choice (const VcField *row, gconstpointer at, VcProps *props)
{
  vc_props_str (props, row->prop, vc_choice (row->choices, *(const int *) at));
}

static void
schema_choice (const VcField *row, GString *out)
{
  g_string_append (out, "<choice>");
  for (guint i = 1; row->choices[i] != NULL; i++)
    g_string_append_printf (out, "<value>%s</value>", row->choices[i]);
  g_string_append (out, "</choice>");
}

const VcType vc_type_choice = {
  .name = "choice", .read = read_choice, .print = print_choice, .put = put_choice, .schema = schema_choice
};

/* yes/no and on/off: VcTri's own numbers are the choices' indexes */

static const char *const yesno[] = { "", "no", "yes", NULL };
static const char *const onoff[] = { "", "off", "on", NULL };

static gboolean
read_tri (const char *const *list, const char *text, gpointer at, char **ret_why)
{
  int value = vc_choice_find (list, text);

  if (value == 0)
    {
      *ret_why = g_strdup_printf ("'%s' is neither '%s' nor '%s'", text, list[2], list[1]);
      return FALSE;
    }
  *(VcTri *) at = (VcTri) value;
  return TRUE;
}

static gboolean
read_yesno (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  return read_tri (yesno, text, at, ret_why);
}

static gboolean
read_onoff (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  return read_tri (onoff, text, at, ret_why);
}

static char *
print_yesno (const VcField *row, gconstpointer at)
{
  return g_strdup (vc_choice (yesno, (int) *(const VcTri *) at));
}

static char *
print_onoff (const VcField *row, gconstpointer at)
{
  return g_strdup (vc_choice (onoff, (int) *(const VcTri *) at));
}

static void
put_tri (const VcField *row, gconstpointer at, VcProps *props)
{
  vc_props_tri (props, row->prop, *(const VcTri *) at);
}

static void
schema_yesno (const VcField *row, GString *out)
{
  g_string_append (out, "<choice><value>yes</value><value>no</value></choice>");
}

static void
schema_onoff (const VcField *row, GString *out)
{
  g_string_append (out, "<choice><value>on</value><value>off</value></choice>");
}

const VcType vc_type_yesno = {
  .name = "yes or no", .read = read_yesno, .print = print_yesno, .put = put_tri, .schema = schema_yesno
};
const VcType vc_type_onoff = {
  .name = "on or off", .read = read_onoff, .print = print_onoff, .put = put_tri, .schema = schema_onoff
};

/* presence: an element that is a value by being there */

static gboolean
read_flag (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  if (text[strspn (text, " \t\r\n")] != '\0')
    {
      *ret_why = g_strdup_printf ("takes no text, and has '%s'", text);
      return FALSE;
    }
  *(gboolean *) at = TRUE;
  return TRUE;
}

static char *
print_flag (const VcField *row, gconstpointer at)
{
  return *(const gboolean *) at ? g_strdup ("") : NULL;
}

static void
schema_empty (const VcField *row, GString *out)
{
  g_string_append (out, "<empty/>");
}

const VcType vc_type_flag
    = { .name = "presence", .read = read_flag, .print = print_flag, .schema = schema_empty };

/* repeated child: a list of texts */

static gboolean
read_strv (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  const char *place = row->xml;
  VcNode *child = NULL;
  gboolean any = FALSE;
  VcStep step;

  vc_step (&place, &step);
  while ((child = vc_node_next (node, child, step.name)) != NULL)
    {
      g_strv_builder_add (list, vc_node_text (child));
      any = TRUE;
    }
  if (any)
    *(char ***) at = g_strv_builder_end (list);
  return TRUE;
}

static void
print_strv (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  char *const *list = *(char **const *) at;
  const char *place = row->xml;
  VcStep step;

  vc_step (&place, &step);
  for (; list != NULL && *list != NULL; list++)
    {
      VcNode *child = vc_node_add (node, step.name);

      if (**list != '\0')
        vc_node_set_text (child, *list);
    }
}

static void
clear_strv (gpointer at)
{
  g_clear_pointer ((char ***) at, g_strfreev);
}

static gboolean
strv_is_set (gconstpointer at)
{
  return *(char **const *) at != NULL;
}

static void
schema_strv (const VcField *row, GString *out)
{
  const char *place = row->xml;
  VcStep step;

  vc_step (&place, &step);
  g_string_append_printf (out, "<zeroOrMore><element name='%s'><text/></element></zeroOrMore>", step.name);
}

const VcType vc_type_strv = { .name = "list",
                              .read_node = read_strv,
                              .print_node = print_strv,
                              .clear = clear_strv,
                              .is_set = strv_is_set,
                              .schema = schema_strv };

/* accepted and not kept */

static gboolean
read_ignored (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  const char *place = row->xml;
  VcStep step;

  while (vc_step (&place, &step))
    {
      VcNode *child = NULL;

      if (step.is_attr)
        {
          vc_node_attr (node, step.name);
          return TRUE;
        }
      if (*place == '\0')
        {
          while ((child = vc_node_next (node, child, step.name)) != NULL)
            vc_node_take (child);
          return TRUE;
        }
      if (!vc_node_child (node, step.name, step.attr[0] != '\0' ? step.attr : NULL, step.value, &child,
                          error))
        return FALSE;
      if (child == NULL)
        return TRUE;
      node = child;
    }
  return TRUE;
}

static void
schema_any (const VcField *row, GString *out)
{
  g_string_append (out, row->xml[0] == '@' || strstr (row->xml, "/@") != NULL ? "<text/>"
                                                                              : "<ref name='anything'/>");
}

const VcType vc_type_ignored = { .name = "ignored", .read_node = read_ignored, .schema = schema_any };

/* read as another type, and not kept */

static gboolean
read_judged (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  const VcType *as = row->more;
  union
  {
    char *text;
    VcU32 number;
    VcTri tri;
    int choice;
  } scratch = { 0 };
  gboolean good = as->read (row, text, &scratch, ret_why);

  if (as->clear != NULL)
    as->clear (&scratch);
  return good;
}

static void
schema_judged (const VcField *row, GString *out)
{
  ((const VcType *) row->more)->schema (row, out);
}

const VcType vc_type_judged = { .name = "judged", .read = read_judged, .schema = schema_judged };
