/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/record.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "base/error.h"
#include "qemu/proc.h"

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"

static char *dir;

static void
test_record (void)
{
  g_autoptr (GError) error = NULL;
  VcRecord written = {
    .uuid = (char *) UUID, .name = (char *) "a \"b\"", .monitor = (char *) "/run/x.sock", .pid = getpid ()
  };

  g_assert_true (vc_proc_started (written.pid, &written.started, NULL));
  g_assert_true (vc_record_print (&written, dir, &error));
  g_assert_no_error (error);

  g_autoptr (VcRecord) record = vc_record_read (dir, UUID, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (record->name, ==, written.name);
  g_assert_cmpstr (record->monitor, ==, written.monitor);
  g_assert_cmpint (record->pid, ==, written.pid);
  g_assert_cmpuint (record->started, ==, written.started);
  g_assert_true (vc_record_is_alive (record));
  record->started++; /* another process of the same number */
  g_assert_false (vc_record_is_alive (record));

  vc_record_remove (dir, UUID);
  vc_record_remove (dir, UUID);
  g_assert_null (vc_record_read (dir, UUID, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
}

static void
test_broken (void)
{
  static const char *const texts[] = {
    "",
    "{",
    "[]",
    "{\"pid\":1,\"started\":1}",
    "{\"pid\":0,\"started\":1,\"monitor\":\"/x\"}",
    "{\"pid\":-1,\"started\":1,\"monitor\":\"/x\"}",
    "{\"pid\":4294967297,\"started\":1,\"monitor\":\"/x\"}",
    "{\"pid\":\"1\",\"started\":1,\"monitor\":\"/x\"}",
  };
  g_autofree char *path = g_build_filename (dir, UUID ".json", NULL);

  for (gsize n = 0; n < G_N_ELEMENTS (texts); n++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, texts[n], -1, NULL));
      g_assert_null (vc_record_read (dir, UUID, &error));
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
