/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "qemu/process.h"
#include "qemu/qmp.h"

/* How this works
 *
 * The monitor is one end of a socket pair the child inherits, so there is no socket file to leave
 * behind and no wait for one to appear.  The child is bound: the kernel kills it when we go, even
 * when we are killed.  (A shell script in the place of a binary is killed like that; a QEMU it runs
 * without exec is not.)
 */

#define EXIT_TIMEOUT_MS 1000
#define NOBODY          65534

typedef gboolean (*AnswerFn) (VcCaps *caps, const VcJson *value, GError **error);

typedef struct
{
  const char *command;
  const char *implements; /* argument of qom-list-types                    */
  AnswerFn answer;
  gboolean optional; /* not every target knows it; nothing learned then */
} Question;

/* Facts are stored with blanks and line ends between. */
static gboolean
is_name (const char *text)
{
  return text != NULL && *text != '\0' && text[strcspn (text, " \n")] == '\0';
}

static gboolean
no_answer (const char *what, GError **error)
{
  return vc_fail (error, VC_ERROR_PROTOCOL, "QEMU's answer to %s makes no sense", what);
}

static gboolean
on_version (VcCaps *caps, const VcJson *value, GError **error)
{
  const VcJson *qemu = vc_json_get (value, "qemu");
  gint64 major, minor, micro;

  if (!vc_json_int (qemu, "major", &major) || !vc_json_int (qemu, "minor", &minor)
      || !vc_json_int (qemu, "micro", &micro))
    return no_answer ("query-version", error);
  if (major < 0 || major > 999 || minor < 0 || minor > 999 || micro < 0 || micro > 999)
    return no_answer ("query-version", error);
  caps->release = (guint) (major * 1000000 + minor * 1000 + micro);
  g_free (caps->version);
  caps->version = g_strdup_printf ("%u.%u.%u", (guint) major, (guint) minor, (guint) micro);
  if (caps->release < VC_CAPS_MIN_RELEASE)
    return vc_fail (error, VC_ERROR_UNSUPPORTED, "'%s' is QEMU %s; %u.%u or later is needed", caps->binary,
                    caps->version, VC_CAPS_MIN_RELEASE / 1000000, VC_CAPS_MIN_RELEASE / 1000 % 1000);
  return TRUE;
}

static gboolean
on_target (VcCaps *caps, const VcJson *value, GError **error)
{
  const char *arch = vc_json_str (value, "arch");

  if (!is_name (arch))
    return no_answer ("query-target", error);
  g_free (caps->arch);
  caps->arch = g_strdup (arch);
  return TRUE;
}

/* "qemu64-x86_64-cpu" is called qemu64 where users write it. */
static char *
cpu_name (const VcCaps *caps, const char *type)
{
  g_autofree char *suffix = g_strdup_printf ("-%s-cpu", caps->arch);

  if (!is_name (type))
    return NULL;
  return g_str_has_suffix (type, suffix) ? g_strndup (type, strlen (type) - strlen (suffix))
                                         : g_strdup (type);
}

static char *
name_of (const VcJson *json, const char *key)
{
  const char *name = vc_json_str (json, key);

  return is_name (name) ? g_strdup (name) : NULL;
}

static gboolean
on_machines (VcCaps *caps, const VcJson *value, GError **error)
{
  if (json_array_size (value) == 0)
    return no_answer ("query-machines", error);
  for (gsize n = 0; n < json_array_size (value); n++)
    {
      const VcJson *json = json_array_get (value, n);
      VcMachine *machine;
      gint64 max_cpus;

      if (!is_name (vc_json_str (json, "name")) || !vc_json_int (json, "cpu-max", &max_cpus) || max_cpus < 0
          || max_cpus > G_MAXUINT)
        return no_answer ("query-machines", error);
      machine = g_new0 (VcMachine, 1);
      g_ptr_array_add (caps->machines, machine);
      machine->name = g_strdup (vc_json_str (json, "name"));
      machine->alias = name_of (json, "alias");
      machine->default_cpu = cpu_name (caps, vc_json_str (json, "default-cpu-type"));
      machine->default_ram = name_of (json, "default-ram-id");
      machine->max_cpus = (guint) max_cpus;
      vc_json_bool (json, "is-default", &machine->is_default);
    }
  return TRUE;
}

