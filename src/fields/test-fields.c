/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/field.h"
#include "fields/known.h"

#include <string.h>

#include "base/error.h"

enum
{
  RED = 1,
  GREEN
};

static const char *const colours[] = { "", "red", "green", NULL };
static const char *const models[] = { "", "virtio", NULL };

typedef struct
{
  char *text, *path, *uuid, *inner, *own;
  VcU32 number, hex;
  VcTri yesno, onoff;
  gboolean flag;
  int colour, model, gone;
  char **list;
} Thing;

static const VcField rows[] = {
  VC_STR (Thing, text, "@text", .flags = VC_REQUIRED, .prop = "text", .doc = "words"),
  VC_PATH (Thing, path, "source/@file", .flags = VC_REQUIRED, .prop = "path", .doc = "file"),
  VC_UUID (Thing, uuid, "uuid", .doc = "unique number"),
  VC_STR (Thing, inner, "source[mode=in]/a/@b", .doc = "far away"),
  VC_U32 (Thing, number, "@number", .min = 2, .max = 9, .prop = "number", .doc = "number"),
  VC_U32 (Thing, hex, "@hex", .digits = 4, .doc = "number in hexadecimal digits"),
  VC_TRI (Thing, yesno, "@yesno", .prop = "yesno", .doc = "whether"),
  VC_ONOFF (Thing, onoff, "@onoff", .prop = "onoff", .doc = "whether"),
  VC_FLAG (Thing, flag, "flag", .doc = "presence"),
  VC_CHOICE (Thing, colour, "@colour", colours, .prop = "colour", .doc = "colour"),
  VC_CHOICE (Thing, model, "rng/@model", models, .doc = "model"),
  VC_CHOICE (Thing, gone, "@gone", colours, .flags = VC_DROPPED, .doc = "read, not kept"),
  VC_STRV (Thing, list, "item[]", .doc = "items"),
  VC_IGNORED ("@live", .doc = "attribute of a running guest"),
  VC_IGNORED ("live", .doc = "element of a running guest"),
  VC_IGNORED ("source/@live", .doc = "attribute of a running guest's source"),
  { 0 },
};

static const VcField own[] = { VC_STR (Thing, own, "", .doc = "the element's own text"), { 0 } };

static VcXml *
read_xml (const char *text)
{
  g_autoptr (GError) error = NULL;
  VcXml *xml = vc_xml_read (text, strlen (text), "t.xml", &error);

  g_assert_no_error (error);
  return xml;
}

static gboolean
read_thing (const VcField *table, Thing *thing, const char *text, GError **error)
{
  g_autoptr (VcXml) xml = read_xml (text);
  VcNode *root = vc_xml_root (xml);

  return vc_fields_read (table, thing, root, error) && vc_fields_done (root, error)
         && vc_fields_missing (table, thing, root, error);
}

static char *
print_thing (const VcField *table, const Thing *thing)
{
  g_autoptr (VcXml) xml = vc_xml_new ("t");

  vc_fields_print (table, thing, vc_xml_root (xml), VC_PRINT_INACTIVE);
  return vc_xml_print (xml);
}

static void
assert_same (const VcField *table, const char *in, const char *out)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *printed = NULL, *again = NULL;
  Thing thing = { 0 }, other = { 0 };

  g_assert_true (read_thing (table, &thing, in, &error));
  g_assert_no_error (error);
  printed = print_thing (table, &thing);
  g_assert_cmpstr (printed, ==, out);
  g_assert_true (read_thing (table, &other, printed, NULL));
  again = print_thing (table, &other);
  g_assert_cmpstr (again, ==, out);
  vc_fields_clear (table, &thing);
  vc_fields_clear (table, &other);
  vc_fields_clear (table, &other); /* twice does no harm */
}

