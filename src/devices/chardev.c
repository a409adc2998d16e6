/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/chardev.h"

#include <string.h>

#include "base/error.h"
#include "devices/tls.h"
#include "fields/known.h"
#include "fields/path.h"

/* <seclabel> below <source>: kept as it is; whoever starts the guest refuses what it would have to
 * apply.  libvirt keeps them for these holders only. */

static gboolean
read_label (VcNode *node, VcChardev *chr, GError **error)
{
  const char *relabel = vc_node_attr (node, "relabel");

  if (relabel != NULL && strcmp (relabel, "yes") != 0 && strcmp (relabel, "no") != 0)
    return vc_node_fail (node, error, "@relabel: '%s' is neither 'yes' nor 'no'", relabel);
  if (chr->labels == NULL)
    chr->labels = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (chr->labels, vc_node_copy_text (node));
  chr->relabels |= relabel == NULL || strcmp (relabel, "yes") == 0;
  vc_node_take (node);
  return TRUE;
}

static gboolean
read_labels (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  for (VcNode *source = vc_node_next (node, NULL, "source"); source != NULL;
       source = vc_node_next (node, source, "source"))
    for (VcNode *label = vc_node_next (source, NULL, "seclabel"); label != NULL;
         label = vc_node_next (source, label, "seclabel"))
      if (!read_label (label, at, error))
        return FALSE;
  return TRUE;
}

static void
print_labels (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  static const char *const holders[] = { "serial", "parallel", "console", "channel" };
  const VcChardev *chr = at;
  gboolean kept = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (holders); i++)
    kept |= strcmp (vc_node_name (node), holders[i]) == 0;
  for (guint i = 0; kept && chr->labels != NULL && i < chr->labels->len; i++)
    vc_node_add_copy (vc_node_need (node, "source", NULL, NULL), chr->labels->pdata[i]);
}

static void
clear_labels (gpointer at)
{
  g_clear_pointer (&((VcChardev *) at)->labels, g_ptr_array_unref);
}

static void
schema_labels (const VcField *row, GString *out)
{
  g_string_append (out, "<zeroOrMore><element name='seclabel'><ref name='anything'/></element></zeroOrMore>");
}

static const VcType type_labels = { .name = "labels",
                                    .read_node = read_labels,
                                    .print_node = print_labels,
                                    .clear = clear_labels,
                                    .schema = schema_labels };

const VcField vc_chardev_common[] = {
  VC_PATH (VcChardev, log, "log/@file", .doc = "file that gets a copy of what the guest sends"),
  VC_ONOFF (VcChardev, log_append, "log/@append", .doc = "whether the log goes on where it ended"),
  { .xml = "source/seclabel[]", .type = &type_labels, .doc = "security labels of running guests' files" },
  { 0 }
};

static const VcChardevKind *
find (const char *type)
{
  for (guint i = 0; vc_chardev_kinds[i] != NULL; i++)
    if (strcmp (vc_chardev_kinds[i]->type, type) == 0)
      return vc_chardev_kinds[i];
  return NULL;
}

VcChardev *
vc_chardev_new (const char *type)
{
  const VcChardevKind *kind = find (type);
  VcChardev *chr;

  g_assert (kind != NULL);
  chr = g_malloc0 (kind->size);

  chr->kind = kind;
  return chr;
}

void
vc_chardev_free (VcChardev *chr)
{
  if (chr == NULL)
    return;
  vc_fields_clear (chr->kind->rows, chr);
  vc_fields_clear (vc_chardev_common, chr);
  g_free (chr);
}

static gboolean
fail_type (VcNode *node, const char *type, GError **error)
{
  g_autoptr (GString) all = g_string_new (NULL);

  if (vc_known_value (vc_node_name (node), "type", type))
    return vc_node_fail_code (node, error, VC_ERROR_UNSUPPORTED,
                              "@type: '%s' is known to libvirt but not supported here", type);
  for (guint i = 0; vc_chardev_kinds[i] != NULL; i++)
    g_string_append_printf (all, "%s%s", i > 0 ? ", " : "", vc_chardev_kinds[i]->type);
  return vc_node_fail (node, error, "@type: '%s' is none of: %s", type, all->str);
}

