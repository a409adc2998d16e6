/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/reach.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"

/* As root the user asked about is nobody, otherwise it is ourselves; the folders and files are made so
 * that both meet the same walls. */

typedef struct
{
  char *dir;
  VcUser *user;
} Place;

static char *
at (const Place *place, const char *name)
{
  return g_build_filename (place->dir, name, NULL);
}

static void
make (const Place *place, const char *name, mode_t mode)
{
  g_autofree char *path = at (place, name);

  if (g_str_has_suffix (name, "/"))
    g_assert_cmpint (mkdir (path, 0755), ==, 0);
  else
    g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  g_assert_cmpint (chmod (path, mode), ==, 0);
}

static void
listen_at (const Place *place, const char *name, mode_t mode)
{
  g_autofree char *path = at (place, name);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (chmod (path, mode), ==, 0);
  close (fd);
}

static void
place_new (Place *place)
{
  g_autoptr (GError) error = NULL;

  place->dir = g_dir_make_tmp ("reach-XXXXXX", &error);
  g_assert_no_error (error);
  place->user = geteuid () == 0 ? vc_user_get ("nobody", NULL, &error) : vc_user_self ();
  g_assert_no_error (error);
  chmod (place->dir, 0755);
  make (place, "open", 0666);
  make (place, "shut", 0);
  make (place, "seen", 0444);
  make (place, "tool", 0755);
  make (place, "room/", 0777);
  make (place, "closed/", 0777);
  make (place, "closed/in", 0666);
  make (place, "still/", 0555);
  listen_at (place, "sock", 0777);
  listen_at (place, "mute", 0);

  g_autofree char *closed = at (place, "closed");

  chmod (closed, 0);
}

static void
place_clear (Place *place)
{
  static const char *const names[]
      = { "closed/in", "closed", "still", "room", "open", "shut", "seen", "tool", "sock", "mute" };
  g_autofree char *closed = at (place, "closed");

  chmod (closed, 0700);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = at (place, names[i]);

      remove (path);
    }
  g_assert_cmpint (rmdir (place->dir), ==, 0);
  g_free (place->dir);
  vc_user_free (place->user);
}

/* %u is the user's name, %d the folder. */
static char *
fill_in (const Place *place, const char *text)
{
  g_autoptr (GString) words = g_string_new (text);

  g_string_replace (words, "%u", place->user->name, 0);
  g_string_replace (words, "%d", place->dir, 0);
  return g_strdup (words->str);
}

static void
test_rows (void)
{
  static const struct
  {
    VcReachHow how;
    const char *path;
    const char *message; /* NULL: it can be reached */
    int code;
  } rows[] = {
    { VC_REACH_READ, "open", NULL },
    { VC_REACH_WRITE, "open", NULL },
    { VC_REACH_READ, "seen", NULL },
    { VC_REACH_RUN, "tool", NULL },
    { VC_REACH_FOLDER, "room", NULL },
    { VC_REACH_FOLDER, "room/", NULL },
    { VC_REACH_MAKE, "room/new", NULL },
    { VC_REACH_MAKE, "open", NULL },
    { VC_REACH_BIND, "room/new", NULL },
    { VC_REACH_CONNECT, "sock", NULL },
    { VC_REACH_READ, "shut", "user %u cannot read '%d/shut'", VC_ERROR_DENIED },
    { VC_REACH_WRITE, "seen", "user %u cannot read and write '%d/seen'", VC_ERROR_DENIED },
    { VC_REACH_RUN, "open", "user %u cannot run '%d/open'", VC_ERROR_DENIED },
    { VC_REACH_RUN, "no", "program '%d/no' does not exist", VC_ERROR_NOT_FOUND },
    { VC_REACH_MAKE, "seen", "user %u cannot write '%d/seen'", VC_ERROR_DENIED },
    { VC_REACH_READ, "no", "file '%d/no' does not exist", VC_ERROR_NOT_FOUND },
    { VC_REACH_READ, "no/such/file", "folder '%d/no' on the way to '%d/no/such/file' does not exist",
      VC_ERROR_NOT_FOUND },
    { VC_REACH_READ, "closed/in", "user %u cannot enter folder '%d/closed' on the way to '%d/closed/in'",
      VC_ERROR_DENIED },
    { VC_REACH_READ, "open/x", "'%d/open' on the way to '%d/open/x' is not a folder", VC_ERROR_INVALID },
    { VC_REACH_READ, "room", "'%d/room' is a folder, not a file", VC_ERROR_INVALID },
    { VC_REACH_FOLDER, "open", "'%d/open' is a file, not a folder", VC_ERROR_INVALID },
    { VC_REACH_FOLDER, "closed", "user %u cannot enter and list folder '%d/closed'", VC_ERROR_DENIED },
    { VC_REACH_FOLDER, "no", "folder '%d/no' does not exist", VC_ERROR_NOT_FOUND },
    { VC_REACH_MAKE, "still/new", "user %u cannot write to folder '%d/still' to make '%d/still/new'",
      VC_ERROR_DENIED },
    { VC_REACH_MAKE, "closed/new", "user %u cannot enter folder '%d/closed' on the way to '%d/closed/new'",
      VC_ERROR_DENIED },
    { VC_REACH_MAKE, "no/new", "folder '%d/no' for '%d/no/new' does not exist", VC_ERROR_NOT_FOUND },
    { VC_REACH_MAKE, "open/new", "'%d/open' on the way to '%d/open/new' is not a folder", VC_ERROR_INVALID },
    { VC_REACH_MAKE, "room", "'%d/room' is a folder, not a file", VC_ERROR_INVALID },
    { VC_REACH_BIND, "open", "'%d/open' is a file, not a socket", VC_ERROR_INVALID },
    { VC_REACH_BIND, "still/s", "user %u cannot write to folder '%d/still' to make '%d/still/s'",
      VC_ERROR_DENIED },
    { VC_REACH_BIND, "no/deeper/s", "folder '%d/no' on the way to '%d/no/deeper/s' does not exist",
      VC_ERROR_NOT_FOUND },
    { VC_REACH_CONNECT, "no", "socket '%d/no' does not exist", VC_ERROR_NOT_FOUND },
    { VC_REACH_CONNECT, "open", "'%d/open' is a file, not a socket", VC_ERROR_INVALID },
    { VC_REACH_CONNECT, "mute", "user %u cannot connect to socket '%d/mute'", VC_ERROR_DENIED },
    { VC_REACH_READ, "sock", "'%d/sock' is a socket, not a file", VC_ERROR_INVALID },
  };
  Place place;

  place_new (&place);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = at (&place, rows[i].path);
      gboolean fine = vc_reach_check_one (place.user, path, rows[i].how, NULL, &error);

      if (!rows[i].message)
        {
          g_assert_no_error (error);
          g_assert_true (fine);
          continue;
        }

      g_autofree char *want = fill_in (&place, rows[i].message);

      g_assert_false (fine);
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, ==, want);
      g_assert_error (error, VC_ERROR, rows[i].code);
    }
  place_clear (&place);
}

