/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/nss.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "host/child.h"
#include "host/libexec.h"
#include "host/reach.h"

#define HELPER     "virtcard-nss-check"
#define TIMEOUT_MS 12000 /* the helper itself gives up after 10 s */
#define MAX_ANSWER (256 * 1024)

char *
vc_nss_get_helper (void)
{
  return vc_libexec_find (HELPER);
}

static const char *
folder_of (const char *database)
{
  return g_str_has_prefix (database, "sql:") ? database + strlen ("sql:") : database;
}

/* The reasons of nsscheck/database.h, in the user's words. */
static gboolean
fail_closed (const char *folder, const VcJson *why, const VcUser *user, GError **error)
{
  const char *reason = vc_json_str (why, "reason");
  const char *path = vc_json_str (why, "path");
  const char *detail = vc_json_str (why, "detail");

  if (!reason || !path || !detail)
    return vc_fail (error, VC_ERROR_PROTOCOL, "%s did not say why it cannot open '%s'", HELPER, folder);
  if (strcmp (reason, "missing") == 0 && strcmp (path, folder) == 0)
    return vc_fail (error, VC_ERROR_NOT_FOUND,
                    "certificate database '%s' does not exist (make one with 'certutil -N -d sql:%s')",
                    folder, folder);
  if (strcmp (reason, "missing") == 0)
    return vc_fail (error, VC_ERROR_NOT_FOUND,
                    "folder '%s' holds no certificate database: '%s' does not exist (make one with "
                    "'certutil -N -d sql:%s')",
                    folder, path, folder);
  if (strcmp (reason, "legacy") == 0)
    return vc_fail (error, VC_ERROR_UNSUPPORTED,
                    "certificate database '%s' has the old dbm format (convert it with 'certutil -K -X -d "
                    "sql:%s')",
                    folder, folder);
  if (strcmp (reason, "not-folder") == 0)
    return vc_fail (error, VC_ERROR_INVALID, "certificate database '%s' is not a folder", folder);
  if (strcmp (reason, "unreadable") == 0)
    return vc_fail (error, VC_ERROR_DENIED, "certificate database '%s': user %s cannot read '%s': %s", folder,
                    user->name, path, detail);
  return vc_fail (error, VC_ERROR_INVALID, "certificate database '%s' cannot be opened: '%s': %s", folder,
                  path, detail);
}

static VcJson *
read_answer (const char *folder, const VcChildResult *result, const VcUser *user, const char *helper,
             GError **error)
{
  if (result->end == VC_CHILD_LATE || (result->end == VC_CHILD_KILLED && result->status == SIGALRM))
    return vc_fail_null (error, VC_ERROR_FAILED,
                         "certificate database '%s' gave no answer within 10 seconds (one of its PKCS#11 "
                         "modules, or its file system, hangs)",
                         folder);
  if (result->end == VC_CHILD_FLOODED)
    return vc_fail_null (error, VC_ERROR_PROTOCOL, "certificate database '%s': %s wrote too much", folder,
                         HELPER);
  if (result->end == VC_CHILD_KILLED)
    return vc_fail_null (error, VC_ERROR_FAILED, "certificate database '%s': %s died of signal %d (%s)",
                         folder, HELPER, result->status, strsignal (result->status));
  if (result->status == VC_CHILD_NO_USER)
    return vc_fail_null (error, VC_ERROR_DENIED, "cannot become user %s", user->name);
  if (result->status == VC_CHILD_NO_EXEC)
    return vc_fail_null (error, VC_ERROR_FAILED, "user %s cannot run '%s'", user->name, helper);
  if (result->status != 0 && result->status != 2)
    return vc_fail_null (error, VC_ERROR_FAILED, "certificate database '%s': '%s' ended with status %d",
                         folder, helper, result->status);

  g_autoptr (json_t) json = vc_json_read ((const char *) result->out->data, result->out->len, error);

  if (!json)
    {
      vc_prefix (error, "certificate database '%s': %s: ", folder, HELPER);
      return NULL;
    }
  if (result->status == 2)
    {
      fail_closed (folder, json, user, error);
      return NULL;
    }
  return g_steal_pointer (&json);
}

static VcJson *
ask (const char *folder, const char *const *argv, const VcUser *user, GError **error)
{
  g_auto (VcChildResult) result = { 0 };

  if (!vc_child_exec (argv, user, TIMEOUT_MS, MAX_ANSWER, &result, error))
    return NULL;
  return read_answer (folder, &result, user, argv[0], error);
}

/* Names the very component that is in the way, which the helper cannot.  What is missing is left to the
 * helper, which knows more about it. */
