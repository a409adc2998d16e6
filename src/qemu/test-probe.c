/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/probe.h"

#include <sys/syscall.h>
#include <poll.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "qemu/cache.h"
#include "qemu/proc.h"

/* The test program is also the QEMU that is asked: run under another name, it behaves as that name
 * says.  What it was asked is counted in a file beside it. */

static char *folder; /* of the test; everybody may enter it */
static char *self;

static const char *
answer_to (const char *name, const char *line)
{
  if (strstr (line, "query-version") != NULL)
    return g_str_equal (name, "old") ? "{\"qemu\":{\"major\":6,\"minor\":2,\"micro\":0},\"package\":\"\"}"
                                     : "{\"qemu\":{\"major\":8,\"minor\":1,\"micro\":3},\"package\":\"x\"}";
  if (strstr (line, "query-target") != NULL)
    return "{\"arch\":\"x86_64\"}";
  if (strstr (line, "query-machines") != NULL)
    return "[{\"name\":\"pc-i440fx-8.1\",\"alias\":\"pc\",\"is-default\":true,\"cpu-max\":255,"
           "\"default-cpu-type\":\"qemu64-x86_64-cpu\",\"default-ram-id\":\"pc.ram\"},"
           "{\"name\":\"none\",\"cpu-max\":1}]";
  if (strstr (line, "\"device\"") != NULL)
    return "[{\"name\":\"usb-ccid\"},{\"name\":\"qemu64-x86_64-cpu\"}]";
  if (strstr (line, "qom-list-types") != NULL)
    return "[{\"name\":\"chardev-socket\"}]";
  if (strstr (line, "query-cpu-definitions") != NULL)
    return g_str_equal (name, "nocpus") ? NULL : "[{\"name\":\"qemu64\"}]";
  return "{}";
}

/* Into the fifo beside the binary, if the test made one. */
static void
tell_pid (void)
{
  g_autofree char *path = g_file_read_link ("/proc/self/exe", NULL), *fifo = g_strconcat (path, ".pid", NULL);
  int fd = open (fifo, O_WRONLY);

  if (fd >= 0)
    dprintf (fd, "%d\n", (int) getpid ());
}

static int
be_qemu (const char *name, const char *chardev)
{
  int fd = atoi (strstr (chardev, "fd=") + 3);
  FILE *monitor = fdopen (fd, "r+");
  char line[1000];

  if (g_str_equal (name, "dies"))
    {
      fprintf (stderr, "qemu: cannot find a thing\n");
      return 3;
    }
  if (g_str_equal (name, "hangs"))
    {
      tell_pid ();
      pause ();
    }
  fprintf (monitor,
           g_str_equal (name, "babbles") ? "hello\n" : "{\"QMP\":{\"version\":{},\"capabilities\":[]}}\r\n");
  fflush (monitor);
  while (fgets (line, sizeof line, monitor) != NULL)
    {
      const char *answer = answer_to (name, line);
      int id = atoi (strstr (line, "\"id\":") + 5);

      fseek (monitor, 0, SEEK_CUR);
      if (answer != NULL)
        fprintf (monitor, "{\"return\":%s,\"id\":%d}\r\n", answer, id);
      else
        fprintf (monitor, "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"none\"},\"id\":%d}\r\n", id);
      fflush (monitor);
    }
  return 0;
}

static char *
binary (const char *name)
{
  char *path = g_build_filename (folder, name, NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_autofree char *copy = g_strdup_printf ("cp '%s' '%s' && chmod 755 '%s'", self, path, path);
      const char *argv[] = { "/bin/sh", "-c", copy, NULL };

      g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL));
    }
  return path;
}

static void
test_facts (void)
{
  g_autofree char *path = binary ("good");
  g_autoptr (GError) error = NULL;
  g_autoptr (VcCaps) caps = vc_probe (path, &error);
  g_autofree char *text = NULL;
  g_autofree char *want = NULL;

  g_assert_no_error (error);
  text = vc_caps_print (caps);
  want = g_strdup_printf ("binary %s\nversion 8.1.3\nrelease 8001003\narch x86_64\n"
                          "machine pc-i440fx-8.1 pc qemu64 pc.ram 255 1\nmachine none - - - 1 0\n"
                          "types chardev-socket usb-ccid\ncpus qemu64\nend\n",
                          path);
  g_assert_cmpstr (text, ==, want);
}

static void
test_optional (void)
{
  g_autofree char *path = binary ("nocpus");
  g_autoptr (VcCaps) caps = vc_probe (path, NULL);

  g_assert_nonnull (caps);
  g_assert_cmpuint (g_hash_table_size (caps->cpus), ==, 0);
}

