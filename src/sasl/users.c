/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sasl/users.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "sasl/options.h"

/* How this works
 *
 * A change is made to a copy, which then takes the database's place: who logs in meanwhile finds the one or
 * the other.  A lock beside it keeps two changes apart.
 */

#define MAX_BYTES (64u * 1024 * 1024)
#define MAX_NAME  255u

static const VcFileHow how = { 0600, TRUE, (uid_t) -1, (gid_t) -1 };

gboolean
vc_sasl_user_check (const char *name, GError **error)
{
  gsize len = strlen (name);
  gboolean is_good = len > 0 && len <= MAX_NAME && g_utf8_validate (name, -1, NULL) && *name != '-';

  for (const char *at = name; is_good && *at != '\0'; at = g_utf8_next_char (at))
    is_good = g_unichar_isgraph (g_utf8_get_char (at)) && strchr ("@:,=*?\"\\", *at) == NULL;
  return is_good
         || vc_fail (error, VC_ERROR_INVALID,
                     "'%s' cannot be a user's name: 1 to %u bytes of UTF-8, no spaces, no '-' first, and "
                     "none of @ : , = * ? \" \\",
                     name, MAX_NAME);
}

/* Its programs. */

static char *
find_program (const char *name, GError **error)
{
  char *path = g_find_program_in_path (name);
  g_autofree char *usual = g_build_filename ("/usr/sbin", name, NULL);

  if (path == NULL && g_file_test (usual, G_FILE_TEST_IS_EXECUTABLE))
    path = g_steal_pointer (&usual);
  if (path == NULL)
    vc_fail (error, VC_ERROR_NOT_FOUND, "there is no program '%s': is Debian's package sasl2-bin installed?",
             name);
  return path;
}

/* Runs a program, whose words NULL ends, and writes bytes to it.  Returns: what it says, or NULL with error.
 */
static char *
run (const char *const *words, const char *bytes, gsize len, GError **error)
{
  g_autofree char *program = find_program (words[0], error);
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) why = NULL;
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  if (program == NULL)
    return NULL;
  g_ptr_array_add (argv, program);
  for (const char *const *word = words + 1; *word != NULL; word++)
    g_ptr_array_add (argv, (gpointer) *word);
  g_ptr_array_add (argv, NULL);
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                        | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_setenv (launcher, "SASL_CONF_PATH", "/dev/null",
                                TRUE); /* no settings but our words */
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &why);
  /* Written straight from where they are: communicate would copy them. */
  if (process == NULL
      || (len > 0
          && !g_output_stream_write_all (g_subprocess_get_stdin_pipe (process), bytes, len, NULL, NULL, &why))
      || !g_subprocess_communicate_utf8 (process, NULL, NULL, &out, &err, &why))
    return vc_fail_null (error, VC_ERROR_FAILED, "%s: %s", words[0], why->message);
  if (!g_subprocess_get_successful (process))
    return vc_fail_null (error, VC_ERROR_FAILED, "%s: %s", words[0],
                         *err != '\0' ? g_strstrip (err) : "it failed, and does not say why");
  return g_steal_pointer (&out);
}

/* What is there. */

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gboolean
contains (const GPtrArray *names, const char *name)
{
  for (guint i = 0; i < names->len; i++)
    if (strcmp (names->pdata[i], name) == 0)
      return TRUE;
  return FALSE;
}

