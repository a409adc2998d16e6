/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xml/xml.h"

#include <libxml/tree.h>
#include <string.h>

/* Making trees and printing them in the way libvirt does: two spaces a level, single quotes,
 * an element with text on one line.  What vc_node_add_copy put in stands in a text node whose
 * name is `verbatim` and is printed as it is. */

static const xmlChar verbatim[] = "verbatim";

static xmlNode *
raw (const VcNode *node)
{
  return (xmlNode *) node;
}

/* The name space of a name with our prefix, told once, at the root; *name moves behind the prefix. */
static xmlNs *
split (VcNode *node, const char **name)
{
  static const char prefix[] = "virtcard:";
  xmlNode *root = xmlDocGetRootElement (raw (node)->doc);
  xmlNs *ns;

  if (!g_str_has_prefix (*name, prefix))
    return NULL;
  *name += strlen (prefix);
  ns = xmlSearchNsByHref (raw (node)->doc, root, BAD_CAST VC_XML_NAMESPACE);
  return ns != NULL ? ns : xmlNewNs (root, BAD_CAST VC_XML_NAMESPACE, BAD_CAST "virtcard");
}

void
vc_node_set (VcNode *node, const char *name, const char *value)
{
  xmlNs *ns = split (node, &name);

  xmlSetNsProp (raw (node), ns, BAD_CAST name, BAD_CAST value);
}

void
vc_node_set_text (VcNode *node, const char *text)
{
  xmlAddChild (raw (node), xmlNewDocText (raw (node)->doc, BAD_CAST text));
}

VcNode *
vc_node_add (VcNode *node, const char *name)
{
  xmlNs *ns = split (node, &name);

  return (VcNode *) xmlAddChild (raw (node), xmlNewDocNode (raw (node)->doc, ns, BAD_CAST name, NULL));
}

VcNode *
vc_node_need (VcNode *node, const char *name, const char *with_attr, const char *with_value)
{
  VcNode *made;

  if (with_attr != NULL && *with_attr == '?')
    with_attr++;
  for (xmlNode *child = raw (node)->children; child != NULL; child = child->next)
    {
      if (child->type != XML_ELEMENT_NODE || strcmp ((const char *) child->name, name) != 0)
        continue;
      if (with_attr == NULL || g_strcmp0 (vc_node_attr ((VcNode *) child, with_attr), with_value) == 0)
        return (VcNode *) child;
    }
  made = vc_node_add (node, name);
  if (with_attr != NULL)
    vc_node_set (made, with_attr, with_value);
  return made;
}

void
vc_node_drop_if_empty (VcNode *node)
{
  if (raw (node)->properties != NULL || raw (node)->children != NULL)
    return;
  xmlUnlinkNode (raw (node));
  xmlFreeNode (raw (node));
}

char *
vc_node_copy_text (const VcNode *node)
{
  xmlBuffer *buffer = xmlBufferCreate ();
  xmlNode *copy = xmlDocCopyNode (raw (node), raw (node)->doc, 1); /* brings its namespaces along */
  char *text;

  xmlNodeDump (buffer, raw (node)->doc, copy, 0, 0);
  text = g_strdup ((const char *) xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  xmlFreeNode (copy);
  return text;
}

void
vc_node_add_copy (VcNode *node, const char *text)
{
  xmlNode *made = xmlNewDocComment (raw (node)->doc, BAD_CAST text);

  made->_private = (void *) verbatim;
  xmlAddChild (raw (node), made);
}

static void
print_escaped (GString *out, const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    switch (*c)
      {
      case '&':
        g_string_append (out, "&amp;");
        break;
      case '<':
        g_string_append (out, "&lt;");
        break;
      case '>':
        g_string_append (out, "&gt;");
        break;
      case '\'':
        g_string_append (out, "&apos;");
        break;
      case '"':
        g_string_append (out, "&quot;");
        break;
      case '\n':
      case '\r':
      case '\t':
        g_string_append_printf (out, "&#%d;", *c); /* would be read back as a space otherwise */
        break;
      default:
        g_string_append_c (out, *c);
      }
}

static void
print_text (GString *out, const xmlNode *node)
{
  g_auto (GStrv) lines = g_strsplit ((const char *) node->content, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (out, '\n');
      print_escaped (out, lines[i]);
    }
}

static const char *
prefix_of (const xmlNs *ns)
{
  return ns != NULL && ns->prefix != NULL ? "virtcard:" : "";
}

static void
print_node (GString *out, const xmlNode *node, guint level)
{
  gboolean inside = FALSE;

  g_string_append_printf (out, "%*s<%s%s", (int) level * 2, "", prefix_of (node->ns),
                          (const char *) node->name);
  for (const xmlNs *ns = node->nsDef; ns != NULL; ns = ns->next)
    {
      g_string_append_printf (out, " xmlns%s%s='", ns->prefix != NULL ? ":" : "",
                              ns->prefix != NULL ? (const char *) ns->prefix : "");
      print_escaped (out, (const char *) ns->href);
      g_string_append_c (out, '\'');
    }
  for (const xmlAttr *attr = node->properties; attr != NULL; attr = attr->next)
    {
      const char *value = attr->children != NULL ? (const char *) attr->children->content : "";

      g_string_append_printf (out, " %s%s='", prefix_of (attr->ns), (const char *) attr->name);
      print_escaped (out, value != NULL ? value : "");
      g_string_append_c (out, '\'');
    }
  if (node->children == NULL)
    {
      g_string_append (out, "/>\n");
      return;
    }
  g_string_append_c (out, '>');
  for (const xmlNode *child = node->children; child != NULL; child = child->next)
    {
      if (child->type == XML_TEXT_NODE)
        {
          print_text (out, child);
          continue;
        }
      if (!inside)
        g_string_append_c (out, '\n');
      inside = TRUE;
      if (child->_private == verbatim)
        g_string_append_printf (out, "%*s%s\n", (int) level * 2 + 2, "", (const char *) child->content);
      else
        print_node (out, child, level + 1);
    }
  g_string_append_printf (out, "%*s</%s%s>\n", inside ? (int) level * 2 : 0, "", prefix_of (node->ns),
                          (const char *) node->name);
}

char *
vc_xml_print (const VcXml *xml)
{
  GString *out = g_string_new (NULL);

  print_node (out, raw (vc_xml_root (xml)), 0);
  return g_string_free (out, FALSE);
}
