/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nsscheck/database.h"

#include <errno.h>
#include <fcntl.h>
#include <nss.h>
#include <prerror.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsscheck/text.h"

/* The first bytes of every SQLite file. */
static const char magic[16] = "SQLite format 3";

static VcJson *
reason (const char *why, const char *path, const char *detail)
{
  return json_pack ("{s:s, s:o, s:o}", "reason", why, "path", text_json (path), "detail", text_json (detail));
}

static VcJson *
reason_errno (int errsv, const char *path)
{
  return reason (errsv == ENOENT    ? "missing"
                 : errsv == ENOTDIR ? "not-folder"
                                    : "unreadable",
                 path, g_strerror (errsv));
}

/* NULL: it is a readable SQLite file. */
static VcJson *
check_file (const char *path)
{
  char head[sizeof magic];
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  gssize n;
  int errsv;

  if (fd < 0)
    return reason_errno (errno, path);
  n = read (fd, head, sizeof head);
  errsv = errno;
  close (fd);
  if (n < 0)
    return reason_errno (errsv, path);
  if (n != sizeof head || memcmp (head, magic, sizeof head) != 0)
    return reason ("broken", path, "not an SQLite file");
  return NULL;
}

static gboolean
exists (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return access (path, F_OK) == 0;
}

static VcJson *
check_folder (const char *folder)
{
  g_autofree char *certs = g_build_filename (folder, "cert9.db", NULL);
  g_autofree char *keys = g_build_filename (folder, "key4.db", NULL);
  struct stat st;
  VcJson *why;

  if (stat (folder, &st) < 0)
    return reason_errno (errno, folder);
  if (!S_ISDIR (st.st_mode))
    return reason ("not-folder", folder, g_strerror (ENOTDIR));
  if (access (folder, X_OK) < 0)
    return reason_errno (errno, folder);
  if (!exists (folder, "cert9.db") && (exists (folder, "cert8.db") || exists (folder, "cert7.db")))
    return reason ("legacy", folder, "a database of the old dbm format");
  why = check_file (certs);
  return why ? why : check_file (keys);
}

VcJson *
database_open (const char *folder, DatabaseUse use)
{
  PRUint32 flags = NSS_INIT_READONLY | NSS_INIT_NOROOTINIT;
  VcJson *why;

  if (g_str_has_prefix (folder, "sql:"))
    folder += strlen ("sql:");
  else if (g_str_has_prefix (folder, "dbm:"))
    return reason ("legacy", folder, "a database of the old dbm format");
  if (*folder != '/')
    return reason ("unsupported", folder, "not an absolute path");
  why = check_folder (folder);
  if (why)
    return why;

  g_autofree char *name = g_strconcat ("sql:", folder, NULL);

  if (use == DATABASE_CERTIFICATES)
    flags |= NSS_INIT_NOMODDB;
  if (NSS_Initialize (name, "", "", "secmod.db", flags) == SECSuccess)
    return NULL;
  return reason ("broken", folder, PR_ErrorToString (PR_GetError (), PR_LANGUAGE_I_DEFAULT));
}

void
database_close (void)
{
  NSS_Shutdown ();
}
