/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <virtcard/virtcard.h>

/* Joining by libvirtcard, as programs use it: join DIR < TOKEN. */

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;
  g_autoptr (VirtcardConnect) connect = NULL;
  char token[600] = "";

  if (argc != 2 || scanf ("%599s", token) != 1)
    return 2;
  uri = virtcard_join (token, argv[1], 0, &error);
  connect = uri != NULL ? virtcard_connect_open (uri, 0, &error) : NULL;
  if (connect == NULL)
    printf ("error %d: %s\n", error->code, error->message);
  else
    printf ("open %s\n", uri);
  return connect != NULL ? 0 : 1;
}
