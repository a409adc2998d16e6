/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/chardev.h"
#include "domain/schema.h"
#include "domain/section.h"
#include "fields/list.h"

/* prefix is the list's place with a slash, for the facts of its items. */
static void
print_row (const VcField *row, const char *prefix, GString *out)
{
  const char *place = *row->xml != '\0' ? row->xml : "(text)";

  g_string_append_printf (out, "| `%s%s` | ", prefix, place);
  if (row->choices != NULL)
    for (guint i = 1; row->choices[i] != NULL; i++)
      g_string_append_printf (out, "%s`%s`", i > 1 ? ", " : "", row->choices[i]);
  else
    g_string_append (out, row->type->name);
  g_string_append_printf (out, " | %s%s%s |\n", row->doc, row->flags & VC_REQUIRED ? " (required)" : "",
                          row->flags & (VC_DROPPED | VC_LIVE) ? " (accepted, not kept)" : "");
  if (row->type == &vc_type_list)
    {
      g_autofree char *inner = g_strdup_printf ("%s%s/", prefix, place);

      for (const VcField *sub = ((const VcList *) row->more)->rows; sub->xml != NULL; sub++)
        print_row (sub, inner, out);
    }
}

static void
print_rows (const VcField *rows, GString *out)
{
  if (rows[0].xml == NULL)
    return;
  g_string_append (out, "| where | value | what |\n| --- | --- | --- |\n");
  for (const VcField *row = rows; row->xml != NULL; row++)
    print_row (row, "", out);
  g_string_append_c (out, '\n');
}

static void
print_kind (const VcKind *kind, GString *out)
{
  g_string_append_printf (out, "### %s\n\n", kind->name);
  if (kind->select != NULL)
    g_string_append_printf (out, "`<%s>` with `%s` = `%s`%s. ", kind->element, kind->select, kind->value,
                            kind->is_default ? ", or without it" : "");
  else
    g_string_append_printf (out, "`<%s>`. ", kind->element);
  g_string_append_printf (out, "%s", kind->summary);
  if (kind->plugs_into != NULL)
    g_string_append_printf (out, " Sits on a %s bus.", kind->plugs_into->name);
  g_string_append (out, "\n\n");
  print_rows (kind->rows, out);
}

char *
vc_manual_print (void)
{
  GString *out = g_string_new (
      "# Domain XML that virtcard reads\n\n"
      "This page is generated from the rows that read the XML (`virtcard-docs manual`): change those, not "
      "this. Names and meaning are libvirt's. `@name` is an attribute, `a/b` a child of a child, `name[]` "
      "may "
      "be repeated.\n\nEvery device may also have an `<alias name='ua-…'/>` of the user's own, an "
      "`<address>` and, on PCI, an `<acpi index='…'/>`: its number for the guest's firmware.\n\n## The "
      "machine\n\n### domain\n\nThe root element.\n\n");

  print_rows (vc_domain_rows, out);
  for (guint i = 0; vc_sections[i].element != NULL; i++)
    {
      g_string_append_printf (out, "### %s\n\n%s\n\n", vc_sections[i].element, vc_sections[i].summary);
      print_rows (vc_sections[i].rows, out);
    }
  g_string_append (out, "## Devices\n\n### emulator\n\nThe QEMU binary.\n\n");
  print_rows (vc_emulator_rows, out);
  for (guint i = 0; vc_kinds[i] != NULL; i++)
    print_kind (vc_kinds[i], out);
  g_string_append (out, "## Host sides of character devices\n\nThe `type` of serial ports, consoles, "
                        "channels and smartcards in mode "
                        "passthrough.\n\n### all\n\n");
  print_rows (vc_chardev_common, out);
  for (guint i = 0; vc_chardev_kinds[i] != NULL; i++)
    {
      g_string_append_printf (out, "### type %s\n\n%s\n\n", vc_chardev_kinds[i]->type,
                              vc_chardev_kinds[i]->summary);
      print_rows (vc_chardev_kinds[i]->rows, out);
    }
  g_string_append (out, "## Addresses\n\n");
  for (guint i = 1; vc_seat_types[i] != NULL; i++)
    {
      g_string_append_printf (out, "### address type %s\n\n", vc_seat_types[i]);
      print_rows (vc_seat_rows[i], out);
    }
  g_string_truncate (out, out->len - 1); /* one new line at the end */
  return g_string_free (out, FALSE);
}
