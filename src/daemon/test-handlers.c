/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

/* Every call has its handler, and none has two. */
static void
test_whole (void)
{
  const VcRpcHandler *handlers = vc_handlers_all ();

  for (guint i = 0; i < VC_N_CALLS; i++)
    {
      if (vc_handlers_count ((VcCallIndex) i) != 1)
        g_test_message ("%s has %u handlers", vc_calls[i].symbol, vc_handlers_count ((VcCallIndex) i));
      g_assert_cmpuint (vc_handlers_count ((VcCallIndex) i), ==, 1);
      g_assert_nonnull (handlers[i]);
    }
}

static void
test_uuid (void)
{
  static const char text[] = "01234567-89ab-cdef-fedc-ba9876543210";
  guint8 bytes[16];
  char again[37];

  vc_wire_read_uuid (text, bytes);
  g_assert_cmpmem (bytes, 16, "\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10", 16);
  g_assert_cmpstr (vc_wire_uuid (bytes, again), ==, text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/handlers/whole", test_whole);
  g_test_add_func ("/handlers/uuid", test_uuid);
  return g_test_run ();
}
