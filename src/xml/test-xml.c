/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xml/xml.h"

#include <string.h>

#include "base/error.h"

static VcXml *
read_text (const char *text, GError **error)
{
  return vc_xml_read (text, strlen (text), "t.xml", error);
}

static void
assert_refused (const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcXml) xml = read_text (text, &error);

  g_assert_null (xml);
  g_assert_nonnull (error);
  if (!g_str_has_prefix (error->message, message))
    g_error ("want '%s', got '%s'", message, error->message);
}

static void
test_refused (void)
{
  g_autofree char *deep = g_strnfill (3 * 250, ' ');
  g_autoptr (GError) error = NULL;

  assert_refused ("", "t.xml:1: empty");
  assert_refused ("\n\nx", "t.xml:3: ");
  assert_refused ("<a>\n<b>\n</a>", "t.xml:3: Opening and ending tag mismatch");
  assert_refused ("<a b='1' b='2'/>", "t.xml:1: Attribute b redefined");
  assert_refused ("<a/><b/>", "t.xml:1: Extra content");
  assert_refused ("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x 'y'>]>\n<a>&x;</a>",
                  "t.xml:2: a document type declaration is not accepted");
  assert_refused ("<a>&x;</a>", "t.xml:1: Entity 'x' not defined");
  assert_refused ("<a x:y='1'/>", "t.xml:1: ");
  for (guint i = 0; i < 250; i++)
    memcpy (deep + 3 * i, "<a>", 3);
  assert_refused (deep, "t.xml:1: ");
  g_assert_null (vc_xml_read ("<a\0/>", 5, "t.xml", &error));
  g_assert_cmpstr (error->message, ==, "t.xml:1: a NUL byte");
}

/* libxml compares each attribute with each: a thousand are enough. */
static void
test_attributes (void)
{
  g_autoptr (GString) many = g_string_new ("<a>\n<!-- ' -->\n<![CDATA[<]]><b");
  g_autoptr (VcXml) xml = NULL;

  for (guint i = 0; i < VC_XML_MAX_ATTRS; i++)
    g_string_append_printf (many, " a%u='>'", i);
  g_string_append (many, "/></a>");
  xml = read_text (many->str, NULL);
  g_assert_nonnull (xml);
  g_string_truncate (many, many->len - strlen ("/></a>"));
  g_string_append (many, " b='>'/></a>");
  assert_refused (many->str, "t.xml:3: an element has more than 1000 attributes");
}

