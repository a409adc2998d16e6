/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A thin, strict face over libxml2; nobody else includes libxml.
 *
 * Reading marks what was read; vc_node_done then finds the first thing nobody read.  Strictness
 * so costs nothing where elements are read.  Entities, document types and anything that would
 * look outside the text are refused.
 */
typedef struct VcXml VcXml;   /* a document and the name it came under    */
typedef struct VcNode VcNode; /* one element; owned by its document       */

/* What names with the prefix virtcard: belong to, in reading and writing. */
#define VC_XML_NAMESPACE "urn:virtcard:domain:1.0"

#define VC_XML_MAX_BYTES (8u * 1024 * 1024)
#define VC_XML_MAX_DEPTH 200u  /* of elements; libxml itself stops at 256                       */
#define VC_XML_MAX_ATTRS 1000u /* of an element; libxml compares each with each                 */
#define VC_XML_MAX_WORDS 1000u /* bytes of a message, for it quotes what may be very long       */

/* vc_xml_read - a document from text
 *
 * origin names the text in errors ("web.xml").  Every error begins with origin, a colon and
 * the line.
 *
 * The text is in UTF-8, UTF-16 or an encoding of single bytes.
 *
 * Returns: new document (free with vc_xml_free), or NULL with VC_ERROR_INVALID or
 * VC_ERROR_LIMIT.
 */
VcXml *vc_xml_read (const char *text, gsize len, const char *origin, GError **error);

/* vc_xml_new - an empty document whose root element is named root */
VcXml *vc_xml_new (const char *root);

/* vc_xml_print - the document as text, two spaces a level, a newline at the end
 *
 * Returns: new string.
 */
char *vc_xml_print (const VcXml *xml);
void vc_xml_free (VcXml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcXml, vc_xml_free)

VcNode *vc_xml_root (const VcXml *xml);

const char *vc_node_name (const VcNode *node);
guint vc_node_line (const VcNode *node);

/* vc_node_is_foreign - is the element in a namespace, and so nobody's here? */
gboolean vc_node_is_foreign (const VcNode *node);

/* vc_node_origin - the name the node's document came under (interned: lives for ever) */
const char *vc_node_origin (const VcNode *node);

/* vc_xml_set_found - say that the document is what a manager wrote about a machine that runs
 *
 * Readers then keep what else would be for the next start to decide.
 */
void vc_xml_set_found (VcXml *xml);
gboolean vc_node_is_found (const VcNode *node);

/* vc_node_attr - an attribute's value; marks it read
 *
 * Attributes in a namespace are not found.  Returns: borrowed, or NULL.
 */
const char *vc_node_attr (VcNode *node, const char *name);

/* vc_node_text - the element's own text; marks it read
 *
 * Comments are left out, text around child elements is joined.  Returns: borrowed, never NULL.
 */
const char *vc_node_text (VcNode *node);

/* vc_node_child - the one child element of that name; marks it read
 *
 * with_attr and with_value (or both NULL) choose among children by an attribute's value; "?NAME" also
 * takes a child without the attribute.
 * ret_child is NULL when there is none.  Two are an error.
 */
gboolean vc_node_child (VcNode *node, const char *name, const char *with_attr, const char *with_value,
                        VcNode **ret_child, GError **error);

/* vc_node_next - the next child element; marks it read
 *
 * after NULL: the first; name NULL: of any name.  Returns: borrowed, or NULL.
 */
VcNode *vc_node_next (VcNode *node, VcNode *after, const char *name);

/* vc_node_take - mark everything at and below the node as read */
void vc_node_take (VcNode *node);

/* Says whether a name nobody read is known elsewhere: vc_node_done words its error by it. */
typedef struct
{
  gboolean (*element) (const char *parent, const char *name);
  gboolean (*attr) (const char *element, const char *name);
} VcXmlKnown;

/* vc_node_done - refuse anything unread at or below the node
 *
 * Only goes below children that were read.  The error is at the first unread thing: VC_ERROR_UNSUPPORTED
 * for a known name, else VC_ERROR_INVALID.
 */
gboolean vc_node_done (VcNode *node, const VcXmlKnown *known, GError **error);

/* vc_node_fail_unread - vc_node_done's error about one element */
gboolean vc_node_fail_unread (const VcNode *node, const VcXmlKnown *known, GError **error);

/* vc_node_fail - VC_ERROR_INVALID with the node's place: "web.xml:14: <source>: …" */
gboolean vc_node_fail (const VcNode *node, GError **error, const char *fmt, ...) G_GNUC_PRINTF (3, 4);

/* vc_xml_words - printf for messages that quote a document: what is too long loses its middle
 *
 * Returns: new string.
 */
char *vc_xml_words (const char *fmt, va_list args) G_GNUC_PRINTF (1, 0);

/* vc_node_fail_code - vc_node_fail with another code */
gboolean vc_node_fail_code (const VcNode *node, GError **error, int code, const char *fmt, ...)
    G_GNUC_PRINTF (4, 5);

/* vc_node_is_within - is all that an element says said by another, too?
 *
 * Attributes, text and child elements; the other may say more.
 */
gboolean vc_node_is_within (const VcNode *part, const VcNode *whole);

/* Writing.  A name's first child is used again by vc_node_need; vc_node_add always makes one. */
void vc_node_set (VcNode *node, const char *name, const char *value);
void vc_node_set_text (VcNode *node, const char *text);
VcNode *vc_node_add (VcNode *node, const char *name);

/* vc_node_need - find a child by name (and attribute value, unless NULL), or make it */
VcNode *vc_node_need (VcNode *node, const char *name, const char *with_attr, const char *with_value);

/* vc_node_drop_if_empty - take back a node that got no attribute, child or text */
void vc_node_drop_if_empty (VcNode *node);

/* vc_node_copy_text - the element with all below it as text, exactly as it was written
 *
 * Returns: new string that vc_node_add_copy takes back.
 */
char *vc_node_copy_text (const VcNode *node);

/* vc_node_add_copy - put what vc_node_copy_text gave below node, unchanged */
void vc_node_add_copy (VcNode *node, const char *text);
