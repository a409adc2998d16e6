/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which USB devices may be redirected: the first rule that fits decides.
 *
 *   <redirfilter>
 *     <usbdev class='0x08' vendor='0x15e1' allow='yes'/>
 *     <usbdev allow='no'/>
 *   </redirfilter>
 */
#include "devices/redirfilter.h"

#include <string.h>

/* -1 stands for any. */
typedef struct
{
  int class, vendor, product, version;
  gboolean allow;
} Rule;

typedef struct
{
  VcDevice base;
  GArray *rules; /* Rule */
} Redirfilter;

/* "1.10", two digits each as USB has them: 0x0110; "1.1" is 1.10. */
static gboolean
read_version (const char *text, int *ret_version)
{
  guint64 major, minor;
  g_auto (GStrv) parts = g_strsplit (text, ".", -1);

  if (strcmp (text, "-1") == 0)
    {
      *ret_version = -1;
      return TRUE;
    }
  if (g_strv_length (parts) != 2 || strlen (parts[1]) > 2
      || !g_ascii_string_to_unsigned (parts[0], 10, 0, 99, &major, NULL)
      || !g_ascii_string_to_unsigned (parts[1], 10, 0, 99, &minor, NULL))
    return FALSE;
  if (strlen (parts[1]) == 1)
    minor *= 10;
  *ret_version = (int) ((major / 10) << 12 | (major % 10) << 8 | (minor / 10) << 4 | minor % 10);
  return TRUE;
}

static gboolean
read_number (VcNode *node, const char *attr, guint max, int *ret_number, GError **error)
{
  const char *text = vc_node_attr (node, attr);
  guint64 value;

  *ret_number = -1;
  if (text == NULL || strcmp (text, "-1") == 0)
    return TRUE;
  if (!vc_read_u64 (text, &value) || value > max)
    return vc_node_fail (node, error, "@%s: '%s' is not a number from 0 to 0x%x, or -1 for any", attr, text,
                         max);
  *ret_number = (int) value;
  return TRUE;
}

static gboolean
read_rule (VcNode *node, Rule *rule, GError **error)
{
  const char *version = vc_node_attr (node, "version"), *allow = vc_node_attr (node, "allow");

  if (!read_number (node, "class", 0xff, &rule->class, error)
      || !read_number (node, "vendor", 0xffff, &rule->vendor, error)
      || !read_number (node, "product", 0xffff, &rule->product, error))
    return FALSE;
  rule->version = -1;
  if (version != NULL && !read_version (version, &rule->version))
    return vc_node_fail (node, error, "@version: '%s' is not a USB version such as 1.10, or -1 for any",
                         version);
  if (allow == NULL)
    return vc_node_fail (node, error, "needs @allow, whether such a device may be redirected");
  if (strcmp (allow, "yes") != 0 && strcmp (allow, "no") != 0)
    return vc_node_fail (node, error, "@allow: '%s' is neither 'yes' nor 'no'", allow);
  rule->allow = strcmp (allow, "yes") == 0;
  return TRUE;
}

static gboolean
read_rules (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  GArray *rules = g_array_new (FALSE, TRUE, sizeof (Rule));

  *(GArray **) at = rules;
  for (VcNode *child = vc_node_next (node, NULL, "usbdev"); child != NULL;
       child = vc_node_next (node, child, "usbdev"))
    {
      Rule rule;

      if (!read_rule (child, &rule, error))
        return FALSE;
      g_array_append_val (rules, rule);
    }
  return TRUE;
}

static void
print_number (VcNode *node, const char *attr, int digits, int number)
{
  g_autofree char *text = g_strdup_printf ("0x%0*X", digits, (guint) number);

  if (number >= 0)
    vc_node_set (node, attr, text);
}

static void
print_rules (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  const GArray *rules = *(GArray *const *) at;

  for (guint i = 0; rules != NULL && i < rules->len; i++)
    {
      const Rule *rule = &g_array_index (rules, Rule, i);
      VcNode *child = vc_node_add (node, "usbdev");
      g_autofree char *version
          = g_strdup_printf ("%x.%02x", (guint) rule->version >> 8, (guint) rule->version & 0xff);

      print_number (child, "class", 2, rule->class);
      print_number (child, "vendor", 4, rule->vendor);
      print_number (child, "product", 4, rule->product);
      if (rule->version >= 0)
        vc_node_set (child, "version", version);
      vc_node_set (child, "allow", rule->allow ? "yes" : "no");
    }
}

static void
clear_rules (gpointer at)
{
  g_clear_pointer ((GArray **) at, g_array_unref);
}

static void
schema_rules (const VcField *row, GString *out)
{
  static const char *const attrs[] = { "class", "vendor", "product", "version" };

  g_string_append (out, "<zeroOrMore><element name='usbdev'>");
  for (guint i = 0; i < G_N_ELEMENTS (attrs); i++)
    g_string_append_printf (out, "<optional><attribute name='%s'/></optional>", attrs[i]);
  g_string_append (out,
                   "<attribute name='allow'><choice><value>yes</value><value>no</value></choice></attribute>"
                   "</element></zeroOrMore>");
}

static const VcType type_rules = { .name = "list",
                                   .read_node = read_rules,
                                   .print_node = print_rules,
                                   .clear = clear_rules,
                                   .schema = schema_rules };

static const VcField rows[]
    = { VC_ROW (Redirfilter, rules, GArray *, type_rules, "usbdev[]", .doc = "rules"), { 0 } };

static void
add_number (GString *out, int digits, int number)
{
  if (number < 0)
    g_string_append (out, "-1:");
  else
    g_string_append_printf (out, "0x%0*X:", digits, (guint) number);
}

char *
vc_redirfilter_find (const VcPeers *peers)
{
  const Redirfilter *self = (const Redirfilter *) vc_peers_find (peers, "redirfilter", NULL, 0);
  GString *out;

  if (self == NULL || self->rules == NULL || self->rules->len == 0)
    return NULL;
  out = g_string_new (NULL);
  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = &g_array_index (self->rules, Rule, i);

      g_string_append (out, i > 0 ? "|" : "");
      add_number (out, 2, rule->class);
      add_number (out, 4, rule->vendor);
      add_number (out, 4, rule->product);
      add_number (out, 4, rule->version);
      g_string_append_c (out, rule->allow ? '1' : '0');
    }
  return g_string_free (out, FALSE);
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  if (vc_peers_find (peers, "redirfilter", NULL, 0) != dev)
    return vc_device_fail (dev, error, "a guest has at most one");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  return TRUE; /* each redirdev carries the rules */
}

const VcKind vc_kind_redirfilter = {
  .name = "redirfilter",
  .element = "redirfilter",
  .summary = "Which USB devices may be redirected: the first rule that fits decides.",
  .fixed = "its rules belong to the redirected devices that are there",
  .size = sizeof (Redirfilter),
  .rows = rows,
  .check = check,
  .plan = plan,
};