static gboolean
check_reach (const char *folder, const VcUser *user, GError **error)
{
  g_autofree char *certs = g_build_filename (folder, "cert9.db", NULL);
  g_autofree char *keys = g_build_filename (folder, "key4.db", NULL);
  g_autofree char *modules = g_build_filename (folder, "pkcs11.txt", NULL);
  g_autofree char *what = g_strdup_printf ("certificate database '%s'", folder);
  g_autoptr (GPtrArray) wants = g_ptr_array_new ();
  g_autoptr (GError) why = NULL;
  VcReach all[]
      = { { certs, VC_REACH_READ, what }, { keys, VC_REACH_READ, what }, { modules, VC_REACH_READ, what } };

  if (!g_path_is_absolute (folder))
    return vc_fail (error, VC_ERROR_INVALID, "certificate database '%s' is not an absolute path", folder);
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    g_ptr_array_add (wants, &all[i]);
  if (vc_reach_check (user, wants, &why) || !g_error_matches (why, VC_ERROR, VC_ERROR_DENIED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static char *
date_words (gint64 seconds)
{
  g_autoptr (GDateTime) when = g_date_time_new_from_unix_utc (seconds);

  return when ? g_date_time_format (when, "%Y-%m-%d %H:%M UTC") : g_strdup ("a day out of reach");
}

static void
check_dates (const char *folder, const char *nickname, const VcJson *one, GPtrArray *warnings)
{
  const char *subject = vc_json_str (one, "subject");
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gint64 from = 0, until = 0;

  if (!vc_json_int (one, "not_before", &from) || !vc_json_int (one, "not_after", &until))
    return;
  if (now <= until && now >= from)
    return;

  g_autofree char *day = date_words (now > until ? until : from);

  g_ptr_array_add (warnings, g_strdup_printf ("certificate database '%s': certificate '%s' (%s) %s %s",
                                              folder, nickname, subject ? subject : "no subject",
                                              now > until ? "expired on" : "is not valid before", day));
}

/* The first design of these cards took files, and people still write them. */
static gboolean
fail_nickname (const char *folder, const char *nickname, GError **error)
{
  if (*nickname != '/')
    return vc_fail (error, VC_ERROR_NOT_FOUND,
                    "certificate database '%s' has no certificate with the nickname '%s'", folder, nickname);

  g_autofree char *file = g_shell_quote (nickname);
  g_autofree char *db = g_strconcat ("sql:", folder, NULL);
  g_autofree char *quoted = g_shell_quote (db);

  return vc_fail (
      error, VC_ERROR_NOT_FOUND,
      "certificate database '%s' has no certificate with the nickname '%s': a certificate is named by "
      "its nickname in the database, not by a file; import the file with: openssl pkcs12 -export "
      "-in %s -inkey KEY.pem -name NICKNAME -out CARD.p12 && pk12util -i CARD.p12 -d %s",
      folder, nickname, file, quoted);
}

static gboolean
check_one (const char *folder, const char *nickname, const VcJson *one, GPtrArray *warnings, GError **error)
{
  gboolean found = FALSE, key = FALSE;

  if (!vc_json_bool (one, "found", &found) || (found && !vc_json_bool (one, "key", &key)))
    return vc_fail (error, VC_ERROR_PROTOCOL, "certificate database '%s': %s said nothing about '%s'", folder,
                    HELPER, nickname);
  if (!found)
    return fail_nickname (folder, nickname, error);
  if (!key)
    return vc_fail (error, VC_ERROR_NOT_FOUND,
                    "certificate database '%s' has no private key for the certificate '%s'", folder,
                    nickname);
  check_dates (folder, nickname, one, warnings);
  return TRUE;
}

gboolean
vc_nss_check_certificates (const char *database, const char *const *nicknames, const VcUser *user,
                           const char *helper, GPtrArray *warnings, GError **error)
{
  const char *folder = folder_of (database);
  g_autofree char *own = helper ? NULL : vc_nss_get_helper ();
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  if (!check_reach (folder, user, error))
    return FALSE;
  g_ptr_array_add (argv, (gpointer) (helper ? helper : own));
  g_ptr_array_add (argv, (gpointer) folder);
  g_ptr_array_add (argv, (gpointer) "--");
  for (gsize i = 0; nicknames[i]; i++)
    g_ptr_array_add (argv, (gpointer) nicknames[i]);
  g_ptr_array_add (argv, NULL);

  g_autoptr (json_t) answer = ask (folder, (const char *const *) argv->pdata, user, error);

  if (!answer)
    return FALSE;

  VcJson *all = vc_json_get (answer, "certificates");

  for (gsize i = 0; nicknames[i]; i++)
    if (!check_one (folder, nicknames[i], json_array_get (all, i), warnings, error))
      return FALSE;
  return TRUE;
}

VcJson *
vc_nss_find_modules (const char *database, const VcUser *user, const char *helper, GError **error)
{
  const char *folder = folder_of (database);
  g_autofree char *own = helper ? NULL : vc_nss_get_helper ();
  const char *argv[] = { helper ? helper : own, "--modules", folder, NULL };

  if (!check_reach (folder, user, error))
    return NULL;
  return ask (folder, argv, user, error);
}