/* Each fact at its place, and what was not given is not printed. */
static void
test_round_trip (void)
{
  assert_same (rows, "<t text='x'><source file='/f'/></t>", "<t text='x'>\n  <source file='/f'/>\n</t>\n");
  assert_same (
      rows,
      "<t colour='green' onoff='off' yesno='yes' hex='31' number='0x5' text='' gone='red' live='1'>"
      "<item>a</item><flag/><item/><live><x y='1'>z</x></live><live/>"
      "<uuid> C7A5FDBDEDAF9455-926ad65c16db1809</uuid><rng model='virtio'/><source file='/f' live='2'/></t>",
      "<t text='' number='5' hex='0x001f' yesno='yes' onoff='off' colour='green'>\n"
      "  <source file='/f'/>\n"
      "  <uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>\n"
      "  <flag/>\n  <rng model='virtio'/>\n  <item>a</item>\n  <item/>\n</t>\n");
  assert_same (own, "<t> a &lt; b\n</t>", "<t> a &lt; b\n</t>\n");
  assert_same (own, "<t/>", "<t/>\n");
}

static void
test_chosen_child (void)
{
  g_autoptr (GError) error = NULL;
  Thing thing = { 0 };
  VcField inner[] = { rows[3], { 0 } };

  g_assert_true (read_thing (inner, &thing, "<t><source mode='in'><a b='c'/></source></t>", &error));
  g_assert_cmpstr (thing.inner, ==, "c");
  vc_fields_clear (inner, &thing);
  g_assert_null (thing.inner);
  g_assert_false (read_thing (inner, &thing, "<t><source mode='out'><a b='c'/></source></t>", &error));
  g_clear_error (&error);
  g_assert_true (read_thing (inner, &thing, "<t/>", &error));
  g_assert_null (thing.inner);
}

static void
assert_fails (const char *text, int code, const char *message)
{
  g_autoptr (GError) error = NULL;
  Thing thing = { 0 };

  if (read_thing (rows, &thing, text, &error))
    g_error ("accepted: %s", text);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, VC_ERROR, code);
  vc_fields_clear (rows, &thing);
}

static void
test_bad (void)
{
  assert_fails ("<t number='1'/>", VC_ERROR_INVALID,
                "t.xml:1: <t>: @number: '1' is not a number from 2 to 9");
  assert_fails ("<t number='10'/>", VC_ERROR_INVALID,
                "t.xml:1: <t>: @number: '10' is not a number from 2 to 9");
  assert_fails ("<t hex='4294967296'/>", VC_ERROR_INVALID,
                "t.xml:1: <t>: @hex: '4294967296' is not a number from 0 to 4294967295");
  assert_fails ("<t yesno='on'/>", VC_ERROR_INVALID, "t.xml:1: <t>: @yesno: 'on' is neither 'yes' nor 'no'");
  assert_fails ("<t onoff='yes'/>", VC_ERROR_INVALID,
                "t.xml:1: <t>: @onoff: 'yes' is neither 'on' nor 'off'");
  assert_fails ("<t colour='blue'/>", VC_ERROR_INVALID,
                "t.xml:1: <t>: @colour: 'blue' is none of: red, green");
  assert_fails ("<t><rng model='x'/></t>", VC_ERROR_INVALID,
                "t.xml:1: <rng>: @model: 'x' is none of: virtio");
  assert_fails ("<t><rng model='virtio-transitional'/></t>", VC_ERROR_UNSUPPORTED,
                "t.xml:1: <rng>: @model: 'virtio-transitional' is known to libvirt but not supported here");
  assert_fails ("<t>\n<source file='f'/></t>", VC_ERROR_INVALID,
                "t.xml:2: <source>: @file: 'f' is not an absolute path");
  assert_fails ("<t><uuid>c7</uuid></t>", VC_ERROR_INVALID,
                "t.xml:1: <uuid>: 'c7' is not a UUID: it has 2 hexadecimal digits, not 32");
  assert_fails ("<t><flag>no</flag></t>", VC_ERROR_INVALID, "t.xml:1: <flag>: takes no text, and has 'no'");
  assert_fails ("<t gone='x'/>", VC_ERROR_INVALID, "t.xml:1: <t>: @gone: 'x' is none of: red, green");
  assert_fails ("<t>\n<source/>\n<source/></t>", VC_ERROR_INVALID, "t.xml:3: <source>: given twice");
}

