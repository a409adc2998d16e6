/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/trust.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "pki/fingerprint.h"

/* How this works
 *
 * A list is its lines, so that what people wrote in it is still there when it is written again.  Who changes
 * the file holds a lock on a file beside it, reads, changes, and puts a new file in the place of the old one:
 * readers need no lock.
 */

#define MAX_HOST     255u
#define LOCK_TRIES   200u /* of LOCK_SOON_MS each: others hold it for as long as a small file takes */
#define LOCK_SOON_MS 50
#define HEAD         "# Servers that virtcard trusts by their keys: host, port, fingerprint, first seen.\n"

typedef struct
{
  char *text;        /* the line as it stands, without its end        */
  VcTrusted trusted; /* host NULL: empty, or people's                 */
  char *host, *fingerprint;
  char *key; /* "HOST PORT"                                   */
} Line;

struct VcTrust
{
  char *path;
  GPtrArray *lines;   /* Line                                          */
  GPtrArray *servers; /* Line that has a server; borrowed from lines   */
  GHashTable *by_key; /* the same, by their keys                       */
};

static void
line_free (gpointer data)
{
  Line *line = data;

  g_free (line->text);
  g_free (line->host);
  g_free (line->fingerprint);
  g_free (line->key);
  g_free (line);
}

static VcTrust *
new_empty (const char *path)
{
  VcTrust *self = g_new0 (VcTrust, 1);

  self->path = g_strdup (path);
  self->lines = g_ptr_array_new_with_free_func (line_free);
  self->servers = g_ptr_array_new ();
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

char *
vc_trust_default_path (void)
{
  const char *folder = g_getenv ("XDG_CONFIG_HOME");

  if (folder != NULL && g_path_is_absolute (folder))
    return g_build_filename (folder, "virtcard", "known_servers", NULL);
  return g_build_filename (g_get_home_dir (), ".config", "virtcard", "known_servers", NULL);
}

/* One way to write a host, so that it is found again.  NULL: it cannot stand in a line. */
static char *
fold_host (const char *host)
{
  guint8 address[sizeof (struct in6_addr)];
  char text[INET6_ADDRSTRLEN];
  gsize len = strlen (host);

  if (len == 0 || len > MAX_HOST || host[0] == '#' || !g_utf8_validate (host, (gssize) len, NULL))
    return NULL;
  for (const char *at = host; *at != '\0'; at = g_utf8_next_char (at))
    if (!g_unichar_isgraph (g_utf8_get_char (at)))
      return NULL;
  if (inet_pton (AF_INET6, host, address) == 1 && inet_ntop (AF_INET6, address, text, sizeof text) != NULL)
    return g_strdup (text);
  return g_ascii_strdown (host, (gssize) len);
}

static Line *
find (const VcTrust *self, const char *host, guint port)
{
  g_autofree char *folded = fold_host (host);
  g_autofree char *key = folded != NULL ? g_strdup_printf ("%s %u", folded, port) : NULL;

  return key != NULL ? g_hash_table_lookup (self->by_key, key) : NULL;
}

/* Takes the strings. */
static void
add_line (VcTrust *self, char *text_taken, char *host_taken, guint port, char *fingerprint_taken,
          gint64 first_seen, guint number)
{
  Line *line = g_new0 (Line, 1);

  line->text = text_taken;
  line->host = host_taken;
  line->fingerprint = fingerprint_taken;
  line->trusted = (VcTrusted){ host_taken, port, fingerprint_taken, first_seen, number };
  g_ptr_array_add (self->lines, line);
  if (host_taken == NULL)
    return;
  line->key = g_strdup_printf ("%s %u", host_taken, port);
  g_ptr_array_add (self->servers, line);
  g_hash_table_insert (self->by_key, line->key, line);
}

/* Reading */

static gboolean
read_port (const char *text, guint *ret_port)
{
  guint64 port = 0;

  if (text[0] == '0' || text[0] == '+' || !g_ascii_string_to_unsigned (text, 10, 1, 65535, &port, NULL))
    return FALSE;
  *ret_port = (guint) port;
  return TRUE;
}

static char *
print_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

static gboolean
read_time (const char *text, gint64 *ret_seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);
  g_autofree char *again = time != NULL ? print_time (g_date_time_to_unix (time)) : NULL;

  if (again == NULL || strcmp (again, text) != 0)
    return FALSE;
  *ret_seconds = g_date_time_to_unix (time);
  return TRUE;
}

