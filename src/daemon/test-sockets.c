/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/sockets.h"

/* However an address is written, it is of its host's network. */
static void
test_network (void)
{
  static const struct
  {
    const char *printed, *network;
  } rows[] = {
    { "192.0.2.1:4000", "192.0.2.1" },
    { "[2001:db8::1]:4000", "2001:db8::" },
    { "[2001:db8::2]:4000", "2001:db8::" },
    { "[2001:db8::a:b:c:d]:4000", "2001:db8::" },
    { "[2001:db8:1::5]:4000", "2001:db8:1::" },
    { "[2001:db8:1:0:a:b:c:d]:4000", "2001:db8:1::" },
    { "[2001:db8:1:2:a:b:c:d]:4000", "2001:db8:1:2::" },
    { "[2001:db8:1:2::]:4000", "2001:db8:1:2::" },
    { "[fe80::1%eth0]:4000", "fe80::" },
    { "[::1]:4000", "::" },
    { "[::ffff:192.0.2.1]:4000", "::ffff:192.0.2.1" },
    { "an unknown address", "an unknown address" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *network = vc_address_network (rows[i].printed);

      g_assert_cmpstr (network, ==, rows[i].network);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sockets/network", test_network);
  return g_test_run ();
}
