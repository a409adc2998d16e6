/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "manager/head.h"

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"
#define TEXT "<domain type='qemu'>\n  <name>a</name>\n</domain>\n"

static char *
make_file (void)
{
  VcDomain domain = { .name = (char *) "a", .uuid = (char *) UUID, .memory = 65536, .current_memory = 32768 };
  g_autofree char *head = vc_head_new (&domain, TEXT);

  return g_strconcat (head, TEXT, NULL);
}

/* In memory of its own, so that whoever reads past its end is caught. */
static gboolean
is_right (const char *file, gsize len, const char *name)
{
  g_autofree char *copy = g_strndup (file, len);
  char uuid[VC_HEAD_UUID];
  VcSizes sizes;

  return vc_head_read (copy, len, name, uuid, &sizes);
}

static void
test_intact (void)
{
  g_autofree char *file = make_file ();
  char uuid[VC_HEAD_UUID];
  VcSizes sizes;

  g_assert_true (vc_head_read (file, strlen (file), "a", uuid, &sizes));
  g_assert_cmpstr (uuid, ==, UUID);
  g_assert_cmpuint (sizes.max_memory, ==, 65536);
  g_assert_cmpuint (sizes.memory, ==, 32768);
  g_assert_cmpuint (sizes.vcpus, ==, 1);
  g_assert_cmpuint (sizes.max_vcpus, ==, 1);
  g_assert_cmpstr (vc_head_skip (file), ==, TEXT);
}

static void
test_changed (void)
{
  g_autofree char *file = make_file ();
  gsize len = strlen (file);

  g_assert_true (is_right (file, len, "a"));
  g_assert_false (is_right (file, len, "b"));
  for (gsize cut = 0; cut < len; cut++)
    g_assert_false (is_right (file, cut, "a"));
  for (gsize at = 0; at < len; at++)
    {
      file[at] ^= 1;
      g_assert_false (is_right (file, len, "a"));
      file[at] ^= 1;
    }
  g_assert_true (is_right (file, len, "a"));
}

/* A file of an earlier version, and one that a person wrote. */
static void
test_without (void)
{
  g_autofree char *file = make_file ();
  const char *second = strchr (file, '\n') + 1;
  g_autofree char *first = g_strndup (file, (gsize) (second - file));
  g_autofree char *old = g_strconcat (first, TEXT, NULL);

  g_assert_cmpstr (vc_head_skip (old), ==, TEXT);
  g_assert_cmpstr (vc_head_skip (first), ==, "");
  g_assert_cmpstr (vc_head_skip (TEXT), ==, TEXT);
  g_assert_cmpstr (vc_head_skip (""), ==, "");
  g_assert_false (is_right (old, strlen (old), "a"));
  g_assert_false (is_right (TEXT, strlen (TEXT), "a"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/head/intact", test_intact);
  g_test_add_func ("/head/changed", test_changed);
  g_test_add_func ("/head/without", test_without);
  return g_test_run ();
}
