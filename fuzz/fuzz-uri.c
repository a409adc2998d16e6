/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A URI as somebody may paste it: what is read is printed so that the same is read again. */
#include "client/uri.h"

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  g_autofree char *text = g_strndup ((const char *) bytes, len);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcUri) uri = vc_uri_read (text, &error);
  g_autoptr (VcUri) again = NULL;
  g_autofree char *printed = NULL;
  g_autofree char *printed_again = NULL;

  g_assert ((uri == NULL) == (error != NULL));
  if (uri == NULL)
    return 0;
  printed = vc_uri_print (uri);
  again = vc_uri_read (printed, &error);
  g_assert_no_error (error);
  g_assert_cmpint (again->place, ==, uri->place);
  g_assert_cmpstr (again->host, ==, uri->host);
  g_assert_cmpstr (again->user, ==, uri->user);
  g_assert_cmpuint (again->port, ==, uri->port);
  g_assert_cmpstr (again->root, ==, uri->root);
  g_assert_cmpstr (again->socket, ==, uri->socket);
  printed_again = vc_uri_print (again);
  g_assert_cmpstr (printed_again, ==, printed);
  return 0;
}
