/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/child.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

static int
say (gconstpointer data, int out)
{
  return write (out, data, strlen (data)) < 0;
}

static int
sleep_on (gconstpointer data, int out)
{
  if (write (out, "x", 1) < 0)
    return 1;
  for (;;)
    pause ();
}

static int
die (gconstpointer data, int out)
{
  raise (SIGKILL);
  return 0;
}

static int
flood (gconstpointer data, int out)
{
  while (write (out, "0123456789", 10) > 0)
    ;
  return 7;
}

/* What was open in the parent is not open here. */
static int
count_files (gconstpointer data, int out)
{
  int n = 0;

  for (int fd = 0; fd < 256; fd++)
    n += fcntl (fd, F_GETFD) >= 0;
  return n;
}

static void
run (VcChildFn fn, gconstpointer data, guint timeout_ms, VcChildResult *result)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (vc_child_run (fn, data, NULL, -1, timeout_ms, 1000, result, &error));
  g_assert_no_error (error);
}

static void
test_ends (void)
{
  g_auto (VcChildResult) said = { 0 }, late = { 0 }, dead = { 0 }, much = { 0 }, files = { 0 };
  gint64 begin = g_get_monotonic_time ();
  int open_here = open ("/dev/null", O_RDONLY);

  run (say, "hello", 5000, &said);
  g_assert_cmpint (said.end, ==, VC_CHILD_EXITED);
  g_assert_cmpint (said.status, ==, 0);
  g_assert_cmpstr ((char *) said.out->data, ==, "hello");

  run (die, NULL, 5000, &dead);
  g_assert_cmpint (dead.end, ==, VC_CHILD_KILLED);
  g_assert_cmpint (dead.status, ==, SIGKILL);

  run (flood, NULL, 5000, &much);
  g_assert_cmpint (much.end, ==, VC_CHILD_FLOODED);
  g_assert_cmpuint (much.out->len, <=, 1000);

  run (count_files, NULL, 5000, &files);
  g_assert_cmpint (files.status, ==, 4);

  run (sleep_on, NULL, 50, &late);
  g_assert_cmpint (late.end, ==, VC_CHILD_LATE);
  g_assert_cmpstr ((char *) late.out->data, ==, "x");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 4 * G_USEC_PER_SEC);
  close (open_here);
}

#define MARK_TIMES 2000

/* Not in this program's text: only who ran say_marks has it in memory. */
static void
fill_mark (char mark[33])
{
  for (int n = 0; n < 32; n++)
    mark[n] = (char) ('A' + (n * 7 + 3) % 26);
  mark[32] = '\0';
}

static int
say_marks (gconstpointer data, int out)
{
  char mark[33];

  fill_mark (mark);
  for (int n = 0; n < MARK_TIMES; n++)
    if (write (out, mark, 32) != 32)
      return 1;
  return 0;
}

#ifdef __SANITIZE_ADDRESS__
static const gboolean sees_heap = FALSE; /* the sanitizer keeps one of its own */
#else
static const gboolean sees_heap = TRUE;
#endif

/* How often the mark is in the heap, used or free. */
static guint
count_marks (void)
{
  g_autoptr (GRegex) line
      = g_regex_new ("^([0-9a-f]+)-([0-9a-f]+) rw.*\\[heap\\]$", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) found = NULL;
  g_autofree char *maps = NULL, *from = NULL, *to = NULL;
  char mark[33];
  guint count = 0;

  fill_mark (mark);
  g_assert_true (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  if (!g_regex_match (line, maps, 0, &found))
    return 0;
  from = g_match_info_fetch (found, 1);
  to = g_match_info_fetch (found, 2);

  const char *at = GSIZE_TO_POINTER (g_ascii_strtoull (from, NULL, 16));
  const char *last = GSIZE_TO_POINTER (g_ascii_strtoull (to, NULL, 16));

  while ((at = memmem (at, (gsize) (last - at), mark, 32)) != NULL)
    {
      count++;
      at += 32;
    }
  return count;
}

/* Holes in which nothing can grow without moving: what separates them is never freed. */
static void
make_holes (void)
{
  static gpointer kept[16];
  gpointer holes[G_N_ELEMENTS (kept)];

  for (gsize n = 0; n < G_N_ELEMENTS (kept); n++)
    {
      holes[n] = g_malloc (((gsize) 4096 << n / 3) + 64);
      kept[n] = g_malloc (64);
    }
  for (gsize n = 0; n < G_N_ELEMENTS (kept); n++)
    g_free (holes[n]);
}

/* What came may have been a key: neither the output nor a smaller one before it stays in memory. */
static void
test_wiped (void)
{
  g_auto (VcChildResult) result = { 0 };
  g_autoptr (GError) error = NULL;

  make_holes ();
  g_assert_true (vc_child_run (say_marks, NULL, NULL, -1, 5000, MARK_TIMES * 32, &result, &error));
  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpuint (result.out->len, ==, MARK_TIMES * 32);
  g_assert_cmpuint (result.out->data[result.out->len], ==, 0);
  if (!sees_heap)
    return;
  g_assert_cmpuint (count_marks (), >, 0);
  vc_child_result_clear (&result);
  g_assert_cmpuint (count_marks (), ==, 0);
}

static void
test_exec (void)
{
  static const char *const echo[] = { "/bin/sh", "-c", "echo $0; echo lost >&2; cat; exit 5", "a b", NULL };
  static const char *const none[] = { "/no/such/program", NULL };
  static const char *const text[] = { "/etc/passwd", NULL };
  g_autoptr (GError) error = NULL;
  g_auto (VcChildResult) result = { 0 }, refused = { 0 };

  g_assert_true (vc_child_exec (echo, NULL, 5000, 1000, &result, &error));
  g_assert_cmpint (result.end, ==, VC_CHILD_EXITED);
  g_assert_cmpint (result.status, ==, 5);
  g_assert_cmpstr ((char *) result.out->data, ==, "a b\n");

  g_assert_true (vc_child_exec (text, NULL, 5000, 1000, &refused, &error));
  g_assert_cmpint (refused.status, ==, VC_CHILD_NO_EXEC);

  g_assert_false (vc_child_exec (none, NULL, 5000, 1000, &result, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "cannot run '/no/such/program': No such file or directory");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/child/ends", test_ends);
  g_test_add_func ("/child/wiped", test_wiped);
  g_test_add_func ("/child/exec", test_exec);
  return g_test_run ();
}