static void
test_numbers (void)
{
  static const char *const bad[]
      = { "", "-1", "x", "1e3", " 5", "5 ", "0x", "0xg", "+1", "1.5", "99999999999999999999999" };
  guint64 value;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    if (vc_read_u64 (bad[i], &value))
      g_error ("'%s' is taken for a number", bad[i]);
  g_assert_true (vc_read_u64 ("18446744073709551615", &value));
  g_assert_cmpuint (value, ==, G_MAXUINT64);
  g_assert_true (vc_read_u64 ("0XfF", &value));
  g_assert_cmpuint (value, ==, 255);
  g_assert_true (vc_read_u64 ("007", &value));
  g_assert_cmpuint (value, ==, 7);
}

/* A wrong value before an unknown name, and that before what is missing: a misspelt name is called unknown.
 */
static void
test_order (void)
{
  assert_fails ("<t txet='x' number='1'/>", VC_ERROR_INVALID,
                "t.xml:1: <t>: @number: '1' is not a number from 2 to 9");
  assert_fails ("<t txet='x'/>", VC_ERROR_INVALID, "t.xml:1: <t>: unknown attribute 'txet'");
  assert_fails ("<t>\n<source path='x'/></t>", VC_ERROR_UNSUPPORTED,
                "t.xml:2: <source>: attribute 'path' is known to libvirt but not supported here");
  assert_fails ("<t>\n</t>", VC_ERROR_INVALID, "t.xml:1: <t>: needs @text, the words");
  assert_fails ("<t text='x'>\n<source/></t>", VC_ERROR_INVALID, "t.xml:2: <source>: needs @file, the file");
}

static void
test_put (void)
{
  g_autoptr (VcProps) props = vc_props_new (NULL, NULL), none = vc_props_new (NULL, NULL);
  Thing thing = { 0 };

  vc_fields_put (rows, &thing, none);
  g_assert_cmpuint (vc_props_n (none), ==, 0);
  g_assert_true (read_thing (
      rows, &thing,
      "<t text='x' number='3' hex='4' yesno='no' onoff='on' colour='red'><source file='/f'/></t>", NULL));
  vc_fields_put (rows, &thing, props);
  g_assert_cmpuint (vc_props_n (props), ==, 6);
  g_assert_cmpstr (vc_props_get (props, "text")->text, ==, "x");
  g_assert_cmpstr (vc_props_get (props, "path")->text, ==, "/f");
  g_assert_cmpuint (vc_props_get (props, "number")->number, ==, 3);
  g_assert_false (vc_props_get (props, "yesno")->flag);
  g_assert_true (vc_props_get (props, "onoff")->flag);
  g_assert_cmpstr (vc_props_get (props, "colour")->text, ==, "red");
  vc_fields_clear (rows, &thing);
}

/* Names with a dash are whole words of their lists. */
static void
test_known (void)
{
  g_assert_true (vc_known_value ("target", "type", "spapr-vio-serial"));
  g_assert_true (vc_known_value ("controller", "model", "pcie-switch-downstream-port"));
  g_assert_true (vc_known_value ("controller", "model", "virtio-transitional"));
  g_assert_true (vc_known_element ("features", "nested-hv"));
  g_assert_true (vc_known_value ("model", "name", "pcie-pci-bridge"));
  g_assert_false (vc_known_value ("target", "type", "spapr-"));
  g_assert_false (vc_known_value ("target", "type", "vio"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fields/round-trip", test_round_trip);
  g_test_add_func ("/fields/chosen-child", test_chosen_child);
  g_test_add_func ("/fields/bad", test_bad);
  g_test_add_func ("/fields/numbers", test_numbers);
  g_test_add_func ("/fields/order", test_order);
  g_test_add_func ("/fields/put", test_put);
  g_test_add_func ("/fields/known", test_known);
  return g_test_run ();
}
