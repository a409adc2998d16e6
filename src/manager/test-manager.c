/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manager/manager.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "manager/internal.h"

/* The store, and who is told what when.  No QEMU: tests/live has the rest. */

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"

static char *root;
static VcPaths *paths;
static VcManager *manager;
static GPtrArray *warnings;
static GString *told; /* what events and answers said, a letter each */

static char *
describe (const char *name, const char *uuid)
{
  return g_strdup_printf ("<domain type='qemu'><name>%s</name><uuid>%s</uuid><memory>65536</memory>"
                          "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
                          "<devices><emulator>/no/such/qemu</emulator></devices></domain>",
                          name, uuid);
}

static void
on_event (const VcEvent *event, gpointer data)
{
  g_string_append_printf (told, "e%d.%d ", event->event, event->detail);
}

static void
on_done (VcGuest *guest, const GError *error, gpointer data)
{
  g_string_append_printf (told, "%s%d ", (const char *) data, error != NULL ? error->code : -1);
}

static void
open_root (void)
{
  g_autoptr (GError) error = NULL;

  g_ptr_array_set_size (warnings, 0);
  g_string_truncate (told, 0);
  manager = vc_manager_new (paths, warnings, &error);
  g_assert_no_error (error);
  vc_manager_listen (manager, on_event, NULL);
}

static void
close_root (void)
{
  g_clear_pointer (&manager, vc_manager_free);
}

