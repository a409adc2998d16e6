/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xml/xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <string.h>

#include "base/error.h"

/* How this works
 *
 * VcNode is xmlNode under another name.  libxml gives every node and attribute a private pointer:
 * not NULL there means "read".  A document's private pointer leads back to its VcXml. */

struct VcXml
{
  xmlDoc *doc;
  const char *origin; /* interned */
  GPtrArray *texts;   /* joined texts that vc_node_text lent out */
  gboolean found;
};

static char read_mark;

static xmlNode *
raw (const VcNode *node)
{
  return (xmlNode *) node;
}

static const VcXml *
owner (const VcNode *node)
{
  return raw (node)->doc->_private;
}

void
vc_xml_set_found (VcXml *xml)
{
  xml->found = TRUE;
}

gboolean
vc_node_is_found (const VcNode *node)
{
  return owner (node)->found;
}

/* What the first complaint of the parser was. */
typedef struct
{
  char *message;
  guint line;
  gboolean doctype;
} Complaint;

static void
on_error (void *data, xmlError *problem)
{
  xmlParserCtxt *parser = data;
  Complaint *complaint = parser->_private;

  if (complaint->message != NULL || problem->level < XML_ERR_ERROR)
    return;
  complaint->message = g_strchomp (g_strdup (problem->message != NULL ? problem->message : "not XML"));
  complaint->line = problem->line > 0 ? (guint) problem->line : 1;
}

static void
on_doctype (void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
  xmlParserCtxt *parser = data;
  Complaint *complaint = parser->_private;

  if (complaint->message == NULL)
    {
      complaint->message = g_strdup ("a document type declaration is not accepted");
      complaint->line = (guint) MAX (xmlSAX2GetLineNumber (parser), 1);
    }
  xmlStopParser (parser);
}

/* What is not plain bytes or UTF-16 could hide a tag from check_tags. */
static void
on_begin (void *data)
{
  static const char *const plain[] = { "UTF-", "ISO-8859-", "US-ASCII", "ASCII", "windows-125", "HTML" };
  xmlParserCtxt *parser = data;
  Complaint *complaint = parser->_private;
  const xmlParserInputBuffer *buffer = parser->input->buf;
  const char *encoding = buffer != NULL && buffer->encoder != NULL ? buffer->encoder->name : "UTF-8";

  xmlSAX2StartDocument (data);
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    if (g_ascii_strncasecmp (encoding, plain[i], strlen (plain[i])) == 0 && strcmp (encoding, "UTF-7") != 0)
      return;
  if (complaint->message == NULL)
    {
      complaint->message = g_strdup_printf ("the encoding '%s' is not accepted: use UTF-8", encoding);
      complaint->line = 1;
    }
  xmlStopParser (parser);
}

/* libxml keeps 16 bits of a line's number; the whole of it goes where a schema would keep its facts. */
static void
on_element (void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
            const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
  xmlParserCtxt *parser = data;

  xmlSAX2StartElementNs (data, name, prefix, uri, n_namespaces, namespaces, n_attributes, n_defaulted,
                         attributes);
  if (parser->node != NULL)
    parser->node->psvi = GUINT_TO_POINTER ((guint) MAX (xmlSAX2GetLineNumber (parser), 1));
}

static guint
line_of (const char *text, const char *at)
{
  guint line = 1;

  for (const char *c = text; (c = memchr (c, '\n', at - c)) != NULL; c++)
    line++;
  return line;
}

/* The end of a comment, CDATA section or instruction that begins at tag, or NULL when it is none. */
static const char *
skip_aside (const char *tag, const char *end)
{
  static const char *const asides[][2] = { { "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" } };

  for (guint i = 0; i < G_N_ELEMENTS (asides); i++)
    {
      gsize len = strlen (asides[i][0]);
      const char *close;

      if ((gsize) (end - tag) < len || memcmp (tag, asides[i][0], len) != 0)
        continue;
      close = memmem (tag + len, (gsize) (end - tag) - len, asides[i][1], strlen (asides[i][1]));
      return close != NULL ? close : end;
    }
  return NULL;
}

/* libxml compares each attribute of an element with each: too many are refused before it sees them.  What is
 * not well formed is left to it. */
