/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/tunnel.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

static VcTunnel *
run (const char *script, int *ret_fd)
{
  const char *const argv[] = { "sh", "-c", script, NULL };
  g_autoptr (GError) error = NULL;
  VcTunnel *tunnel = vc_tunnel_new (argv, g_strdup ("there"), ret_fd, &error);

  g_assert_no_error (error);
  return tunnel;
}

static void
assert_hears (int fd, const char *want)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };
  char bytes[100];
  gssize got;

  g_assert_cmpint (poll (&p, 1, 60000), ==, 1);
  got = read (fd, bytes, sizeof bytes);
  g_assert_cmpmem (bytes, got, want, strlen (want));
}

static void
test_talk (void)
{
  int fd;
  g_autoptr (VcTunnel) tunnel = run ("exec cat", &fd);

  g_assert_nonnull (tunnel);
  g_assert_cmpint (write (fd, "abc", 3), ==, 3);
  assert_hears (fd, "abc");
  close (fd);
}

static void
assert_explained (const char *script, const char *want)
{
  int fd;
  g_autoptr (VcTunnel) tunnel = run (script, &fd);
  g_autoptr (GError) error = NULL;

  assert_hears (fd, "");
  error = vc_tunnel_explain (tunnel);
  g_assert_error (error, VC_ERROR, VC_ERROR_GONE);
  g_assert_cmpstr (error->message, ==, want);
  close (fd);
}

static void
test_explain (void)
{
  assert_explained ("exit 3", "there: sh has ended with status 3, and said nothing");
  assert_explained ("kill -9 $$", "there: sh was ended by signal 9");
  assert_explained ("printf 'no\\r\\n\\n  such \\033[1mhost\\n' >&2", "there: sh: no; such ?[1mhost");
  /* more than a pipe holds */
  assert_explained ("head -c 1000000 /dev/zero >&2; kill -9 $$", "there: sh was ended by signal 9");
  /* it has closed its output, and goes on */
  assert_explained ("trap '' TERM; exec <&- >&-; exec sleep 1000", "there: sh was ended by signal 9");
}

static void
test_missing (void)
{
  const char *const argv[] = { "/nowhere/ssh", NULL };
  g_autoptr (GError) error = NULL;
  int fd;

  g_assert_null (vc_tunnel_new (argv, g_strdup ("there"), &fd, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "cannot run '/nowhere/ssh': "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tunnel/talk", test_talk);
  g_test_add_func ("/tunnel/explain", test_explain);
  g_test_add_func ("/tunnel/missing", test_missing);
  return g_test_run ();
}