static void
test_failures (void)
{
  static const struct
  {
    const char *name;
    VcErrorCode code;
    const char *words;
  } rows[] = {
    { "old", VC_ERROR_UNSUPPORTED, "'%s' is QEMU 6.2.0; 7.2 or later is needed" },
    { "dies", VC_ERROR_FAILED,
      "cannot learn what '%s' can do: it exited with status 3: qemu: cannot find a thing" },
    { "babbles", VC_ERROR_FAILED, "cannot learn what '%s' can do: QEMU's monitor: not JSON" },
  };
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) relative = NULL;

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autofree char *path = binary (rows[n].name);
      g_auto (GStrv) parts = g_strsplit (rows[n].words, "%s", 2);
      g_autofree char *want = g_strjoin (path, parts[0], parts[1], NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_probe (path, &error));
      g_assert_error (error, VC_ERROR, (int) rows[n].code);
      g_assert_true (g_str_has_prefix (error->message, want));
    }
  g_assert_null (vc_probe ("/nonexistent/qemu", &missing));
  g_assert_error (missing, VC_ERROR, VC_ERROR_NOT_FOUND);
  g_assert_null (vc_probe ("qemu", &relative));
  g_assert_error (relative, VC_ERROR, VC_ERROR_INVALID);
}

/* The end of a process that is nobody's child here. */
/* What somebody else named and owns is not run as root, and root's own is. */
static void
test_others (void)
{
  static const struct
  {
    uid_t owner;
    int code;
    gboolean ran;
  } rows[] = { { 12345, VC_ERROR_DENIED, FALSE }, { 0, VC_ERROR_FAILED, TRUE } };
  g_autofree char *inner = g_build_filename (folder, "others", NULL);
  g_autofree char *path = g_build_filename (inner, "emulator", NULL);
  g_autofree char *trace = g_build_filename (folder, "trace", NULL);
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\n: >'%s'\n", trace);

  if (geteuid () != 0)
    {
      g_test_skip ("needs root");
      return;
    }
  g_assert_no_errno (g_mkdir (inner, 0700));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_no_errno (chmod (path, 0700));
  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_no_errno (chown (inner, rows[n].owner, 0));
      g_assert_null (vc_probe (path, &error));
      g_assert_error (error, VC_ERROR, rows[n].code);
      g_assert_cmpint (g_file_test (trace, G_FILE_TEST_EXISTS), ==, rows[n].ran);
    }
}

static void
wait_gone (pid_t pid)
{
  struct pollfd end = { .fd = (int) syscall (SYS_pidfd_open, pid, 0), .events = POLLIN };

  if (end.fd < 0)
    return; /* gone already */
  g_assert_cmpint (poll (&end, 1, 10000), ==, 1);
  close (end.fd);
}

/* Killed while asking, we leave nobody behind. */
static void
test_killed (void)
{
  g_autofree char *path = binary ("hangs"), *fifo = g_strconcat (path, ".pid", NULL);
  guint64 ticks;
  int inner = 0;
  FILE *told;
  pid_t asker;

  g_assert_no_errno (mkfifo (fifo, 0666));
  g_assert_no_errno (chmod (fifo, 0666));
  asker = fork ();

  if (asker == 0)
    {
      vc_probe (path, NULL);
      _exit (1);
    }
  told = fopen (fifo, "r");
  g_assert_cmpint (fscanf (told, "%d", &inner), ==, 1);
  fclose (told);
  g_assert_true (vc_proc_started (inner, &ticks, NULL));
  kill (asker, SIGKILL);
  waitpid (asker, NULL, 0);
  wait_gone (inner);
  g_assert_false (vc_proc_started (inner, &ticks, NULL));
  g_assert_cmpint (unlink (fifo), ==, 0);
}

/* The cache's file in a folder, the only one there. */
static char *
cache_file (const char *cache)
{
  g_autoptr (GDir) dir = g_dir_open (cache, 0, NULL);
  const char *name = dir != NULL ? g_dir_read_name (dir) : NULL;

  if (name == NULL)
    return NULL;
  g_assert_null (g_dir_read_name (dir));
  return g_build_filename (cache, name, NULL);
}

/* TRUE if the answer came from the file, into which the caller had put another version. */
static gboolean
is_cached (const char *path, const char *cache)
{
  g_autofree char *file = cache_file (cache);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VcCaps) caps = NULL;
  struct stat info;
  char *at;

  if (file != NULL && stat (file, &info) == 0 && S_ISREG (info.st_mode)
      && g_file_get_contents (file, &text, NULL, NULL) && (at = strstr (text, "version 8.1.3")) != NULL)
    {
      int fd = open (file, O_WRONLY | O_CLOEXEC); /* in place: owner and mode stay */

      at[12] = '4';
      g_assert_cmpint (write (fd, text, strlen (text)), ==, (ssize_t) strlen (text));
      close (fd);
    }
  vc_caps_forget ();
  caps = vc_caps_find (path, cache, &error);
  g_assert_no_error (error);
  return g_str_equal (caps->version, "8.1.4");
}

