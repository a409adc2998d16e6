/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/schema.h"

#include <string.h>

#include "fields/path.h"

/* How this works
 *
 * Rows name places; places are steps; steps make a tree.  An element is required when a required
 * row stands in it directly, or when it is the one that was asked for. */

typedef struct
{
  char *name;         /* attribute, or "" for the element's text   */
  const VcField *row; /* NULL: value is fixed, or NULL for any     */
  char *value;
  gboolean optional;
} Fact;

struct VcShape
{
  char *name;
  char *select; /* value that chooses it, "" for none         */
  gboolean required;
  GPtrArray *facts;    /* Fact                                      */
  GPtrArray *children; /* VcShape                                   */
  GPtrArray *raw;      /* char *: patterns of their own             */
};

static void
free_fact (gpointer data)
{
  Fact *fact = data;

  g_free (fact->name);
  g_free (fact->value);
  g_free (fact);
}

static void
free_shape (gpointer data)
{
  vc_shape_free (data);
}

VcShape *
vc_shape_new (const char *name)
{
  VcShape *self = g_new0 (VcShape, 1);

  self->name = g_strdup (name);
  self->facts = g_ptr_array_new_with_free_func (free_fact);
  self->children = g_ptr_array_new_with_free_func (free_shape);
  self->raw = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
vc_shape_free (VcShape *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->select);
  g_ptr_array_unref (self->facts);
  g_ptr_array_unref (self->children);
  g_ptr_array_unref (self->raw);
  g_free (self);
}

static void
add_fact (VcShape *self, const char *name, const VcField *row, const char *value, gboolean optional)
{
  Fact *fact = g_new0 (Fact, 1);

  fact->name = g_strdup (name);
  fact->row = row;
  fact->value = g_strdup (value);
  fact->optional = optional;
  g_ptr_array_add (self->facts, fact);
}

/* A child by its name and by the attribute that chooses it, if one does; else the first of the name. */
static VcShape *
need_child (VcShape *self, const VcStep *step)
{
  gboolean may_lack = step->attr[0] == '?';
  VcShape *child;

  for (guint i = 0; i < self->children->len; i++)
    {
      child = self->children->pdata[i];
      if (strcmp (child->name, step->name) == 0
          && (step->attr[0] == '\0' || g_strcmp0 (child->select, step->value) == 0))
        return child;
    }
  child = vc_shape_new (step->name);
  child->select = g_strdup (step->value);
  g_ptr_array_add (self->children, child);
  if (step->attr[0] != '\0')
    add_fact (child, step->attr + may_lack, NULL, step->value, may_lack);
  return child;
}

/* The element a place stands in; ret_attr gets the attribute's name or "". */
static VcShape *
find_place (VcShape *self, const char *place, gboolean required, VcStep *ret_last)
{
  VcStep step = { .name = "" };

  *ret_last = step;
  while (vc_step (&place, &step))
    {
      *ret_last = step;
      if (step.is_attr || step.repeated)
        return self;
      self = need_child (self, &step);
      self->required |= required;
      ret_last->name[0] = '\0';
    }
  return self;
}

void
vc_shape_add (VcShape *self, const VcField *rows)
{
  for (const VcField *row = rows; row->xml != NULL; row++)
    {
      gboolean required = row->flags & VC_REQUIRED;
      VcShape *at;
      VcStep last;

      if (row->type->schema == NULL)
        continue;
      at = find_place (self, row->xml, required, &last);
      if (row->type->read_node != NULL && !last.is_attr && (last.repeated || last.name[0] == '\0'))
        {
          GString *out = g_string_new (NULL);

          row->type->schema (row, out);
          vc_shape_raw (at, out->str);
          g_string_free (out, TRUE);
          continue;
        }
      add_fact (at, last.is_attr ? last.name : "", row, NULL, !required);
      if (row->type->beside != NULL)
        add_fact (at, row->type->beside, NULL, NULL, TRUE);
    }
}

VcShape *
vc_shape_holder (VcShape *self, const char *place)
{
  VcStep last;

  return find_place (self, place, TRUE, &last);
}

void
vc_shape_fix (VcShape *self, const char *place, const char *value, gboolean optional)
{
  VcStep last;
  VcShape *at = find_place (self, place, !optional, &last);

  add_fact (at, last.name, NULL, value, optional);
}

void
vc_shape_raw (VcShape *self, const char *pattern)
{
  g_ptr_array_add (self->raw, g_strdup (pattern));
}

static void
print_fact (const Fact *fact, GString *out)
{
  if (fact->optional && *fact->name != '\0')
    g_string_append (out, "<optional>");
  if (*fact->name != '\0')
    {
      gboolean ours = g_str_has_prefix (fact->name, "virtcard:");

      g_string_append_printf (out, "<attribute name='%s'%s>",
                              ours ? strchr (fact->name, ':') + 1 : fact->name,
                              ours ? " ns='" VC_XML_NAMESPACE "'" : "");
    }
  if (fact->row != NULL)
    fact->row->type->schema (fact->row, out);
  else if (fact->value != NULL)
    g_string_append_printf (out, "<value>%s</value>", fact->value);
  else
    g_string_append (out, "<text/>");
  if (*fact->name != '\0')
    g_string_append (out, "</attribute>");
  if (fact->optional && *fact->name != '\0')
    g_string_append (out, "</optional>");
}

/* Children that share a name and differ by an attribute's value. */
static void
print_chosen (const VcShape *self, GString *out)
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->children->len; i++)
    {
      const VcShape *child = self->children->pdata[i];

      if (child->select == NULL || *child->select == '\0')
        continue;
      g_string_append (out, any ? "" : "<zeroOrMore><choice>");
      vc_shape_print (child, out);
      any = TRUE;
    }
  g_string_append (out, any ? "</choice></zeroOrMore>" : "");
}

void
vc_shape_print (const VcShape *self, GString *out)
{
  gboolean text = FALSE;

  g_string_append_printf (out, "<element name='%s'>", self->name);
  for (guint i = 0; i < self->facts->len; i++)
    if (*((Fact *) self->facts->pdata[i])->name != '\0')
      print_fact (self->facts->pdata[i], out);
  for (guint i = 0; i < self->facts->len; i++)
    text |= *((Fact *) self->facts->pdata[i])->name == '\0';
  if (text && self->children->len == 0 && self->raw->len == 0)
    {
      for (guint i = 0; i < self->facts->len; i++)
        if (*((Fact *) self->facts->pdata[i])->name == '\0')
          print_fact (self->facts->pdata[i], out);
    }
  else if (self->children->len + self->raw->len > 0)
    {
      g_string_append (out, text ? "<mixed>" : "<interleave>");
      for (guint i = 0; i < self->raw->len; i++)
        g_string_append (out, self->raw->pdata[i]);
      for (guint i = 0; i < self->children->len; i++)
        {
          const VcShape *child = self->children->pdata[i];

          if (child->select != NULL && *child->select != '\0')
            continue;
          g_string_append (out, child->required ? "" : "<optional>");
          vc_shape_print (child, out);
          g_string_append (out, child->required ? "" : "</optional>");
        }
      print_chosen (self, out);
      g_string_append (out, text ? "</mixed>" : "</interleave>");
    }
  else
    g_string_append (out, "<empty/>");
  g_string_append (out, "</element>");
}
