/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "devices/graphics.h"

/* Somebody who listens on a port of 127.0.0.1. */
static int
new_listener (guint port, guint *ret_port)
{
  struct sockaddr_in at = { .sin_family = AF_INET,
                            .sin_port = htons ((guint16) port),
                            .sin_addr = { htonl (INADDR_LOOPBACK) } };
  socklen_t len = sizeof at;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &at, sizeof at), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &at, &len), ==, 0);
  *ret_port = ntohs (at.sin_port);
  return fd;
}

static void
test_check (void)
{
  g_autoptr (GError) error = NULL;
  guint port = 0;
  int fd = new_listener (0, &port);
  static const char *const addresses[] = { "127.0.0.1", "localhost", "0.0.0.0", NULL };

  for (gsize n = 0; n < G_N_ELEMENTS (addresses); n++)
    {
      g_assert_false (vc_port_check (addresses[n], port, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_BUSY);
      g_clear_error (&error);
    }
  g_assert_true (vc_port_check ("no.such.host.invalid", port, &error));
  g_assert_true (vc_port_check ("127.0.0.2", port, &error));
  close (fd);
  g_assert_true (vc_port_check ("127.0.0.1", port, &error));
  g_assert_false (vc_port_check ("192.0.2.1", port, &error)); /* nobody has this address */
  g_assert_error (error, VC_ERROR, VC_ERROR_FAILED);
}

static VcDomain *
new_domain (const char *graphics)
{
  g_autofree char *text
      = g_strdup_printf ("<domain type='qemu'><name>a</name><memory>1</memory><os><type>hvm</type></os>"
                         "<devices>%s</devices></domain>",
                         graphics);
  g_autoptr (VcXml) xml = vc_xml_read (text, strlen (text), "a.xml", NULL);
  g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  VcDomain *domain = vc_domain_read (xml, errors);

  g_assert_cmpuint (errors->len, ==, 0);
  vc_domain_fill (domain, NULL);
  return domain;
}

static VcGraphics *
nth (VcDomain *domain, guint n)
{
  return (VcGraphics *) vc_peers_find (vc_domain_peers (domain), "graphics", NULL, n);
}

static void
test_find (void)
{
  g_autoptr (VcDomain) domain
      = new_domain ("<graphics type='spice' autoport='yes'/><graphics type='vnc' port='-1'/>");
  g_autoptr (GError) error = NULL;
  guint taken = 0;
  int fd;

  g_assert_true (vc_ports_find (domain, TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (nth (domain, 0)->port, >=, (int) VC_PORT_FIRST);
  g_assert_cmpint (nth (domain, 0)->tls_port, >, nth (domain, 0)->port);
  g_assert_cmpint (nth (domain, 1)->port, >, nth (domain, 0)->tls_port);
  g_assert_false (vc_ports_are_lost (domain));

  fd = new_listener ((guint) nth (domain, 0)->port, &taken);
  g_assert_true (vc_ports_are_lost (domain));
  g_assert_true (vc_ports_find (domain, FALSE, &error));
  g_assert_cmpint (nth (domain, 0)->port, >, (int) taken);
  g_assert_cmpint (nth (domain, 0)->tls_port, ==, 0);
  close (fd);
}

/* Nobody listens there yet, and somebody of the same guest will: a back end, a display with a port of its
 * own. */
static void
test_own (void)
{
  g_autoptr (VcDomain) domain
      = new_domain ("<graphics type='vnc' port='-1'/><graphics type='spice' port='5901' autoport='no'/>"
                    "<serial type='tcp'><source mode='bind' host='127.0.0.1' service='5900'/></serial>");
  g_autoptr (GError) error = NULL;

  g_assert_true (vc_ports_find (domain, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (nth (domain, 0)->port, >, 5901);
}

static void
test_given (void)
{
  guint port = 0;
  int fd = new_listener (0, &port);
  g_autofree char *graphics = g_strdup_printf ("<graphics type='vnc' port='%u'/>", port);
  g_autofree char *want = g_strdup_printf ("a.xml:1: <graphics>: port %u of 127.0.0.1 is taken", port);
  g_autoptr (VcDomain) domain = new_domain (graphics);
  g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);

  g_assert_true (vc_ports_find (domain, TRUE, NULL));
  g_assert_cmpint (nth (domain, 0)->port, ==, (int) port);
  vc_ports_check (domain, errors);
  g_assert_cmpuint (errors->len, ==, 1);
  g_assert_cmpstr (((GError *) errors->pdata[0])->message, ==, want);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ports/check", test_check);
  g_test_add_func ("/ports/find", test_find);
  g_test_add_func ("/ports/own", test_own);
  g_test_add_func ("/ports/given", test_given);
  return g_test_run ();
}
