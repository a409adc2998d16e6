/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xml/xml.h"

#include <libxml/tree.h>
#include <string.h>

static const xmlNode *
raw (const VcNode *node)
{
  return (const xmlNode *) node;
}

static gboolean
same_name (const xmlNode *a, const xmlNode *b)
{
  return a->type == b->type && strcmp ((const char *) a->name, (const char *) b->name) == 0
         && g_strcmp0 (a->ns != NULL ? (const char *) a->ns->href : NULL,
                       b->ns != NULL ? (const char *) b->ns->href : NULL)
                == 0;
}

/* The element's own text, without blanks around it. */
static char *
get_text (const xmlNode *node)
{
  GString *all = g_string_new (NULL);

  for (const xmlNode *child = node->children; child != NULL; child = child->next)
    if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
      g_string_append (all, (const char *) child->content);
  return g_strstrip (g_string_free (all, FALSE));
}

static gboolean
has_attrs (const xmlNode *part, const xmlNode *whole)
{
  for (const xmlAttr *attr = part->properties; attr != NULL; attr = attr->next)
    {
      const char *ns = attr->ns != NULL ? (const char *) attr->ns->href : NULL;
      xmlChar *want = xmlGetNsProp (part, attr->name, BAD_CAST ns);
      xmlChar *got = xmlGetNsProp (whole, attr->name, BAD_CAST ns);
      gboolean same = g_strcmp0 ((const char *) want, (const char *) got) == 0;

      xmlFree (want);
      xmlFree (got);
      if (!same)
        return FALSE;
    }
  return TRUE;
}

static gboolean is_within (const xmlNode *part, const xmlNode *whole);

static gboolean
has_child (const xmlNode *child, const xmlNode *whole)
{
  for (const xmlNode *other = whole->children; other != NULL; other = other->next)
    if (is_within (child, other))
      return TRUE;
  return FALSE;
}

static gboolean
is_within (const xmlNode *part, const xmlNode *whole)
{
  g_autofree char *want = NULL;
  g_autofree char *got = NULL;

  if (!same_name (part, whole) || !has_attrs (part, whole))
    return FALSE;
  want = get_text (part);
  got = get_text (whole);
  if (*want != '\0' && strcmp (want, got) != 0)
    return FALSE;
  for (const xmlNode *child = part->children; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE && !has_child (child, whole))
      return FALSE;
  return TRUE;
}

gboolean
vc_node_is_within (const VcNode *part, const VcNode *whole)
{
  return is_within (raw (part), raw (whole));
}