/* Its lines are "NAME@REALM: PROPERTY", one for every property. */
char **
vc_sasl_users_list (const char *database, GError **error)
{
  const char *const words[] = { "sasldblistusers2", "-f", database, NULL };
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  text = access (database, F_OK) < 0 && errno == ENOENT ? g_strdup ("") : run (words, NULL, 0, error);
  if (text == NULL)
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *end = strrchr (lines[i], ':');

      if (end == NULL)
        continue;
      *end = '\0';
      if (g_str_has_suffix (lines[i], "@" VC_SASL_REALM))
        lines[i][strlen (lines[i]) - strlen ("@" VC_SASL_REALM)] = '\0';
      if (!contains (names, lines[i]))
        g_ptr_array_add (names, g_strdup (lines[i]));
    }
  g_ptr_array_sort (names, compare);
  g_ptr_array_add (names, NULL);
  g_ptr_array_set_free_func (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static gboolean
has_user (const char *database, const char *name, gboolean *ret_has, GError **error)
{
  g_auto (GStrv) names = vc_sasl_users_list (database, error);

  *ret_has = names != NULL && g_strv_contains ((const char *const *) names, name);
  return names != NULL;
}

/* Changes. */

/* Returns: a descriptor that holds the lock, or -1 with error. */
static int
take_lock (const char *database, GError **error)
{
  g_autofree char *path = g_strconcat (database, ".lock", NULL);
  g_autofree char *folder = g_path_get_dirname (database);
  int fd = -1;

  if (g_mkdir_with_parents (folder, 0755) == 0)
    fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0 && flock (fd, LOCK_EX) == 0)
    return fd;
  vc_fail_errno (error, errno, "%s", path);
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Returns: path of the copy, new, or NULL with error. */
static char *
copy (const char *database, GError **error)
{
  g_autofree char *path = g_strconcat (database, ".new", NULL);
  g_autofree char *bytes = NULL;
  gsize len = 0;

  if (unlink (path) < 0 && errno != ENOENT)
    {
      vc_fail_errno (error, errno, "%s", path);
      return NULL;
    }
  if (access (database, F_OK) < 0 && errno == ENOENT)
    return g_steal_pointer (&path);
  bytes = vc_file_read (database, MAX_BYTES, &len, error);
  if (bytes == NULL || !vc_file_write (path, bytes, len, &how, error))
    return NULL;
  return g_steal_pointer (&path);
}

/* Has saslpasswd2 do something to a copy, which then takes the database's place. */
static gboolean
change (const char *database, const char *what, const char *name, const char *bytes, gsize len,
        GError **error)
{
  g_autofree char *path = copy (database, error);
  const char *words[]
      = { "saslpasswd2", "-p", what, "-a", VC_SASL_SERVICE, "-f", path, "-u", VC_SASL_REALM, name, NULL };
  g_autofree char *said = NULL;
  mode_t before;

  if (path == NULL)
    return FALSE;
  before = umask (0177);
  said = run (words, bytes, len, error);
  umask (before);
  if (said != NULL && chmod (path, 0600) < 0)
    vc_fail_errno (error, errno, "%s", path);
  else if (said != NULL)
    return vc_file_commit (path, database, &how, error);
  unlink (path);
  return FALSE;
}

gboolean
vc_sasl_users_set (const char *database, const char *name, const char *password, gsize len, gboolean replace,
                   GError **error)
{
  gboolean has = FALSE, done;
  int lock;

  if (!vc_sasl_user_check (name, error))
    return FALSE;
  if (len == 0 || len > VC_SASL_MAX_PASSWORD || memchr (password, '\n', len) != NULL
      || !g_utf8_validate (password, (gssize) len, NULL))
    return vc_fail (error, VC_ERROR_INVALID, "a password is one line of 1 to %u bytes of UTF-8",
                    VC_SASL_MAX_PASSWORD);
  lock = take_lock (database, error);
  if (lock < 0)
    return FALSE;
  done = has_user (database, name, &has, error);
  if (done && has && !replace)
    done = vc_fail (error, VC_ERROR_EXISTS, "there is a user '%s' already", name);
  done = done && change (database, "-c", name, password, len, error);
  close (lock);
  return done;
}

gboolean
vc_sasl_users_remove (const char *database, const char *name, GError **error)
{
  gboolean has = FALSE, done;
  int lock;

  if (!vc_sasl_user_check (name, error))
    return FALSE;
  lock = take_lock (database, error);
  if (lock < 0)
    return FALSE;
  done = has_user (database, name, &has, error);
  if (done && !has)
    done = vc_fail (error, VC_ERROR_NOT_FOUND, "there is no user '%s'", name);
  done = done && change (database, "-d", name, NULL, 0, error);
  close (lock);
  return done;
}
