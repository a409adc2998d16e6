/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/record.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "qemu/proc.h"
#include "qemu/spawn.h"

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"

static char *dir;

/* The process says itself which one it is. */
static void
test_record (void)
{
  static const char *const argv[] = { "/usr/bin/tail", "-f", "/dev/null", NULL };
  g_autoptr (GError) error = NULL;
  VcSpawn how = { VC_SPAWN_INIT, .argv = argv };
  VcRecord record;
  guint64 started;

  how.record = vc_record_open (dir, UUID, &error);
  g_assert_no_error (error);
  g_assert_true (vc_record_read (dir, UUID, &record, &error));
  g_assert_cmpint (record.pid, ==, 0);
  g_assert_false (vc_record_is_alive (&record));

  pid_t pid = vc_spawn (&how, &error);

  g_assert_no_error (error);
  close (how.record);
  g_assert_true (vc_record_read (dir, UUID, &record, &error));
  g_assert_true (vc_proc_started (pid, &started, NULL));
  g_assert_cmpint (record.pid, ==, pid);
  g_assert_cmpuint (record.started, ==, started);
  g_assert_true (vc_record_is_alive (&record));
  record.started++; /* another process of the same number */
  g_assert_false (vc_record_is_alive (&record));
  record.started--;
  record.before = TRUE;
  g_assert_false (vc_record_is_alive (&record));
  record.before = FALSE;
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  g_assert_false (vc_record_is_alive (&record));

  vc_record_remove (dir, UUID);
  vc_record_remove (dir, UUID);
  g_assert_false (vc_record_read (dir, UUID, &record, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
}

static void
test_broken (void)
{
  static const char *const texts[] = {
    "",
    "boot",
    "boot\nx",
    "boot\n1",
    "boot\n1 (x) S",
    "boot\n0 (x) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "boot\n4294967297 (x) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
  };
  g_autofree char *path = g_build_filename (dir, UUID ".pid", NULL);
  VcRecord record;

  for (gsize n = 0; n < G_N_ELEMENTS (texts); n++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, texts[n], -1, NULL));
      g_assert_false (vc_record_read (dir, UUID, &record, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_PROTOCOL);
    }
  vc_record_remove (dir, UUID);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  dir = g_dir_make_tmp ("virtcard-record-XXXXXX", NULL);
  g_test_add_func ("/record/good", test_record);
  g_test_add_func ("/record/broken", test_broken);
  status = g_test_run ();
  g_rmdir (dir);
  g_free (dir);
  return status;
}