static gboolean
check_tags (const char *text, gsize len, const char *origin, GError **error)
{
  const char *end = text + len, *next;

  for (const char *tag = text; (tag = memchr (tag, '<', (gsize) (end - tag))) != NULL; tag = next)
    {
      guint attributes = 0;

      next = skip_aside (tag, end);
      for (const char *c = tag + 1; next == NULL; c++)
        if (c >= end || *c == '>' || *c == '<')
          next = c;
        else if (*c == '"' || *c == '\'')
          {
            attributes++;
            c = memchr (c + 1, *c, (gsize) (end - c) - 1);
            if (c == NULL)
              return TRUE;
          }
      if (attributes > VC_XML_MAX_ATTRS)
        return vc_fail (error, VC_ERROR_LIMIT, "%s:%u: an element has more than %u attributes", origin,
                        line_of (text, tag), VC_XML_MAX_ATTRS);
    }
  return TRUE;
}

/* Too deep a tree is refused here, before anything walks it. */
static gboolean
check_depth (const xmlNode *root, const char *origin, GError **error)
{
  const xmlNode *node = root;
  guint depth = 0;

  while (node != NULL)
    {
      if (node->children != NULL && node->type == XML_ELEMENT_NODE)
        {
          if (++depth > VC_XML_MAX_DEPTH)
            return vc_fail (error, VC_ERROR_LIMIT, "%s:%u: elements are nested more than %u deep", origin,
                            MAX (GPOINTER_TO_UINT (node->psvi), 1), VC_XML_MAX_DEPTH);
          node = node->children;
          continue;
        }
      while (node != root && node->next == NULL)
        {
          node = node->parent;
          depth--;
        }
      node = node == root ? NULL : node->next;
    }
  return TRUE;
}

static xmlDoc *
parse (const char *text, gsize len, const char *encoding, const char *origin, GError **error)
{
  Complaint complaint = { 0 };
  xmlParserCtxt *parser = xmlNewParserCtxt ();
  xmlDoc *doc;
  gboolean good;

  parser->_private = &complaint;
  parser->sax->serror = on_error;
  parser->sax->internalSubset = on_doctype;
  parser->sax->startDocument = on_begin;
  parser->sax->startElementNs = on_element;
  doc = xmlCtxtReadMemory (parser, text, (int) len, NULL, encoding,
                           XML_PARSE_NONET | (encoding != NULL ? XML_PARSE_IGNORE_ENC : 0));
  good = doc != NULL && parser->wellFormed && complaint.message == NULL && xmlDocGetRootElement (doc) != NULL;
  xmlFreeParserCtxt (parser);
  if (!good)
    {
      vc_fail (error, VC_ERROR_INVALID, "%s:%u: %s", origin, MAX (complaint.line, 1),
               complaint.message != NULL ? complaint.message : "not XML");
      g_clear_pointer (&doc, xmlFreeDoc);
    }
  g_free (complaint.message);
  return doc;
}

