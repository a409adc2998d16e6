/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/field.h"

#include <string.h>

#include "base/error.h"
#include "fields/known.h"
#include "fields/path.h"

/* How this works
 *
 * Reading and printing walk the same steps of a row's place: find a child, or find or make it.
 * So what was read from a place is printed to that place. */

/* Where a row's text was found. */
typedef struct
{
  VcNode *node;     /* element that holds it                         */
  const char *text; /* NULL: not given                               */
  char attr[32];    /* attribute's name, "" for the element's text   */
} Found;

static gboolean
find (const VcField *row, VcNode *node, Found *found, GError **error)
{
  const char *at = row->xml;
  VcStep step;

  found->node = node;
  found->text = NULL;
  found->attr[0] = '\0';
  while (vc_step (&at, &step))
    {
      if (step.is_attr)
        {
          memcpy (found->attr, step.name, sizeof found->attr);
          found->text = vc_node_attr (found->node, step.name);
          return TRUE;
        }
      g_assert (!step.repeated);
      if (!vc_node_child (found->node, step.name, step.attr[0] != '\0' ? step.attr : NULL, step.value, &node,
                          error))
        return FALSE;
      if (node == NULL)
        return TRUE;
      found->node = node;
    }
  found->text = vc_node_text (found->node);
  return TRUE;
}

gboolean
vc_field_find (const VcField *row, VcNode *node, VcNode **ret_found, GError **error)
{
  const char *at = row->xml;
  VcStep step;

  *ret_found = node;
  while (*ret_found != NULL && vc_step (&at, &step) && !step.is_attr)
    if (!vc_node_child (*ret_found, step.name, step.attr[0] != '\0' ? step.attr : NULL, step.value, ret_found,
                        error))
      return FALSE;
  return TRUE;
}

VcNode *
vc_field_need (const VcField *row, VcNode *node)
{
  const char *at = row->xml;
  VcStep step;

  while (vc_step (&at, &step) && !step.is_attr)
    node = vc_node_need (node, step.name, step.attr[0] != '\0' ? step.attr : NULL, step.value);
  return node;
}

static gboolean
fail_value (const VcField *row, const Found *found, const char *why, GError **error)
{
  const char *attr = found->attr[0] != '\0' ? found->attr : NULL;

  if (row->choices != NULL && vc_known_value (vc_node_name (found->node), attr, found->text))
    return vc_node_fail_code (
        found->node, error, VC_ERROR_UNSUPPORTED, "%s%s%s'%s' is known to libvirt but not supported here",
        attr != NULL ? "@" : "", attr != NULL ? attr : "", attr != NULL ? ": " : "", found->text);
  if (attr != NULL)
    return vc_node_fail (found->node, error, "@%s: %s", attr, why);
  return vc_node_fail (found->node, error, "%s", why);
}

/* What only a running machine has must be right elsewhere, too, but means nothing there. */
static gboolean
read_text (const VcField *row, const VcNode *node, const char *text, gpointer at, char **ret_why)
{
  VcField judged = *row;

  if ((row->flags & VC_LIVE) == 0 || vc_node_is_found (node))
    return row->type->read (row, text, at, ret_why);
  judged.more = row->type;
  return vc_type_judged.read (&judged, text, NULL, ret_why);
}

gboolean
vc_fields_read (const VcField *rows, gpointer obj, VcNode *node, GError **error)
{
  for (const VcField *row = rows; row->xml != NULL; row++)
    {
      gpointer at = (char *) obj + row->at;
      g_autofree char *why = NULL;
      Found found;

      if (row->type->read_node != NULL)
        {
          if (!row->type->read_node (row, node, at, error))
            return FALSE;
          continue;
        }
      if (!find (row, node, &found, error))
        return FALSE;
      if (found.text != NULL && !read_text (row, node, found.text, at, &why))
        return fail_value (row, &found, why, error);
    }
  return TRUE;
}

static gboolean
is_set (const VcField *row, gconstpointer obj)
{
  gconstpointer at = (const char *) obj + row->at;
  g_autofree char *text = NULL;

  if (row->type->is_set != NULL)
    return row->type->is_set (at);
  text = row->type->print (row, at);
  return text != NULL;
}

/* The element, as deep as there is one, that lacks something; the rest of the place, seen from it. */
static const VcNode *
find_deepest (const VcNode *node, const char **place)
{
  for (;;)
    {
      const char *rest = *place;
      VcNode *child = NULL;
      VcStep step;

      if (!vc_step (&rest, &step) || step.is_attr || step.attr[0] != '\0' || *rest == '\0'
          || (child = vc_node_next ((VcNode *) node, NULL, step.name)) == NULL)
        return node;
      node = child;
      *place = rest;
    }
}

gboolean
vc_fields_missing (const VcField *rows, gconstpointer obj, const VcNode *node, GError **error)
{
  for (const VcField *row = rows; row->xml != NULL; row++)
    if ((row->flags & VC_REQUIRED) && !is_set (row, obj))
      {
        const char *place = row->xml;
        const VcNode *at = find_deepest (node, &place);

        return vc_node_fail (at, error, "needs %s, the %s", place, row->doc);
      }
  return TRUE;
}

static void
print_row (const VcField *row, const char *text, VcNode *node)
{
  const char *at = row->xml;
  VcStep step;

  while (vc_step (&at, &step))
    {
      if (step.is_attr)
        {
          vc_node_set (node, step.name, text);
          return;
        }
      node = vc_node_need (node, step.name, step.attr[0] != '\0' ? step.attr : NULL, step.value);
    }
  if (*text != '\0')
    vc_node_set_text (node, text);
}

void
vc_fields_print (const VcField *rows, gconstpointer obj, VcNode *node, VcPrint how)
{
  for (const VcField *row = rows; row->xml != NULL; row++)
    {
      gconstpointer at = (const char *) obj + row->at;
      g_autofree char *text = NULL;

      if ((row->flags & VC_DROPPED)
          || ((row->flags & VC_LIVE) && how != VC_PRINT_LIVE && how != VC_PRINT_STATUS))
        continue;
      if (row->type->print_node != NULL)
        {
          row->type->print_node (row, at, node, how);
          continue;
        }
      text = row->type->print (row, at);
      if (text != NULL)
        print_row (row, text, node);
    }
}

void
vc_fields_clear (const VcField *rows, gpointer obj)
{
  for (const VcField *row = rows; row->xml != NULL; row++)
    if (row->type->clear != NULL && !(row->flags & VC_DROPPED))
      row->type->clear ((char *) obj + row->at);
}

void
vc_fields_put (const VcField *rows, gconstpointer obj, VcProps *props)
{
  for (const VcField *row = rows; row->xml != NULL; row++)
    if (row->prop != NULL)
      row->type->put (row, (const char *) obj + row->at, props);
}

static const VcXmlKnown libvirt = { vc_known_element, vc_known_attr };

gboolean
vc_fields_done (VcNode *node, GError **error)
{
  return vc_node_done (node, &libvirt, error);
}

gboolean
vc_fields_fail_unread (const VcNode *node, GError **error)
{
  return vc_node_fail_unread (node, &libvirt, error);
}