static void
test_batch (void)
{
  Place place;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) wants = g_ptr_array_new ();

  place_new (&place);
  g_assert_true (vc_reach_check (place.user, wants, &error));

  g_autofree char *first = at (&place, "open");
  g_autofree char *second = at (&place, "shut");
  VcReach all[] = { { first, VC_REACH_READ, "disk 'vda'" },
                    { second, VC_REACH_READ, "disk 'vdb'" },
                    { "/no/such", VC_REACH_READ, "disk 'vdc'" } };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    g_ptr_array_add (wants, &all[i]);
  g_assert_false (vc_reach_check (place.user, wants, &error));

  g_autofree char *want = fill_in (&place, "disk 'vdb': user %u cannot read '%d/shut'");

  g_assert_cmpstr (error->message, ==, want);
  g_clear_error (&error);

  all[2].path = "relative";
  g_assert_false (vc_reach_check (place.user, wants, &error));
  g_assert_cmpstr (error->message, ==, "disk 'vdc': 'relative' is not an absolute path");
  g_clear_error (&error);

  g_autofree char *big = g_strnfill (5000, 'a');
  g_autofree char *path = g_build_filename ("/", big, NULL);

  g_assert_false (vc_reach_check_one (place.user, path, VC_REACH_MAKE, NULL, &error));
  g_assert_nonnull (strstr (error->message, "File name too long"));
  g_assert_true (vc_reach_check_one (place.user, "/dev/null", VC_REACH_WRITE, NULL, NULL));
  g_assert_true (vc_reach_check_one (place.user, "/", VC_REACH_FOLDER, NULL, NULL));
  place_clear (&place);
}

/* A socket of another user in a sticky folder cannot be unlinked by QEMU. */
static void
test_sticky (void)
{
  Place place;
  g_autoptr (GError) error = NULL;

  if (geteuid () != 0)
    {
      g_test_skip ("needs root: two users");
      return;
    }
  place_new (&place);

  g_autofree char *room = at (&place, "room");
  g_autofree char *path = at (&place, "room/s");
  g_autofree char *want
      = fill_in (&place, "user %u cannot replace socket '%d/room/s', which belongs to another user");

  chmod (room, 01777);
  listen_at (&place, "room/s", 0777);
  g_assert_false (vc_reach_check_one (place.user, path, VC_REACH_BIND, NULL, &error));
  g_assert_cmpstr (error->message, ==, want);
  g_assert_cmpint (chown (path, place.user->uid, place.user->gid), ==, 0);
  g_assert_true (vc_reach_check_one (place.user, path, VC_REACH_BIND, NULL, NULL));
  unlink (path);
  place_clear (&place);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reach/rows", test_rows);
  g_test_add_func ("/reach/batch", test_batch);
  g_test_add_func ("/reach/sticky", test_sticky);
  return g_test_run ();
}