/* What belongs to a back end is not unknown just because nobody knows which one. */
static void
take_host_side (VcNode *node)
{
  static const char *const names[] = { "source", "protocol", "log" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (VcNode *child = NULL; (child = vc_node_next (node, child, names[i])) != NULL;)
      vc_node_take (child);
}

/* The element that holds the facts: the device's, or a child of it ("backend/@type"). */
static gboolean
find_holder (const VcField *row, VcNode **node, GError **error)
{
  const char *place = row->xml;
  VcStep step;

  while (vc_step (&place, &step) && !step.is_attr)
    {
      if (!vc_node_child (*node, step.name, NULL, NULL, node, error))
        return FALSE;
      if (*node == NULL)
        return TRUE;
    }
  return TRUE;
}

static gboolean
read_chardev (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  g_autoptr (VcChardev) chr = NULL;
  const char *type;

  if (!find_holder (row, &node, error))
    return FALSE;
  if (node == NULL)
    return TRUE;
  type = vc_node_attr (node, "type");
  if (type == NULL)
    type = row->more;
  if (type == NULL)
    {
      take_host_side (node);
      return TRUE; /* vc_fields_missing says it, after unknown names */
    }
  if (find (type) == NULL)
    return fail_type (node, type, error);
  chr = vc_chardev_new (type);
  if (!vc_fields_read (chr->kind->rows, chr, node, error)
      || !vc_fields_read (vc_chardev_common, chr, node, error))
    return FALSE;
  if (chr->log_append != VC_TRI_UNSET && chr->log == NULL)
    return vc_node_fail (node, error, "needs log/@file, the %s", vc_chardev_common[0].doc);
  *(VcChardev **) at = g_steal_pointer (&chr);
  return TRUE;
}

void
vc_chardev_print (const VcChardev *chr, VcNode *node, VcPrint how)
{
  vc_node_set (node, "type", chr->kind->type);
  vc_fields_print (chr->kind->rows, chr, node, how);
  vc_fields_print (vc_chardev_common, chr, node, how);
}

static void
print_chardev (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  const char *place = row->xml;
  VcStep step;

  while (vc_step (&place, &step) && !step.is_attr)
    node = vc_node_need (node, step.name, NULL, NULL);
  vc_chardev_print (*(VcChardev *const *) at, node, how);
}

static void
clear_chardev (gpointer at)
{
  g_clear_pointer ((VcChardev **) at, vc_chardev_free);
}

static gboolean
is_set (gconstpointer at)
{
  return *(VcChardev *const *) at != NULL;
}

const VcType vc_type_chardev = { .name = "character device",
                                 .read_node = read_chardev,
                                 .print_node = print_chardev,
                                 .clear = clear_chardev,
                                 .is_set = is_set };

static gpointer
copy_text (gconstpointer text, gpointer data)
{
  return g_strdup (text);
}

VcChardev *
vc_chardev_copy (const VcChardev *chr)
{
  g_autoptr (VcXml) xml = vc_xml_new ("copy");
  g_autoptr (VcChardev) copy = NULL;
  const VcField row = { .xml = "@type", .type = &vc_type_chardev };

  vc_chardev_print (chr, vc_xml_root (xml), VC_PRINT_INACTIVE);
  if (!read_chardev (&row, vc_xml_root (xml), &copy, NULL))
    g_assert_not_reached (); /* what was printed can be read */
  copy->relabels = chr->relabels;
  if (chr->labels != NULL) /* printed as they were written, not as elements */
    copy->labels = g_ptr_array_copy (chr->labels, copy_text, NULL);
  if (copy->labels != NULL)
    g_ptr_array_set_free_func (copy->labels, g_free);
  return g_steal_pointer (&copy);
}

void
vc_chardev_fill (VcChardev *chr, const VcDevice *holder)
{
  if (chr->kind->fill != NULL)
    chr->kind->fill (chr, holder);
}

void
vc_chardev_resolve (VcChardev *chr, const VcTlsFacts *tls)
{
  if (chr->kind->resolve != NULL)
    chr->kind->resolve (chr, tls);
}

gboolean
vc_chardev_is_encrypted (const VcChardev *chr)
{
  for (const VcField *row = chr->kind->rows; row->xml != NULL; row++)
    if (row->type == &vc_type_tls)
      return ((const VcTls *) (gconstpointer) ((const char *) chr + row->at))->live == VC_TRI_YES;
  return FALSE;
}

VcChardev *
vc_chardev_of (const VcDevice *dev)
{
  for (const VcField *row = dev->kind->rows; row->xml != NULL; row++)
    if (row->type == &vc_type_chardev)
      return *(VcChardev *const *) ((const char *) dev + row->at);
  return NULL;
}

gboolean
vc_service_check (const char *service, const VcDevice *holder, GError **error)
{
  const char *digits = service + strspn (service, " \t\n\v\f\r+-");

  if (*digits == '\0' || digits[strspn (digits, "0123456789")] != '\0'
      || g_ascii_string_to_unsigned (service, 10, 0, 65535, NULL, NULL))
    return TRUE;
  return vc_device_fail (holder, error, "source/@service: '%s' is not a port: a number from 0 to 65535",
                         service);
}

gboolean
vc_chardev_check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  return chr->kind->check == NULL || chr->kind->check (chr, holder, peers, error);
}

gboolean
vc_chardev_claim (const VcDevice *dev, VcClaim *ret_claim)
{
  const VcChardev *chr = vc_chardev_of (dev);

  return chr != NULL && chr->kind->claim != NULL && chr->kind->claim (chr, ret_claim);
}

const char *
vc_chardev_plan (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx, VcPlan *plan,
                 GError **error)
{
  g_autofree char *id = g_strconcat ("char", holder->alias, NULL);
  gboolean parallel = chr->kind->parallel != NULL && vc_is (holder, "parallel", NULL);
  VcProps *props;

  if (chr->kind->before != NULL && !chr->kind->before (chr, holder, ctx, plan, error))
    return NULL;
  props = vc_plan_add (plan, VC_Q_CHARDEV, parallel ? chr->kind->parallel : chr->kind->backend, id);
  vc_fields_put (chr->kind->rows, chr, props);
  if (chr->kind->plan != NULL && !chr->kind->plan (chr, holder, ctx, plan, props, error))
    return NULL;
  if (chr->log != NULL)
    {
      vc_props_file (props, "logfile", chr->log, chr->log_append != VC_TRI_YES);
      vc_props_tri (props, "logappend", chr->log_append);
    }
  return vc_props_id (props);
}