static gboolean
add_names (GHashTable *set, const VcJson *value, gboolean types)
{
  if (!json_is_array (value))
    return FALSE;
  for (gsize n = 0; n < json_array_size (value); n++)
    {
      const char *name = vc_json_str (json_array_get (value, n), "name");

      if (!is_name (name))
        return FALSE;
      /* CPUs are devices too; they have a set of their own. */
      if (!types || !g_str_has_suffix (name, "-cpu"))
        g_hash_table_add (set, g_strdup (name));
    }
  return TRUE;
}

static gboolean
on_types (VcCaps *caps, const VcJson *value, GError **error)
{
  return add_names (caps->types, value, TRUE) || no_answer ("qom-list-types", error);
}

static gboolean
on_cpus (VcCaps *caps, const VcJson *value, GError **error)
{
  return add_names (caps->cpus, value, FALSE) || no_answer ("query-cpu-definitions", error);
}

/* The release comes first: an old one is refused for that, not for what it does not know.  The target
 * comes before what has names with it. */
static const Question questions[] = {
  { "query-version", NULL, on_version },
  { "query-target", NULL, on_target },
  { "query-machines", NULL, on_machines },
  { "qom-list-types", "device", on_types },
  { "qom-list-types", "user-creatable", on_types },
  { "qom-list-types", "chardev", on_types },
  { "qom-list-types", "accel", on_types },
  { "query-cpu-definitions", NULL, on_cpus, .optional = TRUE },
};

guint
vc_probe_n_questions (void)
{
  return G_N_ELEMENTS (questions);
}

VcJson *
vc_probe_question (guint n)
{
  VcJson *arguments = NULL;

  g_assert (n < G_N_ELEMENTS (questions));
  if (questions[n].implements != NULL)
    {
      arguments = json_object ();
      json_object_set_new (arguments, "implements", json_string (questions[n].implements));
    }
  return vc_qmp_command (questions[n].command, arguments);
}

gboolean
vc_probe_answer (VcCaps *caps, guint n, const VcJson *value, GError **error)
{
  g_assert (n < G_N_ELEMENTS (questions));
  return questions[n].answer (caps, value, error);
}

/* Probing needs no rights, and may be asked for a binary somebody else named. */
static int
become_nobody (gconstpointer who)
{
  if (syscall (SYS_setgroups, 0L, NULL) < 0 || syscall (SYS_setresgid, NOBODY, NOBODY, NOBODY) < 0
      || syscall (SYS_setresuid, NOBODY, NOBODY, NOBODY) < 0)
    return errno;
  return 0;
}

/* May root's own work be put in its place by nobody but root? */
static gboolean
is_roots (const char *path)
{
  struct stat info;

  return lstat (path, &info) == 0 && info.st_uid == 0
         && ((info.st_mode & (S_IWGRP | S_IWOTH)) == 0
             || (S_ISDIR (info.st_mode) && (info.st_mode & S_ISVTX)));
}

/* The file itself behind all links, when nobody but root can change it or the way to it; else NULL. */
static char *
find_roots (const char *binary)
{
  char *real = realpath (binary, NULL);
  gboolean firm = real != NULL && is_roots (real) && is_roots ("/");

  for (char *slash = real != NULL ? strchr (real + 1, '/') : NULL; slash != NULL && firm;
       slash = strchr (slash + 1, '/'))
    {
      *slash = '\0';
      firm = is_roots (real);
      *slash = '/';
    }
  if (!firm)
    g_clear_pointer (&real, free);
  return real;
}

