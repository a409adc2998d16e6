/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/schema.h"

#include <string.h>

#include "devices/chardev.h"
#include "domain/section.h"
#include "fields/schema.h"
#include "xml/xml.h"

/* Every device may have an alias and an address. */
static void
add_common (VcShape *shape)
{
  vc_shape_raw (shape, "<optional><element name='alias'><attribute name='name'/></element></optional>"
                       "<optional><element name='acpi'><attribute name='index'/></element></optional>"
                       "<optional><ref name='address'/></optional>");
}

static const VcField *
chardev_row (const VcKind *kind)
{
  for (const VcField *row = kind->rows; row->xml != NULL; row++)
    if (row->type == &vc_type_chardev)
      return row;
  return NULL;
}

/* A device; for one that holds a character device, once for each of these. */
static void
print_device (const VcKind *kind, const VcChardevKind *chr, gboolean optional_type, GString *out)
{
  g_autoptr (VcShape) shape = vc_shape_new (kind->element);
  const VcField *row = chardev_row (kind);

  vc_shape_add (shape, kind->rows);
  if (kind->select != NULL)
    vc_shape_fix (shape, kind->select, kind->value, kind->is_default);
  if (chr != NULL && row != NULL)
    {
      VcShape *holder = vc_shape_holder (shape, row->xml);

      vc_shape_fix (holder, "@type", chr->type, optional_type);
      vc_shape_add (holder, chr->rows);
      vc_shape_add (holder, vc_chardev_common);
    }
  add_common (shape);
  vc_shape_print (shape, out);
}

static void
print_devices (GString *out)
{
  for (guint i = 0; vc_kinds[i] != NULL; i++)
    {
      const VcField *row = chardev_row (vc_kinds[i]);

      for (guint j = 0; row != NULL && vc_chardev_kinds[j] != NULL; j++)
        print_device (vc_kinds[i], vc_chardev_kinds[j], g_strcmp0 (row->more, vc_chardev_kinds[j]->type) == 0,
                      out);
      if (row == NULL)
        print_device (vc_kinds[i], NULL, FALSE, out);
    }
}

static void
print_addresses (GString *out)
{
  g_string_append (out, "<define name='address'><choice>");
  for (guint i = 1; vc_seat_types[i] != NULL; i++)
    {
      g_autoptr (VcShape) shape = vc_shape_new ("address");

      vc_shape_fix (shape, "@type", vc_seat_types[i], FALSE);
      vc_shape_add (shape, vc_seat_rows[i]);
      vc_shape_print (shape, out);
    }
  g_string_append (out, "</choice></define>");
}

static void
print_sections (GString *out)
{
  for (guint i = 0; vc_sections[i].element != NULL; i++)
    {
      const char *name = vc_sections[i].element;
      gboolean required
          = strcmp (name, "name") == 0 || strcmp (name, "memory") == 0 || strcmp (name, "os") == 0;
      const char *wrap = vc_sections[i].repeated ? "zeroOrMore" : "optional";
      g_autoptr (VcShape) shape = vc_shape_new (name);

      vc_shape_add (shape, vc_sections[i].rows);
      if (!required)
        g_string_append_printf (out, "<%s>", wrap);
      vc_shape_print (shape, out);
      if (!required)
        g_string_append_printf (out, "</%s>", wrap);
    }
}

/* The same with an element a line, so that a person and a diff can read it. */
static char *
lay_out (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcXml) xml = vc_xml_read (text, strlen (text), "schema", &error);

  g_assert_no_error (error);
  return vc_xml_print (xml);
}

char *
vc_schema_print (void)
{
  g_autoptr (GString) out = g_string_new (
      "<grammar xmlns='http://relaxng.org/ns/structure/1.0' "
      "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'><start><element name='domain'>");

  g_string_append (out, "<attribute name='type'><choice>");
  for (guint i = 1; vc_domain_types[i] != NULL; i++)
    g_string_append_printf (out, "<value>%s</value>", vc_domain_types[i]);
  g_string_append (out, "</choice></attribute><optional><attribute name='id'/></optional><interleave>");
  print_sections (out);
  g_string_append (out, "<optional><element name='devices'><interleave><optional><element "
                        "name='emulator'><text/></element></optional>"
                        "<zeroOrMore><choice>");
  print_devices (out);
  g_string_append (out,
                   "</choice></zeroOrMore></interleave></element></optional></interleave></element></start>");
  print_addresses (out);
  g_string_append (
      out, "<define name='anything'><zeroOrMore><choice><text/><attribute><anyName/></attribute>"
           "<element><anyName/><ref name='anything'/></element></choice></zeroOrMore></define></grammar>");
  return lay_out (out->str);
}