static void
test_cache (void)
{
  g_autofree char *path = binary ("good");
  g_autofree char *cache = g_build_filename (folder, "cache", "deeper", NULL);
  g_autofree char *file = NULL;
  g_autofree char *again = NULL;
  g_autofree char *temporary = NULL;
  struct stat info;
  struct timespec times[2] = { { 0, UTIME_OMIT }, { 1000, 1 } };

  g_assert_false (is_cached (path, cache));
  g_assert_true (is_cached (path, cache));
  file = cache_file (cache);
  g_assert_no_errno (stat (file, &info));
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);

  /* the binary changed */
  g_assert_no_errno (utimensat (AT_FDCWD, path, times, 0));
  g_assert_false (is_cached (path, cache));
  g_assert_true (is_cached (path, cache));

  /* others could have written it */
  g_assert_no_errno (chmod (file, 0660));
  g_assert_false (is_cached (path, cache));
  g_assert_true (is_cached (path, cache));
  if (geteuid () == 0)
    {
      g_assert_no_errno (chown (file, 65534, 0));
      g_assert_false (is_cached (path, cache));
      g_assert_true (is_cached (path, cache));
    }

  /* broken, cut, empty, something else */
  g_assert_no_errno (truncate (file, 150));
  g_assert_false (is_cached (path, cache));
  g_assert_true (is_cached (path, cache));
  g_assert_no_errno (truncate (file, 0));
  g_assert_false (is_cached (path, cache));
  g_unlink (file);
  g_assert_no_errno (mkfifo (file, 0600));
  g_assert_false (is_cached (path, cache));
  g_assert_true (is_cached (path, cache));

  /* left by one who died while writing: another's at first, then in nobody's way */
  temporary = g_strconcat (file, ".new", NULL);
  g_unlink (file);
  g_assert_true (g_file_set_contents (temporary, "x", 1, NULL));
  g_assert_false (is_cached (path, cache));
  again = cache_file (cache);
  g_assert_cmpstr (again, ==, temporary);
  g_assert_no_errno (utimensat (AT_FDCWD, temporary, times, 0));
  g_assert_false (is_cached (path, cache));
  g_assert_true (is_cached (path, cache));
}

/* What is in memory holds without the file, until the binary changes. */
static void
test_memory (void)
{
  g_autofree char *path = binary ("good");
  g_autofree char *cache = g_build_filename (folder, "memory", NULL);
  g_autofree char *file = NULL;
  struct timespec times[2] = { { 0, UTIME_OMIT }, { 2000, 1 } };

  vc_caps_forget ();
  for (guint n = 0; n < 3; n++)
    {
      g_autoptr (VcCaps) first = vc_caps_find (path, cache, NULL);
      g_autoptr (VcCaps) second = NULL;

      file = cache_file (cache);
      g_assert_nonnull (file);
      g_unlink (file);
      second = vc_caps_find (path, cache, NULL);
      g_assert_true (first == second);
      g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
      g_clear_pointer (&file, g_free);
      times[1].tv_sec += n;
      g_assert_no_errno (utimensat (AT_FDCWD, path, times, 0));
    }
}

/* Nowhere to write is no error, and neither is no cache at all. */
static void
test_no_cache (void)
{
  g_autofree char *path = binary ("good");
  g_autofree char *below_file = g_build_filename (path, "cache", NULL);
  g_autoptr (VcCaps) first = vc_caps_find (path, below_file, NULL);
  g_autoptr (VcCaps) second = vc_caps_find (path, NULL, NULL);

  g_assert_nonnull (first);
  g_assert_nonnull (second);
}

int
main (int argc, char **argv)
{
  g_autofree char *name = g_path_get_basename (argv[0]);
  g_autofree char *clean = NULL;
  int status;

  if (argc > 1 && g_str_equal (argv[1], "-S"))
    {
      for (int n = 2; n < argc - 1; n++)
        if (g_str_equal (argv[n], "-chardev"))
          return be_qemu (name, argv[n + 1]);
      return 2;
    }

  g_test_init (&argc, &argv, NULL);
  self = g_file_read_link ("/proc/self/exe", NULL);
  folder = g_dir_make_tmp ("virtcard-probe-XXXXXX", NULL);
  g_assert_no_errno (chmod (folder, 0755));
  g_test_add_func ("/probe/facts", test_facts);
  g_test_add_func ("/probe/optional", test_optional);
  g_test_add_func ("/probe/failures", test_failures);
  g_test_add_func ("/probe/others", test_others);
  g_test_add_func ("/probe/killed", test_killed);
  g_test_add_func ("/probe/cache", test_cache);
  g_test_add_func ("/probe/memory", test_memory);
  g_test_add_func ("/probe/no-cache", test_no_cache);
  status = g_test_run ();

  clean = g_strdup_printf ("rm -r '%s'", folder);
  g_spawn_command_line_sync (clean, NULL, NULL, NULL, NULL);
  g_free (folder);
  g_free (self);
  return status;
}
