/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What must hold for every kind there is. */
#include <glib.h>
#include <string.h>

#include "devices/chardev.h"
#include "domain/section.h"

static void
check_rows (const char *what, const VcField *rows)
{
  for (const VcField *row = rows; row->xml != NULL; row++)
    {
      if (row->doc == NULL || *row->doc == '\0' || g_str_has_suffix (row->doc, "."))
        g_error ("%s: %s needs a noun phrase", what, row->xml);
      if ((row->type->read == NULL) == (row->type->read_node == NULL))
        g_error ("%s: type '%s' needs either read or read_node", what, row->type->name);
      if (!(row->flags & VC_DROPPED) && (row->type->print == NULL) == (row->type->print_node == NULL))
        g_error ("%s: type '%s' reads and cannot print", what, row->type->name);
      if (row->prop != NULL && row->type->put == NULL)
        g_error ("%s: %s names a property and its type cannot put", what, row->xml);
    }
}

static void
test_rows (void)
{
  for (guint i = 0; vc_kinds[i] != NULL; i++)
    check_rows (vc_kinds[i]->name, vc_kinds[i]->rows);
  for (guint i = 0; vc_chardev_kinds[i] != NULL; i++)
    check_rows (vc_chardev_kinds[i]->type, vc_chardev_kinds[i]->rows);
  for (guint i = 0; vc_sections[i].element != NULL; i++)
    check_rows (vc_sections[i].element, vc_sections[i].rows);
  for (guint i = 1; vc_seat_types[i] != NULL; i++)
    check_rows (vc_seat_types[i], vc_seat_rows[i]);
  check_rows ("chardev", vc_chardev_common);
  check_rows ("domain", vc_domain_rows);
}

static void
test_names (void)
{
  for (guint i = 0; vc_kinds[i] != NULL; i++)
    {
      const VcKind *kind = vc_kinds[i];

      g_assert_true (g_str_has_prefix (kind->name, kind->element));
      g_assert_cmpuint (kind->size, >=, sizeof (VcDevice));
      g_assert_true ((kind->select == NULL) == (kind->value == NULL));
      g_assert_true (g_str_has_suffix (kind->summary, "."));
      g_assert_true (vc_kind_find (kind->name) == kind);
      for (guint j = 0; j < i; j++)
        if (strcmp (vc_kinds[j]->element, kind->element) == 0)
          {
            g_assert_cmpstr (vc_kinds[j]->select, ==, kind->select);
            g_assert_cmpstr (vc_kinds[j]->value, !=, kind->value);
            g_assert_false (vc_kinds[j]->is_default && kind->is_default);
          }
    }
}

/* A new device can be freed, and one that was only made prints and frees as well. */
static void
test_empty (void)
{
  for (guint i = 0; vc_kinds[i] != NULL; i++)
    vc_device_free (vc_device_new (vc_kinds[i]));
  for (guint i = 0; vc_chardev_kinds[i] != NULL; i++)
    vc_chardev_free (vc_chardev_new (vc_chardev_kinds[i]->type));
  vc_device_free (NULL);
  vc_chardev_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kinds/rows", test_rows);
  g_test_add_func ("/kinds/names", test_names);
  g_test_add_func ("/kinds/empty", test_empty);
  return g_test_run ();
}