static VcProcess *
start (const char *binary, int monitor, GMainContext *context, GError **error)
{
  g_autofree char *chardev = g_strdup_printf ("socket,id=probe,fd=%d", monitor);
  const char *argv[] = { binary,
                         "-S",
                         "-no-user-config",
                         "-nodefaults",
                         "-display",
                         "none",
                         "-machine",
                         "none,accel=tcg",
                         "-chardev",
                         chardev,
                         "-mon",
                         "chardev=probe,mode=control",
                         NULL };
  VcSpawn how = { VC_SPAWN_INIT, .argv = argv, .fds = &monitor, .n_fds = 1, .bound = TRUE };
  g_autoptr (GError) denied = NULL;
  g_autofree char *real = NULL;
  VcProcess *process;

  if (geteuid () != 0)
    return vc_process_new (&how, context, NULL, NULL, error);

  how.become = become_nobody;
  process = vc_process_new (&how, context, NULL, NULL, &denied);
  if (process == NULL && g_error_matches (denied, VC_ERROR, VC_ERROR_DENIED))
    real = find_roots (binary);
  if (real == NULL)
    {
      if (denied != NULL)
        g_propagate_error (error, g_steal_pointer (&denied));
      return process;
    }
  /* In a folder of root's, or in a place where root may not become anybody: then as we are, but never
   * what somebody else could have put there. */
  how.become = NULL;
  argv[0] = real;
  return vc_process_new (&how, context, NULL, NULL, error);
}

static gboolean
ask (VcQmp *qmp, VcCaps *caps, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + VC_PROBE_TIMEOUT_MS * G_TIME_SPAN_MILLISECOND;

  if (!vc_qmp_open_wait (qmp, VC_PROBE_TIMEOUT_MS, error))
    return FALSE;
  for (guint n = 0; n < G_N_ELEMENTS (questions); n++)
    {
      gint64 left = MAX (deadline - g_get_monotonic_time (), 0) / G_TIME_SPAN_MILLISECOND;
      g_autoptr (GError) refusal = NULL;
      g_autoptr (json_t) value = vc_qmp_call_wait (qmp, vc_probe_question (n), (guint) left, &refusal);

      if (value != NULL)
        {
          if (!vc_probe_answer (caps, n, value, error))
            return FALSE;
          continue;
        }
      if (!questions[n].optional || !g_error_matches (refusal, VC_ERROR, VC_ERROR_UNSUPPORTED))
        {
          g_propagate_error (error, g_steal_pointer (&refusal));
          return FALSE;
        }
    }
  return TRUE;
}

/* A binary that is no QEMU, or a broken one, says why on its stderr and in how it ends. */
static gboolean
explain (const char *binary, VcProcess *process, const GError *why, GError **error)
{
  g_autofree char *words = NULL;
  g_autofree char *ending = NULL;
  VcExit how;

  if (g_error_matches (why, VC_ERROR, VC_ERROR_UNSUPPORTED))
    return vc_fail (error, VC_ERROR_UNSUPPORTED, "%s", why->message);
  if (g_error_matches (why, VC_ERROR, VC_ERROR_GONE) && vc_process_wait (process, EXIT_TIMEOUT_MS, &how))
    ending = vc_exit_print (&how);
  words = vc_process_words (process);
  return vc_fail (error, VC_ERROR_FAILED, "cannot learn what '%s' can do: %s%s%s%s", binary,
                  ending != NULL ? "it " : "", ending != NULL ? ending : why->message,
                  words != NULL ? ": " : "", words != NULL ? words : "");
}

VcCaps *
vc_probe (const char *binary, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VcCaps) caps = vc_caps_new ();
  g_autoptr (VcProcess) process = NULL;
  g_autoptr (VcQmp) qmp = NULL;
  g_autoptr (GError) why = NULL;
  int ends[2];

  if (!g_path_is_absolute (binary))
    return vc_fail_null (error, VC_ERROR_INVALID, "'%s' is not an absolute path", binary);
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    {
      vc_fail_errno (error, errno, "cannot make a socket");
      return NULL;
    }
  qmp = vc_qmp_new (ends[0], context, NULL, NULL, NULL);
  process = start (binary, ends[1], context, error);
  close (ends[1]);
  if (process == NULL)
    return NULL;

  caps->binary = g_strdup (binary);
  if (ask (qmp, caps, &why))
    return g_steal_pointer (&caps);
  explain (binary, process, why, error);
  return NULL;
}