static VcXml *
wrap (xmlDoc *doc_taken, const char *origin)
{
  VcXml *self = g_new0 (VcXml, 1);

  self->doc = doc_taken;
  self->doc->_private = self;
  self->origin = g_intern_string (origin);
  self->texts = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/* With a byte order mark only: without one it has NUL bytes. */
static gboolean
is_utf16 (const char *text, gsize len)
{
  return len >= 4 && (memcmp (text, "\xff\xfe", 2) == 0 || memcmp (text, "\xfe\xff", 2) == 0);
}

VcXml *
vc_xml_read (const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (VcXml) self = NULL;
  g_autofree char *utf8 = NULL;
  const char *nul;
  xmlDoc *doc;

  if (len > VC_XML_MAX_BYTES)
    return vc_fail_null (error, VC_ERROR_LIMIT, "%s:1: larger than %u bytes", origin, VC_XML_MAX_BYTES);
  if (len == 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s:1: empty", origin);
  if (is_utf16 (text, len))
    {
      utf8 = g_convert (text, (gssize) len, "UTF-8", "UTF-16", NULL, &len, NULL);
      if (utf8 == NULL)
        return vc_fail_null (error, VC_ERROR_INVALID, "%s:1: begins as UTF-16 and is not", origin);
      text = utf8;
    }
  nul = memchr (text, '\0', len);
  if (nul != NULL)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s:%u: a NUL byte", origin, line_of (text, nul));
  if (!check_tags (text, len, origin, error))
    return NULL;
  doc = parse (text, len, utf8 != NULL ? "UTF-8" : NULL, origin, error);
  if (doc == NULL)
    return NULL;
  self = wrap (doc, origin);
  if (!check_depth (xmlDocGetRootElement (doc), origin, error))
    return NULL;
  return g_steal_pointer (&self);
}

VcXml *
vc_xml_new (const char *root)
{
  xmlDoc *doc = xmlNewDoc (BAD_CAST "1.0");

  xmlDocSetRootElement (doc, xmlNewDocNode (doc, NULL, BAD_CAST root, NULL));
  return wrap (doc, "");
}

void
vc_xml_free (VcXml *self)
{
  if (self == NULL)
    return;
  xmlFreeDoc (self->doc);
  g_ptr_array_unref (self->texts);
  g_free (self);
}

VcNode *
vc_xml_root (const VcXml *self)
{
  return (VcNode *) xmlDocGetRootElement (self->doc);
}

const char *
vc_node_name (const VcNode *node)
{
  return (const char *) raw (node)->name;
}

guint
vc_node_line (const VcNode *node)
{
  return MAX (GPOINTER_TO_UINT (raw (node)->psvi), 1);
}

gboolean
vc_node_is_foreign (const VcNode *node)
{
  return raw (node)->ns != NULL;
}

const char *
vc_node_origin (const VcNode *node)
{
  return owner (node)->origin;
}

/* Does a name in a row ("client", "virtcard:client") mean this one? */
static gboolean
fits (const xmlNs *ns, const xmlChar *local, const char *name)
{
  static const char prefix[] = "virtcard:";

  if (g_str_has_prefix (name, prefix))
    return ns != NULL && strcmp ((const char *) ns->href, VC_XML_NAMESPACE) == 0
           && strcmp ((const char *) local, name + strlen (prefix)) == 0;
  return ns == NULL && strcmp ((const char *) local, name) == 0;
}

static gboolean
named (const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && (name == NULL || fits (node->ns, node->name, name));
}

static xmlAttr *
find_attr (const xmlNode *node, const char *name)
{
  for (xmlAttr *attr = node->properties; attr != NULL; attr = attr->next)
    if (fits (attr->ns, attr->name, name))
      return attr;
  return NULL;
}

static const char *
attr_value (const xmlAttr *attr)
{
  const xmlNode *text = attr->children;

  return text != NULL && text->content != NULL ? (const char *) text->content : "";
}

const char *
vc_node_attr (VcNode *node, const char *name)
{
  xmlAttr *attr = find_attr (raw (node), name);

  if (attr == NULL)
    return NULL;
  attr->_private = &read_mark;
  return attr_value (attr);
}

static gboolean
is_text (const xmlNode *node)
{
  return node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
}

const char *
vc_node_text (VcNode *node)
{
  const xmlNode *first = NULL;
  GString *joined = NULL;

  for (xmlNode *child = raw (node)->children; child != NULL; child = child->next)
    {
      if (!is_text (child))
        continue;
      child->_private = &read_mark;
      if (first == NULL)
        {
          first = child;
          continue;
        }
      if (joined == NULL)
        joined = g_string_new ((const char *) first->content);
      g_string_append (joined, (const char *) child->content);
    }
  if (joined != NULL)
    {
      g_ptr_array_add (owner (node)->texts, joined->str);
      return g_string_free (joined, FALSE);
    }
  return first != NULL ? (const char *) first->content : "";
}

gboolean
vc_node_child (VcNode *node, const char *name, const char *with_attr, const char *with_value,
               VcNode **ret_child, GError **error)
{
  xmlNode *found = NULL;

  for (xmlNode *child = raw (node)->children; child != NULL; child = child->next)
    {
      if (!named (child, name))
        continue;
      if (with_attr != NULL)
        {
          gboolean may_lack = *with_attr == '?';
          xmlAttr *attr = find_attr (child, with_attr + may_lack);

          if (attr == NULL ? !may_lack : strcmp (attr_value (attr), with_value) != 0)
            continue;
          if (attr != NULL)
            attr->_private = &read_mark;
        }
      if (found != NULL)
        return vc_node_fail ((VcNode *) child, error, "given twice");
      found = child;
      child->_private = &read_mark;
    }
  *ret_child = (VcNode *) found;
  return TRUE;
}

VcNode *
vc_node_next (VcNode *node, VcNode *after, const char *name)
{
  for (xmlNode *child = after != NULL ? raw (after)->next : raw (node)->children; child != NULL;
       child = child->next)
    if (named (child, name))
      {
        child->_private = &read_mark;
        return (VcNode *) child;
      }
  return NULL;
}

void
vc_node_take (VcNode *node)
{
  raw (node)->_private = &read_mark;
  for (xmlAttr *attr = raw (node)->properties; attr != NULL; attr = attr->next)
    attr->_private = &read_mark;
  for (xmlNode *child = raw (node)->children; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE)
      vc_node_take ((VcNode *) child);
    else
      child->_private = &read_mark;
}

static gboolean
is_blank (const xmlNode *text)
{
  for (const xmlChar *c = text->content; c != NULL && *c != '\0'; c++)
    if (!g_ascii_isspace (*c))
      return FALSE;
  return TRUE;
}

gboolean
vc_node_fail_unread (const VcNode *node, const VcXmlKnown *known, GError **error)
{
  const xmlNode *child = raw (node);
  const char *name = (const char *) child->name;

  if (child->ns != NULL)
    return vc_node_fail_code ((VcNode *) child, error, VC_ERROR_UNSUPPORTED,
                              "elements of the namespace '%s' are not supported",
                              (const char *) child->ns->href);
  if (known != NULL && known->element ((const char *) child->parent->name, name))
    return vc_node_fail_code ((VcNode *) child, error, VC_ERROR_UNSUPPORTED,
                              "known to libvirt but not supported here below <%s>",
                              (const char *) child->parent->name);
  return vc_node_fail ((VcNode *) child, error, "unknown element below <%s>",
                       (const char *) child->parent->name);
}

static gboolean
fail_unread_attr (const xmlNode *node, const xmlAttr *attr, const VcXmlKnown *known, GError **error)
{
  const char *name = (const char *) attr->name;

  if (known != NULL && attr->ns == NULL && known->attr ((const char *) node->name, name))
    return vc_node_fail_code ((VcNode *) node, error, VC_ERROR_UNSUPPORTED,
                              "attribute '%s' is known to libvirt but not supported here", name);
  return vc_node_fail ((VcNode *) node, error, "unknown attribute '%s'", name);
}

gboolean
vc_node_done (VcNode *node, const VcXmlKnown *known, GError **error)
{
  for (const xmlAttr *attr = raw (node)->properties; attr != NULL; attr = attr->next)
    if (attr->_private == NULL)
      return fail_unread_attr (raw (node), attr, known, error);
  for (const xmlNode *child = raw (node)->children; child != NULL; child = child->next)
    {
      if (is_text (child) && child->_private == NULL && !is_blank (child))
        return vc_node_fail (node, error, "unexpected text");
      if (child->type == XML_ENTITY_REF_NODE)
        return vc_node_fail (node, error, "unexpected entity reference");
      if (child->type != XML_ELEMENT_NODE)
        continue;
      if (child->_private == NULL)
        return vc_node_fail_unread ((VcNode *) child, known, error);
      if (!vc_node_done ((VcNode *) child, known, error))
        return FALSE;
    }
  return TRUE;
}

char *
vc_xml_words (const char *fmt, va_list args)
{
  g_autofree char *words = g_strdup_vprintf (fmt, args), *begin = NULL, *end = NULL;
  gsize len = strlen (words);

  if (len <= VC_XML_MAX_WORDS)
    return g_steal_pointer (&words);
  begin = g_utf8_make_valid (words, VC_XML_MAX_WORDS / 2); /* a letter may have been cut */
  end = g_utf8_make_valid (words + len - VC_XML_MAX_WORDS / 4, -1);
  return g_strdup_printf ("%s … %s", begin, end);
}

static gboolean G_GNUC_PRINTF (4, 0)
    fail_at (const VcNode *node, GError **error, int code, const char *fmt, va_list args)
{
  g_autofree char *words = vc_xml_words (fmt, args);

  return vc_fail (error, (VcErrorCode) code, "%s:%u: <%s>: %s", vc_node_origin (node), vc_node_line (node),
                  vc_node_name (node), words);
}

gboolean
vc_node_fail (const VcNode *node, GError **error, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  fail_at (node, error, VC_ERROR_INVALID, fmt, args);
  va_end (args);
  return FALSE;
}

gboolean
vc_node_fail_code (const VcNode *node, GError **error, int code, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  fail_at (node, error, code, fmt, args);
  va_end (args);
  return FALSE;
}
