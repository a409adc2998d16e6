/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/list.h"

#include <string.h>

#include "fields/path.h"
#include "fields/schema.h"

/* How this works
 *
 * What clears a member sees neither its row nor its table, so each item carries the list it belongs to in
 * front of itself. */

typedef struct
{
  const VcList *list;
  gpointer item[]; /* aligned for any struct */
} Holder;

static void
free_item (gpointer item)
{
  Holder *holder = (Holder *) (void *) ((char *) item - offsetof (Holder, item));

  vc_fields_clear (holder->list->rows, item);
  g_free (holder);
}

guint
vc_list_n (const GPtrArray *list)
{
  return list != NULL ? list->len : 0;
}

gpointer
vc_list_nth (const GPtrArray *list, guint n)
{
  return list->pdata[n];
}

gpointer
vc_list_add (GPtrArray **at, const VcList *what)
{
  Holder *holder = g_malloc0 (offsetof (Holder, item) + what->size);

  holder->list = what;
  if (*at == NULL)
    *at = g_ptr_array_new_with_free_func (free_item);
  g_ptr_array_add (*at, holder->item);
  return holder->item;
}

/* The element the repeated one stands in, NULL when it is not there; step gets the last step. */
static gboolean
find_parent (const VcField *row, VcNode **node, VcStep *step, GError **error)
{
  const char *place = row->xml;

  while (vc_step (&place, step) && !step->repeated)
    {
      if (!vc_node_child (*node, step->name, NULL, NULL, node, error))
        return FALSE;
      if (*node == NULL)
        return TRUE;
    }
  return TRUE;
}

static gboolean
read_list (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  const VcList *what = row->more;
  VcNode *child = NULL;
  VcStep step;

  if (!find_parent (row, &node, &step, error))
    return FALSE;
  while (node != NULL && (child = vc_node_next (node, child, step.name)) != NULL)
    {
      gpointer item = vc_list_add (at, what);

      if (!vc_fields_read (what->rows, item, child, error) || !vc_fields_done (child, error)
          || !vc_fields_missing (what->rows, item, child, error)
          || (what->check != NULL && !what->check (item, child, error)))
        return FALSE;
    }
  return TRUE;
}

static void
print_list (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  const GPtrArray *list = *(GPtrArray *const *) at;
  const VcList *what = row->more;
  const char *place = row->xml;
  VcStep step;

  if (vc_list_n (list) == 0)
    return;
  while (vc_step (&place, &step) && !step.repeated)
    node = vc_node_need (node, step.name, NULL, NULL);
  for (guint n = 0; n < list->len; n++)
    vc_fields_print (what->rows, list->pdata[n], vc_node_add (node, step.name), how);
}

static void
clear_list (gpointer at)
{
  g_clear_pointer ((GPtrArray **) at, g_ptr_array_unref);
}

static gboolean
list_is_set (gconstpointer at)
{
  return vc_list_n (*(GPtrArray *const *) at) > 0;
}

static void
schema_list (const VcField *row, GString *out)
{
  g_autoptr (VcShape) shape = NULL;
  const char *place = row->xml;
  VcStep step;

  while (vc_step (&place, &step) && !step.repeated)
    ;
  shape = vc_shape_new (step.name);
  vc_shape_add (shape, ((const VcList *) row->more)->rows);
  g_string_append (out, "<zeroOrMore>");
  vc_shape_print (shape, out);
  g_string_append (out, "</zeroOrMore>");
}

const VcType vc_type_list = { .name = "list",
                              .read_node = read_list,
                              .print_node = print_list,
                              .clear = clear_list,
                              .is_set = list_is_set,
                              .schema = schema_list };