static void
run_loop (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static VcGuest *
define (const char *name, const char *uuid, GError **error)
{
  g_autofree char *text = describe (name, uuid);

  return vc_manager_define (manager, text, strlen (text), NULL, error);
}

static char *
at (const char *name)
{
  return g_build_filename (paths->etc, "qemu", name, NULL);
}

/* A file as it is, with some of its text changed, under another name. */
static void
change_file (const char *from, const char *to, const char *old, const char *new)
{
  g_autofree char *from_path = at (from), *to_path = at (to), *text = NULL;
  g_autoptr (GString) changed = NULL;

  g_assert_true (g_file_get_contents (from_path, &text, NULL, NULL));
  changed = g_string_new (text);
  g_assert_cmpuint (g_string_replace (changed, old, new, 0), >, 0);
  g_assert_true (g_file_set_contents (to_path, changed->str, (gssize) changed->len, NULL));
}

static gboolean
is_there (const char *name)
{
  g_autofree char *path = at (name);
  struct stat st;

  return lstat (path, &st) == 0;
}

static void
test_define (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = at ("a.xml"), *before = NULL, *after = NULL;
  struct stat st;

  open_root ();
  g_assert_nonnull (define ("a", UUID, &error));
  g_assert_cmpstr (told->str, ==, "");
  run_loop ();
  g_assert_cmpstr (told->str, ==, "e0.0 ");
  g_assert_nonnull (define ("a", UUID, &error));
  run_loop ();
  g_assert_cmpstr (told->str, ==, "e0.0 e0.1 ");
  g_assert_true (stat (path, &st) == 0 && (st.st_mode & 07777) == 0600);
  g_assert_null (define ("b", UUID, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_EXISTS);
  g_clear_error (&error);
  vc_manager_set_max_guests (manager, 1);
  g_assert_nonnull (define ("a", UUID, NULL));
  g_assert_null (define ("b", "c7a5fdbd-edaf-9455-926a-d65c16db180b", &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_LIMIT);
  g_clear_error (&error);
  vc_manager_set_max_guests (manager, 100);
  g_assert_null (define ("a", "c7a5fdbd-edaf-9455-926a-d65c16db180a", &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_cmpuint (vc_manager_n (manager), ==, 1);
  before = vc_guest_print (vc_manager_nth (manager, 0), 0, &error);
  close_root ();

  open_root ();
  g_assert_cmpuint (warnings->len, ==, 0);
  after = vc_guest_print (vc_manager_find_uuid (manager, UUID, &error), 0, &error);
  g_assert_cmpstr (after, ==, before);
  g_assert_true (vc_manager_find_name (manager, "a", NULL) == vc_manager_nth (manager, 0));
  g_assert_null (vc_manager_find_id (manager, -1, NULL));
  g_assert_true (vc_guest_undefine (vc_manager_nth (manager, 0), FALSE, &error));
  g_assert_cmpuint (vc_manager_n (manager), ==, 0);
  run_loop ();
  g_assert_cmpstr (told->str, ==, "e1.0 ");
  g_assert_false (is_there ("a.xml"));
  close_root ();
}

/* A definition that was changed by hand is read anew, whatever its head says. */
static void
test_changed (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = at ("b.xml");
  VcGuestInfo info;

  open_root ();
  g_assert_nonnull (define ("a", UUID, &error));
  close_root ();

  change_file ("a.xml", "a.xml", ">65536<", ">98304<");
  open_root ();
  g_assert_cmpuint (warnings->len, ==, 0);
  vc_guest_get_info (vc_manager_find_name (manager, "a", &error), &info);
  g_assert_cmpuint (info.max_memory, ==, 98304);
  g_assert_nonnull (define ("a", UUID, &error));
  close_root ();

  change_file ("a.xml", "b.xml", "\n", "\n");
  open_root ();
  g_assert_cmpuint (vc_manager_n (manager), ==, 1);
  g_assert_cmpuint (warnings->len, ==, 1);
  g_assert_nonnull (strstr (warnings->pdata[0], "b.xml:4: <name>: 'a' is not the name of this file"));
  close_root ();
  g_assert_cmpint (g_unlink (path), ==, 0);

  change_file ("a.xml", "a.xml", "<os>", "<so>");
  open_root ();
  g_assert_cmpuint (vc_manager_n (manager), ==, 0);
  g_assert_cmpuint (warnings->len, ==, 1);
  g_assert_nonnull (strstr (warnings->pdata[0], "a.xml:"));
  close_root ();
  change_file ("a.xml", "a.xml", "<so>", "<os>"); /* as it was written */
  open_root ();
  g_assert_cmpuint (warnings->len, ==, 0);
  g_assert_true (vc_guest_undefine (vc_manager_nth (manager, 0), FALSE, &error));
  close_root ();
}

/* Names that look like something else, among files of every sort. */
static void
test_names (void)
{
  static const char *const names[]
      = { ".virtcard-a", ".virtcard-abcdef", ".a", "A", "a", "...", "autostart", "a b;$(c)" };
  g_autoptr (GError) error = NULL;

  open_root ();
  for (guint n = 0; n < G_N_ELEMENTS (names); n++)
    {
      g_autofree char *uuid = g_uuid_string_random ();

      g_assert_nonnull (define (names[n], uuid, &error));
    }
  close_root ();

  open_root ();
  g_assert_cmpuint (warnings->len, ==, 0);
  for (guint n = 0; n < G_N_ELEMENTS (names); n++)
    {
      VcGuest *guest = vc_manager_find_name (manager, names[n], &error);

      g_assert_no_error (error);
      g_assert_true (vc_guest_undefine (guest, FALSE, &error));
    }
  close_root ();
}

/* What a file could not give back is refused, and nothing has changed. */
static void
test_metadata (void)
{
  static const char *const wrong[] = { "a\x01", "\x1b[31m", "\xff", "\xef\xbf\xbe" };
  const VcGuestPart part = VC_GUEST_CONFIG;
  g_autofree char *large = g_strnfill (VC_DEFINITION_MAX / 4, '<'); /* "&lt;" in the file */
  g_autoptr (GError) error = NULL;
  g_autofree char *title = NULL;
  VcGuest *guest;

  open_root ();
  guest = define ("meta", UUID, &error);
  g_assert_no_error (error);
  g_assert_true (vc_guest_set_metadata (guest, VC_METADATA_TITLE, "\tfür <\"&'>", NULL, NULL, part, &error));
  for (guint n = 0; n < G_N_ELEMENTS (wrong); n++)
    {
      g_assert_false (vc_guest_set_metadata (guest, VC_METADATA_TITLE, wrong[n], NULL, NULL, part, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
      g_clear_error (&error);
      g_assert_false (
          vc_guest_set_metadata (guest, VC_METADATA_ELEMENT, "<x/>", "k", wrong[n], part, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
      g_clear_error (&error);
    }
  g_assert_false (vc_guest_set_metadata (guest, VC_METADATA_DESCRIPTION, large, NULL, NULL, part, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_LIMIT);
  g_clear_error (&error);
  close_root ();

  open_root ();
  g_assert_cmpuint (warnings->len, ==, 0);
  guest = vc_manager_find_uuid (manager, UUID, &error);
  g_assert_no_error (error);
  title = vc_guest_get_metadata (guest, VC_METADATA_TITLE, NULL, part, &error);
  g_assert_cmpstr (title, ==, "\tfür <\"&'>");
  g_assert_true (vc_guest_undefine (guest, FALSE, &error));
  close_root ();
}

/* More than are kept in memory; each is what its file says. */
static void
test_cold (void)
{
  g_autofree char *path = at ("g0.xml"), *first = NULL, *again = NULL;
  g_autoptr (GError) error = NULL;

  open_root ();
  for (guint n = 0; n < VC_MANAGER_MAX_WARM + 20; n++)
    {
      g_autofree char *name = g_strdup_printf ("g%u", n);
      g_autofree char *uuid = g_strdup_printf ("c7a5fdbd-edaf-9455-926a-%012u", n);
      VcGuest *guest = define (name, uuid, &error);

      g_assert_no_error (error);
      if (n == 0)
        first = vc_guest_print (guest, 0, &error);
    }
  g_assert_cmpuint (manager->warm.length, ==, VC_MANAGER_MAX_WARM);
  again = vc_guest_print (vc_manager_find_name (manager, "g0", NULL), 0, &error);
  g_assert_cmpstr (again, ==, first);
  g_assert_cmpuint (manager->warm.length, ==, VC_MANAGER_MAX_WARM);

  /* One that was changed by hand into another guest's is not taken for it. */
  g_assert_true (g_file_set_contents (path, "<domain/>", -1, NULL));
  vc_config_drop (vc_manager_find_name (manager, "g0", NULL));
  g_assert_null (vc_guest_print (vc_manager_find_name (manager, "g0", NULL), 0, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
  while (vc_manager_n (manager) > 0)
    g_assert_true (vc_guest_undefine (vc_manager_nth (manager, 0), FALSE, NULL));
  close_root ();
}

/* What a kill leaves: a draft, a link without its definition, a start that was not told of. */
static void
test_left (void)
{
  g_autofree char *draft = at (".virtcard-abcdef"), *link = at ("autostart/gone.xml");
  g_autofree char *status = g_build_filename (paths->run, UUID ".xml", NULL);
  g_autofree char *copy = g_build_filename (paths->run, UUID ".xml~", NULL);
  g_autofree char *record = g_build_filename (paths->run, UUID ".pid", NULL);
  g_autofree char *domain = describe ("a", UUID);
  g_autofree char *live = g_strdup_printf ("<domain id='7'%s", domain + strlen ("<domain"));
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text,
                   "<guest phase='starting' state='3' reason='11' since='1' balloon='1'><running>%s</running>"
                   "</guest>",
                   live);
  g_assert_true (g_file_set_contents (draft, "x", -1, NULL));
  g_assert_cmpint (symlink ("../gone.xml", link), ==, 0);
  g_assert_true (g_file_set_contents (status, text->str, -1, NULL));
  g_assert_true (g_file_set_contents (record, "another boot\n", -1, NULL));
  open_root ();
  g_assert_cmpuint (warnings->len, ==, 0);
  g_assert_cmpuint (vc_manager_n (manager), ==, 0);
  g_assert_false (is_there (".virtcard-abcdef") || is_there ("autostart/gone.xml"));
  g_assert_false (g_file_test (status, G_FILE_TEST_EXISTS) || g_file_test (record, G_FILE_TEST_EXISTS));
  close_root ();

  /* One that was up, and whose process is gone: it ended meanwhile. */
  text->str[strlen ("<guest phase='")] = 'u';
  g_string_replace (text, "utarting", "up", 1);
  g_assert_true (g_file_set_contents (status, "cut", -1, NULL));
  g_assert_true (g_file_set_contents (copy, text->str, -1, NULL));
  open_root ();
  g_assert_cmpuint (warnings->len, ==, 0);
  run_loop ();
  g_assert_cmpstr (told->str, ==, "e5.5 ");
  g_assert_cmpuint (vc_manager_n (manager), ==, 0);
  g_assert_false (g_file_test (copy, G_FILE_TEST_EXISTS));
  close_root ();

  /* What cannot be read is said, and stays. */
  g_assert_true (g_file_set_contents (status, "<guest/>", -1, NULL));
  open_root ();
  g_assert_cmpuint (warnings->len, ==, 1);
  g_assert_true (g_file_test (status, G_FILE_TEST_EXISTS));
  close_root ();
  g_unlink (status);
}

static void
test_answers (void)
{
  g_autoptr (GError) error = NULL;
  VcGuest *guest;

  open_root ();
  guest = define ("a", UUID, &error);
  run_loop ();
  g_string_truncate (told, 0);
  vc_guest_suspend (guest, on_done, (gpointer) "suspend");
  vc_guest_start (guest, 0, NULL, on_done, (gpointer) "start");
  vc_guest_destroy (guest, FALSE, on_done, (gpointer) "destroy");
  vc_manager_create (manager, "<domain", 7, 0, NULL, on_done, (gpointer) "create");
  g_assert_cmpstr (told->str, ==, "");
  run_loop ();
  g_assert_cmpstr (told->str, ==, "suspend5 create1 start5 destroy-1 ");
  g_assert_cmpint (vc_guest_state (guest, NULL), ==, VC_STATE_SHUTOFF);
  g_string_truncate (told, 0);

  /* The host is looked at elsewhere meanwhile. */
  vc_guest_start (guest, 0, NULL, on_done, (gpointer) "start");
  while (told->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (told->str, ==, "start3 ");
  g_assert_cmpint (vc_guest_state (guest, NULL), ==, VC_STATE_SHUTOFF);
  g_string_truncate (told, 0);

  /* Whoever still waits when the manager goes is told then. */
  vc_guest_start (guest, 0, NULL, on_done, (gpointer) "start");
  vc_guest_suspend (guest, on_done, (gpointer) "suspend");
  close_root ();
  g_assert_cmpstr (told->str, ==, "suspend6 start10 ");

  open_root ();
  g_assert_true (vc_guest_undefine (vc_manager_find_name (manager, "a", NULL), FALSE, &error));
  close_root ();
}

/* What cannot be done under the old name is not done under the new one. */
static void
test_rename (void)
{
  g_autofree char *old = at ("a.xml"), *below = g_build_filename (old, "x", NULL);
  g_autoptr (GError) error = NULL;
  VcGuest *guest;

  open_root ();
  guest = define ("a", UUID, &error);
  g_assert_true (vc_guest_set_autostart (guest, TRUE, &error));
  g_assert_cmpint (g_unlink (old), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (below, 0700), ==, 0);
  g_assert_false (vc_guest_rename (guest, "b", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_cmpstr (vc_guest_name (guest), ==, "a");
  g_assert_true (vc_guest_autostart (guest) && is_there ("autostart/a.xml"));
  g_assert_true (!is_there ("b.xml") && !is_there ("autostart/b.xml"));
  g_assert_true (vc_manager_find_name (manager, "a", NULL) == guest);
  g_rmdir (below);
  g_rmdir (old);
  g_assert_nonnull (define ("a", UUID, &error));
  g_assert_true (vc_guest_rename (guest, "b", &error));
  g_assert_true (vc_guest_autostart (guest) && is_there ("autostart/b.xml"));
  g_assert_true (!is_there ("a.xml") && !is_there ("autostart/a.xml"));
  g_assert_true (vc_guest_undefine (guest, FALSE, &error));
  close_root ();
}

/* A state that cannot be thrown away keeps its guest; a definition goes with the state. */
static void
test_saved (void)
{
  g_autofree char *folder = g_build_filename (paths->state, "save", NULL);
  g_autofree char *state = g_build_filename (folder, UUID, NULL);
  g_autofree char *below = g_build_filename (state, "x", NULL);
  g_autoptr (GError) error = NULL;
  VcGuest *guest;

  open_root ();
  guest = define ("a", UUID, &error);
  g_assert_cmpint (g_mkdir_with_parents (below, 0700), ==, 0);
  g_assert_false (vc_guest_undefine (guest, FALSE, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_STATE);
  g_clear_error (&error);
  g_assert_false (vc_guest_undefine (guest, TRUE, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_true (is_there ("a.xml") && vc_manager_find_name (manager, "a", NULL) == guest);
  g_rmdir (below);
  g_rmdir (state);
  g_assert_true (g_file_set_contents (state, "state", -1, NULL));
  g_assert_true (vc_guest_undefine (guest, TRUE, &error));
  g_assert_false (g_file_test (state, G_FILE_TEST_EXISTS) || is_there ("a.xml"));
  close_root ();
}

static void
test_alone (void)
{
  g_autoptr (GError) error = NULL;

  open_root ();
  g_assert_null (vc_manager_new (paths, warnings, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_BUSY);
  close_root ();
}

static void
remove_all (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);

      remove_all (below);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  root = g_dir_make_tmp ("virtcard-manager-XXXXXX", NULL);
  paths = vc_paths_new (root, NULL);
  warnings = g_ptr_array_new_with_free_func (g_free);
  told = g_string_new (NULL);
  g_test_add_func ("/manager/define", test_define);
  g_test_add_func ("/manager/changed", test_changed);
  g_test_add_func ("/manager/names", test_names);
  g_test_add_func ("/manager/metadata", test_metadata);
  g_test_add_func ("/manager/cold", test_cold);
  g_test_add_func ("/manager/left", test_left);
  g_test_add_func ("/manager/answers", test_answers);
  g_test_add_func ("/manager/rename", test_rename);
  g_test_add_func ("/manager/saved", test_saved);
  g_test_add_func ("/manager/alone", test_alone);
  status = g_test_run ();
  remove_all (root);
  g_string_free (told, TRUE);
  g_ptr_array_unref (warnings);
  vc_paths_free (paths);
  g_free (root);
  return status;
}
