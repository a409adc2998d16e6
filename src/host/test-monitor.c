/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/monitor.h"

/* What QEMU says of its pseudo-terminals, and what it might say if it were not ours any more. */
static void
test_ptys (void)
{
  static const char answer[]
      = "[{'label': 'a', 'filename': 'pty:/dev/pts/7'}, {'label': 'b', 'filename': 'pty:/etc/shadow'},"
        " {'label': 'c', 'filename': 'pty:/dev/pts/../../etc/shadow'}, {'label': 'd', 'filename': "
        "'pty:/dev/pts/'},"
        " {'label': 'e', 'filename': 'pty:/dev/pts/ptmx'}, {'label': 'f', 'filename': 'pty:/dev/pts/7x'},"
        " {'label': 'g', 'filename': 'unix:/dev/pts/7'}, {'label': 'h'}, 3]";
  g_autofree char *text = g_strdelimit (g_strdup (answer), "'", '"');
  g_autoptr (GHashTable) ptys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (json_t) list = json_loads (text, 0, NULL);

  g_assert_nonnull (list);
  vc_monitor_find_ptys (list, ptys);
  g_assert_cmpuint (g_hash_table_size (ptys), ==, 1);
  g_assert_cmpstr (g_hash_table_lookup (ptys, "a"), ==, "/dev/pts/7");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/monitor/ptys", test_ptys);
  return g_test_run ();
}
