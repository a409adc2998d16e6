/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include <virtcard/virtcard.h>

/* libvirtcard as programs use it to log in: auth WHAT URI USER SECRET
 *
 *   callback  the program is asked for both, and says what it was asked
 *   bytes     it gives both before
 *   file      SECRET is the name of a file
 *   fd        the password comes from descriptor 0
 *   none      it says nothing
 */

static char *
on_ask (VirtcardCredential what, const char *user, const char *host, gpointer data)
{
  char **words = data;

  printf ("asked for %s of %s at %s\n", what == VIRTCARD_CREDENTIAL_USER ? "name" : "password",
          user != NULL ? user : "nobody", host != NULL ? host : "-");
  return g_strdup (words[what == VIRTCARD_CREDENTIAL_USER ? 3 : 4]);
}

int
main (int argc, char **argv)
{
  g_autoptr (VirtcardAuth) auth = virtcard_auth_new ();
  g_autoptr (VirtcardConnect) connect = NULL;
  g_autoptr (GPtrArray) domains = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_good = argc == 5;

  if (is_good && strcmp (argv[1], "callback") == 0)
    virtcard_auth_set_callback (auth, on_ask, argv);
  else if (is_good && strcmp (argv[1], "bytes") == 0)
    is_good = virtcard_auth_set_password (auth, argv[4], strlen (argv[4]), &error);
  else if (is_good && strcmp (argv[1], "file") == 0)
    is_good = virtcard_auth_set_password_file (auth, argv[4], &error);
  else if (is_good && strcmp (argv[1], "fd") == 0)
    is_good = virtcard_auth_set_password_fd (auth, 0, &error);
  if (is_good && *argv[3] != '\0' && strcmp (argv[1], "callback") != 0)
    virtcard_auth_set_user (auth, argv[3]);
  connect = is_good ? virtcard_connect_open_auth (argv[2], 0, NULL, auth, &error) : NULL;
  domains = connect != NULL ? virtcard_connect_list (connect, 0, &error) : NULL;
  if (domains != NULL)
    puts ("in");
  else if (error != NULL)
    printf ("error %d: %s\n", error->code, error->message);
  return domains != NULL ? 0 : 1;
}