static void
test_encodings (void)
{
  static const char utf16[] = "\xff\xfe<\0a\0/\0>\0", cut[] = "\xff\xfe<\0a\0/";
  g_autoptr (GError) error = NULL;
  g_autoptr (VcXml) xml = vc_xml_read (utf16, sizeof utf16 - 1, "t.xml", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (vc_node_name (vc_xml_root (xml)), ==, "a");
  g_assert_null (vc_xml_read (cut, sizeof cut - 1, "t.xml", &error));
  g_assert_cmpstr (error->message, ==, "t.xml:1: begins as UTF-16 and is not");
  assert_refused ("<?xml version='1.0' encoding='SHIFT_JIS'?>\n<a/>",
                  "t.xml:1: the encoding 'SHIFT_JIS' is not accepted: use UTF-8");
  assert_refused ("<a>\n\xe4</a>", "t.xml:2: Input is not proper UTF-8");
}

/* Lines beyond libxml's 16 bits, elements in a namespace, and messages of a readable length. */
static void
test_place (void)
{
  g_autofree char *lines = g_strnfill (70000, '\n');
  g_autofree char *long_name = g_strnfill (5000, 'x');
  g_autofree char *text = g_strdup_printf ("<a>%s<b/><n:c xmlns:n='urn:n'/></a>", lines);
  g_autoptr (VcXml) xml = read_text (text, NULL);
  VcNode *b = vc_node_next (vc_xml_root (xml), NULL, "b"), *c = vc_node_next (vc_xml_root (xml), b, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (vc_node_line (b), ==, 70001);
  g_assert_false (vc_node_is_foreign (b));
  g_assert_true (vc_node_is_foreign (c));
  g_assert_null (vc_node_next (vc_xml_root (xml), NULL, "c"));
  vc_node_fail (b, &error, "%s", long_name);
  g_assert_cmpuint (strlen (error->message), <, 1000);
}

static gboolean
known_element (const char *parent, const char *name)
{
  return strcmp (name, "hostdev") == 0;
}

static gboolean
known_attr (const char *element, const char *name)
{
  return strcmp (name, "shareable") == 0;
}

static const VcXmlKnown known = { known_element, known_attr };

static void
assert_unread (const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcXml) xml = read_text (text, &error);
  VcNode *child = NULL;

  g_assert_no_error (error);
  vc_node_attr (vc_xml_root (xml), "read");
  g_assert_true (vc_node_child (vc_xml_root (xml), "c", NULL, NULL, &child, &error));
  if (message == NULL)
    g_assert_true (vc_node_done (vc_xml_root (xml), &known, &error));
  else
    {
      g_assert_false (vc_node_done (vc_xml_root (xml), &known, &error));
      g_assert_cmpstr (error->message, ==, message);
    }
}

static void
test_unread (void)
{
  assert_unread ("<a read='1'>\n<!-- x -->\n<c/></a>", NULL);
  assert_unread ("<a pth='1'/>", "t.xml:1: <a>: unknown attribute 'pth'");
  assert_unread ("<a shareable='1'/>",
                 "t.xml:1: <a>: attribute 'shareable' is known to libvirt but not supported here");
  assert_unread ("<a>\n<b/></a>", "t.xml:2: <b>: unknown element below <a>");
  assert_unread ("<a>\n<hostdev/></a>",
                 "t.xml:2: <hostdev>: known to libvirt but not supported here below <a>");
  assert_unread ("<a>\n<c>text</c></a>", "t.xml:2: <c>: unexpected text");
  assert_unread ("<a>\n<c>\n<d/></c></a>", "t.xml:3: <d>: unknown element below <c>");
}

static void
test_children (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcXml) xml
      = read_text ("<a>\n<c m='x'/>\n<c m='y'/>\n<t>1<!-- -->2<![CDATA[<3]]></t></a>", &error);
  VcNode *root = vc_xml_root (xml), *child = NULL;

  g_assert_false (vc_node_child (root, "c", NULL, NULL, &child, &error));
  g_assert_cmpstr (error->message, ==, "t.xml:3: <c>: given twice");
  g_clear_error (&error);
  g_assert_true (vc_node_child (root, "c", "m", "y", &child, &error));
  g_assert_cmpuint (vc_node_line (child), ==, 3);
  g_assert_true (vc_node_child (root, "t", NULL, NULL, &child, &error));
  g_assert_cmpstr (vc_node_text (child), ==, "12<3");
  g_assert_true (vc_node_child (root, "none", NULL, NULL, &child, &error));
  g_assert_null (child);
}

static void
test_print (void)
{
  g_autoptr (VcXml) xml = vc_xml_new ("a");
  VcNode *root = vc_xml_root (xml);
  g_autofree char *text = NULL;
  g_autoptr (VcXml) again = NULL;
  VcNode *child = NULL;

  vc_node_set (root, "q", "'\"<&\n");
  vc_node_set_text (vc_node_add (root, "t"), "x & y\nz");
  vc_node_set (vc_node_need (root, "s", "m", "1"), "n", "2");
  vc_node_set (vc_node_need (root, "s", "m", "1"), "o", "3");
  vc_node_add_copy (root, "<m:x xmlns:m=\"urn:m\">  <b/>--</m:x>");
  text = vc_xml_print (xml);
  g_assert_cmpstr (text, ==,
                   "<a q='&apos;&quot;&lt;&amp;&#10;'>\n  <t>x &amp; y\nz</t>\n  <s m='1' n='2' o='3'/>\n"
                   "  <m:x xmlns:m=\"urn:m\">  <b/>--</m:x>\n</a>\n");
  again = read_text (text, NULL);
  g_assert_cmpstr (vc_node_attr (vc_xml_root (again), "q"), ==, "'\"<&\n");
  g_assert_true (vc_node_child (vc_xml_root (again), "t", NULL, NULL, &child, NULL));
  g_assert_cmpstr (vc_node_text (child), ==, "x & y\nz");
}

static void
test_copy (void)
{
  g_autoptr (VcXml) xml
      = read_text ("<a xmlns:m='urn:m'><metadata><m:k v=\"1\">  t <!-- c --></m:k></metadata></a>", NULL);
  g_autofree char *text = vc_node_copy_text (vc_node_next (vc_xml_root (xml), NULL, "metadata"));

  g_assert_nonnull (strstr (text, "<m:k v=\"1\">  t <!-- c --></m:k>"));
  g_assert_nonnull (strstr (text, "xmlns:m=\"urn:m\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xml/refused", test_refused);
  g_test_add_func ("/xml/attributes", test_attributes);
  g_test_add_func ("/xml/encodings", test_encodings);
  g_test_add_func ("/xml/place", test_place);
  g_test_add_func ("/xml/unread", test_unread);
  g_test_add_func ("/xml/children", test_children);
  g_test_add_func ("/xml/print", test_print);
  g_test_add_func ("/xml/copy", test_copy);
  return g_test_run ();
}
