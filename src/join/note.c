/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "join/note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"

#define GROUP     "invitation"
#define MAX_BYTES 8192u

static void
note_free (gpointer data)
{
  VcNote *note = data;

  g_free (note->id);
  g_free (note->name);
  g_free (note->ca_key);
  g_free (note->socket);
  g_free (note);
}

char *
vc_notes_folder (const char *run)
{
  return g_build_filename (run, "invitations", NULL);
}

char *
vc_note_socket (const char *folder, const char *id)
{
  return g_strdup_printf ("%s/%s.sock", folder, id);
}

void
vc_note_remove (const char *folder, const char *id)
{
  g_autofree char *path = g_build_filename (folder, id, NULL);
  g_autofree char *way = vc_note_socket (folder, id);

  unlink (way);
  unlink (path);
}

static gboolean
is_id (const char *name)
{
  return strlen (name) == VC_NOTE_ID && strspn (name, "0123456789abcdef") == VC_NOTE_ID;
}

/* Returns: new, or NULL. */
static VcNote *
read_text (const char *folder, const char *id, const char *text, gsize len)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  VcNote *note;

  if (!g_key_file_load_from_data (file, text, len, G_KEY_FILE_NONE, NULL))
    return NULL;
  note = g_new0 (VcNote, 1);
  note->id = g_strdup (id);
  note->name = g_key_file_get_string (file, GROUP, "name", NULL);
  note->ca_key = g_key_file_get_string (file, GROUP, "ca-key", NULL);
  note->until = g_key_file_get_int64 (file, GROUP, "until", NULL);
  note->socket = vc_note_socket (folder, id);
  if (note->name != NULL && note->ca_key != NULL && note->until > 0)
    return note;
  note_free (note);
  return NULL;
}

/* Returns: new, or NULL: its signer is gone. */
static VcNote *
read_note (const char *folder, const char *id)
{
  g_autofree char *path = g_build_filename (folder, id, NULL);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  char text[MAX_BYTES];
  VcNote *note = NULL;
  gssize len;

  if (fd < 0)
    return NULL;
  if (flock (fd, LOCK_SH | LOCK_NB) == 0)
    vc_note_remove (folder, id);
  else if (errno == EWOULDBLOCK && (len = read (fd, text, sizeof text)) > 0)
    note = read_text (folder, id, text, (gsize) len);
  close (fd);
  return note;
}

GPtrArray *
vc_notes_read (const char *folder)
{
  GPtrArray *notes = g_ptr_array_new_with_free_func (note_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      VcNote *note = is_id (name) ? read_note (folder, name) : NULL;

      if (note != NULL)
        g_ptr_array_add (notes, note);
    }
  return notes;
}

const VcNote *
vc_notes_find (const GPtrArray *notes, const char *what)
{
  const VcNote *named = NULL;

  for (guint i = 0; i < notes->len; i++)
    {
      const VcNote *note = notes->pdata[i];

      if (strcmp (note->id, what) == 0)
        return note;
      if (strcmp (note->name, what) == 0)
        named = note;
    }
  return named;
}

int
vc_note_post (const char *folder, const VcNote *note, GError **error)
{
  g_autofree char *path = g_build_filename (folder, note->id, NULL);
  g_autofree char *draft = g_strconcat (path, ".new", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;
  gsize len = 0;
  int fd, errsv = 0;

  g_key_file_set_string (file, GROUP, "name", note->name);
  g_key_file_set_string (file, GROUP, "ca-key", note->ca_key);
  g_key_file_set_int64 (file, GROUP, "until", note->until);
  text = g_key_file_to_data (file, &len, NULL);
  if (len > MAX_BYTES)
    return vc_fail (error, VC_ERROR_LIMIT, "%s: is too long", path), -1;
  fd = open (draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return vc_fail_errno (error, errno, "%s", draft), -1;
  /* Locked before it has its name, so that nobody finds it without. */
  if (write (fd, text, len) != (gssize) len)
    errsv = ENOSPC;
  else if (flock (fd, LOCK_EX | LOCK_NB) < 0 || rename (draft, path) < 0)
    errsv = errno;
  if (errsv == 0)
    return fd;
  close (fd);
  unlink (draft);
  return vc_fail_errno (error, errsv, "%s: cannot be written", path), -1;
}

int
vc_note_reach (const VcNote *note, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (strlen (note->socket) >= sizeof address.sun_path)
    return vc_fail (error, VC_ERROR_INVALID, "%s: is too long for a socket", note->socket), -1;
  strcpy (address.sun_path, note->socket);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  vc_fail_errno (error, errno, "its signer does not answer");
  if (fd >= 0)
    close (fd);
  return -1;
}