static gboolean
read_words (VcTrust *self, const char *text, char **words, guint number, GError **error)
{
  g_autofree char *host = NULL;
  g_autofree char *fingerprint = NULL;
  const Line *before;
  guint port = 0;
  gint64 first_seen = 0;

  if (g_strv_length (words) != 4)
    return vc_fail (error, VC_ERROR_INVALID, "not 'HOST PORT FINGERPRINT TIME', with one space between them");
  host = fold_host (words[0]);
  if (host == NULL)
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is no host", words[0]);
  if (!read_port (words[1], &port))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is no port", words[1]);
  fingerprint = vc_fingerprint_read (words[2], error);
  if (fingerprint == NULL)
    return FALSE;
  if (strcmp (fingerprint, words[2]) != 0)
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is not '%s'", words[2], fingerprint);
  if (!read_time (words[3], &first_seen))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is no time: YYYY-MM-DDTHH:MM:SSZ", words[3]);
  before = find (self, host, port);
  if (before != NULL)
    return vc_fail (error, VC_ERROR_INVALID, "server '%s' port %u stands in line %u already", host, port,
                    before->trusted.line);
  add_line (self, g_strdup (text), g_steal_pointer (&host), port, g_steal_pointer (&fingerprint), first_seen,
            number);
  return TRUE;
}

static gboolean
read_line (VcTrust *self, const char *text, guint number, GError **error)
{
  g_auto (GStrv) words = NULL;

  if (*text == '\0' || *text == '#')
    {
      add_line (self, g_strdup (text), NULL, 0, NULL, 0, number);
      return TRUE;
    }
  words = g_strsplit (text, " ", 6);
  return read_words (self, text, words, number, error) || vc_prefix (error, "%s:%u: ", self->path, number);
}

VcTrust *
vc_trust_read_text (const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (VcTrust) self = new_empty (origin);
  g_autofree char *copy = NULL;
  g_auto (GStrv) lines = NULL;
  guint n;

  if (len > VC_TRUST_MAX_BYTES)
    return vc_fail_null (error, VC_ERROR_LIMIT, "%s: has more than %u bytes", origin, VC_TRUST_MAX_BYTES);
  copy = g_strndup (len > 0 ? text : "", len);
  if (strlen (copy) != len || !g_utf8_validate (copy, -1, NULL))
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: is not text in UTF-8", origin);
  /* One that was cut short could have lost a server. */
  if (len > 0 && text[len - 1] != '\n')
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: its last line has no end", origin);
  lines = g_strsplit (copy, "\n", -1);
  n = g_strv_length (lines);
  for (guint i = 0; i + 1 < n; i++)
    if (!read_line (self, lines[i], i + 1, error))
      return NULL;
  return g_steal_pointer (&self);
}

static gboolean
check_owner (const char *path, const struct stat *st, GError **error)
{
  if (st->st_uid != geteuid () && st->st_uid != 0)
    return vc_fail (error, VC_ERROR_DENIED, "%s: belongs to another user, who could trust anybody in it",
                    path);
  if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return vc_fail (error, VC_ERROR_DENIED, "%s: others can write to it: its mode is %04o", path,
                    (unsigned) st->st_mode & 07777u);
  return TRUE;
}

