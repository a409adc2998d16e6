/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xml/space.h"

#include <libxml/tree.h>
#include <string.h>

#include "base/error.h"

static xmlNode *
raw (const VcNode *node)
{
  return (xmlNode *) node;
}

static gboolean
is_of (const xmlNs *ns, const char *uri)
{
  return ns != NULL && ns->href != NULL && strcmp ((const char *) ns->href, uri) == 0;
}

static xmlNode *
find (const VcXml *xml, const char *uri)
{
  for (xmlNode *child = raw (vc_xml_root (xml))->children; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE && is_of (child->ns, uri))
      return child;
  return NULL;
}

/* The name space was put around what somebody gave, and comes off again: also where what is below has
 * inherited it. */
static void
strip (xmlNode *node, const char *uri)
{
  if (is_of (node->ns, uri))
    node->ns = NULL;
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE)
      strip (child, uri);
}

static void
strip_telling (xmlNode *node, const char *uri)
{
  for (xmlNs **at = &node->nsDef; *at != NULL;)
    {
      xmlNs *ns = *at;

      if (!is_of (ns, uri))
        {
          at = &ns->next;
          continue;
        }
      *at = ns->next;
      xmlFreeNs (ns);
    }
}

static gboolean
has_attr_of (const xmlNode *node, const char *uri)
{
  for (const xmlAttr *attr = node->properties; attr != NULL; attr = attr->next)
    if (is_of (attr->ns, uri))
      return TRUE;
  for (const xmlNode *child = node->children; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE && has_attr_of (child, uri))
      return TRUE;
  return FALSE;
}

char *
vc_space_get (const char *holder, const char *uri, GError **error)
{
  g_autoptr (VcXml) xml = NULL;
  xmlNode *found;

  if (holder != NULL)
    {
      xml = vc_xml_read (holder, strlen (holder), "metadata", error);
      if (xml == NULL)
        return NULL;
    }
  found = xml != NULL ? find (xml, uri) : NULL;
  if (found == NULL)
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "Requested metadata element is not present");
  strip (found, uri);
  if (!has_attr_of (found, uri))
    strip_telling (found, uri);
  return vc_node_copy_text ((VcNode *) found);
}

/* The blanks before it go with it. */
static void
cut (xmlNode *node)
{
  xmlNode *before = node->prev;

  if (before != NULL && xmlIsBlankNode (before))
    {
      xmlUnlinkNode (before);
      xmlFreeNode (before);
    }
  xmlUnlinkNode (node);
  xmlFreeNode (node);
}

static gboolean
add (VcXml *xml, const char *uri, const char *key, const char *text, GError **error)
{
  g_autoptr (VcXml) given = vc_xml_read (text, strlen (text), "metadata", error);
  xmlNode *root = raw (vc_xml_root (xml)), *copy, *last;

  if (given == NULL)
    return FALSE;
  copy = xmlDocCopyNode (raw (vc_xml_root (given)), root->doc, 1);
  if (copy->ns == NULL || !is_of (copy->ns, uri))
    {
      xmlNs *ns = xmlNewNs (copy, BAD_CAST uri, BAD_CAST key);

      if (ns == NULL)
        {
          xmlFreeNode (copy);
          return vc_fail (error, VC_ERROR_INVALID, "the prefix '%s' has another meaning in the metadata",
                          key);
        }
      xmlSetNs (copy, ns);
    }
  last = root->last;
  if (last != NULL && xmlIsBlankNode (last))
    {
      xmlUnlinkNode (last);
      xmlFreeNode (last);
    }
  xmlAddChild (root, xmlNewDocText (root->doc, BAD_CAST "\n    "));
  xmlAddChild (root, copy);
  xmlAddChild (root, xmlNewDocText (root->doc, BAD_CAST "\n  "));
  return TRUE;
}

static gboolean
is_prefix (const char *key)
{
  return key != NULL && xmlValidateNCName (BAD_CAST key, 0) == 0 && !g_str_has_prefix (key, "xml");
}

char *
vc_space_set (const char *holder, const char *name, const char *uri, const char *key, const char *text,
              GError **error)
{
  g_autoptr (VcXml) xml = NULL;
  xmlNode *old;

  if (*uri == '\0' || (text != NULL && !is_prefix (key)))
    return vc_fail_null (error, VC_ERROR_INVALID, "metadata needs a URI, and a prefix that is an XML name");
  xml = holder != NULL ? vc_xml_read (holder, strlen (holder), "metadata", error) : vc_xml_new (name);
  if (xml == NULL)
    return NULL;
  old = find (xml, uri);
  if (old != NULL)
    cut (old);
  if (text != NULL && !add (xml, uri, key, text, error))
    return NULL;
  return vc_node_copy_text (vc_xml_root (xml));
}