VcTrust *
vc_trust_load (const char *path, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autofree char *text = NULL;
  gsize len = 0;
  struct stat st;

  /* Of the file that was read: there could be another one at its path by now. */
  text = vc_file_read_stat (path, VC_TRUST_MAX_BYTES, &len, &st, &why);
  if (text != NULL && !check_owner (path, &st, error))
    return NULL;
  if (text != NULL)
    return vc_trust_read_text (text, len, path, error);
  if (why->code == VC_ERROR_NOT_FOUND)
    return new_empty (path);
  g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

guint
vc_trust_count (const VcTrust *self)
{
  return self->servers->len;
}

const VcTrusted *
vc_trust_get (const VcTrust *self, guint index)
{
  return &((const Line *) self->servers->pdata[index])->trusted;
}

const VcTrusted *
vc_trust_find (const VcTrust *self, const char *host, guint port)
{
  const Line *line = find (self, host, port);

  return line != NULL ? &line->trusted : NULL;
}

/* Changing */

gboolean
vc_trust_add (VcTrust *self, const char *host, guint port, const char *fingerprint, gint64 now,
              GError **error)
{
  g_autofree char *folded = fold_host (host);
  g_autofree char *read = vc_fingerprint_read (fingerprint, error);
  g_autofree char *time = print_time (now);
  const Line *before;

  if (read == NULL)
    return FALSE;
  if (folded == NULL || port == 0 || port > 65535 || time == NULL)
    return vc_fail (error, VC_ERROR_INVALID, "server '%s' port %u cannot be remembered", host, port);
  before = find (self, folded, port);
  if (before != NULL && strcmp (before->fingerprint, read) == 0)
    return TRUE;
  if (before != NULL)
    return vc_fail (error, VC_ERROR_EXISTS,
                    "%s:%u: server '%s' port %u is there with another key: %s, first seen on %s", self->path,
                    before->trusted.line, before->host, port, before->fingerprint,
                    strrchr (before->text, ' ') + 1);
  add_line (self, g_strdup_printf ("%s %u %s %s", folded, port, read, time), g_strdup (folded), port,
            g_strdup (read), now, 0);
  return TRUE;
}

gboolean
vc_trust_remove (VcTrust *self, const char *host, guint port, GError **error)
{
  Line *line = find (self, host, port);

  if (line == NULL)
    return vc_fail (error, VC_ERROR_NOT_FOUND, "%s: there is no server '%s' with port %u", self->path, host,
                    port);
  g_hash_table_remove (self->by_key, line->key);
  g_ptr_array_remove (self->servers, line);
  g_ptr_array_remove (self->lines, line);
  return TRUE;
}

char *
vc_trust_print (const VcTrust *self)
{
  GString *out = g_string_new (self->lines->len == self->servers->len ? HEAD : NULL);

  for (guint i = 0; i < self->lines->len; i++)
    g_string_append_printf (out, "%s\n", ((const Line *) self->lines->pdata[i])->text);
  return g_string_free (out, FALSE);
}

/* The file */

/* Returns: a descriptor whose end is the lock's, or -1 with error. */
static int
take_lock (const char *path, GError **error)
{
  g_autofree char *name = g_strconcat (path, ".lock", NULL);
  struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = open (name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
  int errsv = 0;

  if (fd < 0)
    return vc_fail_errno (error, errno, "%s: cannot be opened", name), -1;
  for (guint i = 0; i < LOCK_TRIES && fcntl (fd, F_OFD_SETLK, &all) < 0; i++)
    {
      errsv = errno;
      if (errsv != EAGAIN && errsv != EACCES)
        break;
      poll (NULL, 0, LOCK_SOON_MS);
    }
  if (fcntl (fd, F_OFD_SETLK, &all) == 0)
    return fd;
  if (errsv == EAGAIN || errsv == EACCES)
    vc_fail (error, VC_ERROR_BUSY, "%s: is being changed by another process", path);
  else
    vc_fail_errno (error, errsv, "%s: cannot be locked", name);
  close (fd);
  return -1;
}

static gboolean
make_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_mkdir_with_parents (folder, 0700) == 0
         || vc_fail_errno (error, errno, "%s: cannot be made", folder);
}

static gboolean
save (const VcTrust *self, GError **error)
{
  const VcFileHow how = { .mode = 0600, .replace = TRUE, .uid = (uid_t) -1, .gid = (gid_t) -1 };
  g_autofree char *text = vc_trust_print (self);

  /* What could not be read again is not written. */
  if (strlen (text) > VC_TRUST_MAX_BYTES)
    return vc_fail (error, VC_ERROR_LIMIT, "%s: is full: it may have %u bytes", self->path,
                    VC_TRUST_MAX_BYTES);
  return vc_file_write (self->path, text, strlen (text), &how, error);
}

gboolean
vc_trust_remember (const char *path, const char *host, guint port, const char *fingerprint, gboolean replaces,
                   GError **error)
{
  g_autoptr (VcTrust) self = NULL;
  const VcTrusted *before;
  gboolean is_done;
  int fd = make_folder (path, error) ? take_lock (path, error) : -1;

  if (fd < 0)
    return FALSE;
  self = vc_trust_load (path, error);
  before = self != NULL ? vc_trust_find (self, host, port) : NULL;
  if (before != NULL && replaces && strcmp (before->fingerprint, fingerprint) != 0)
    vc_trust_remove (self, host, port, NULL);
  is_done = self != NULL
            && vc_trust_add (self, host, port, fingerprint, g_get_real_time () / G_USEC_PER_SEC, error)
            && save (self, error);
  close (fd);
  return is_done;
}

gboolean
vc_trust_forget (const char *path, const char *host, guint port, GError **error)
{
  g_autoptr (VcTrust) self = NULL;
  gboolean is_done;
  int fd = make_folder (path, error) ? take_lock (path, error) : -1;

  if (fd < 0)
    return FALSE;
  self = vc_trust_load (path, error);
  is_done = self != NULL && vc_trust_remove (self, host, port, error) && save (self, error);
  close (fd);
  return is_done;
}

void
vc_trust_free (VcTrust *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_key);
  g_ptr_array_unref (self->servers);
  g_ptr_array_unref (self->lines);
  g_free (self->path);
  g_free (self);
}
