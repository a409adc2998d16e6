/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* virtcard-nss-check - look into an NSS database as the user QEMU will run as
 *
 *   virtcard-nss-check DATABASE -- NICKNAME...     the certificates under these nicknames
 *   virtcard-nss-check --modules DATABASE          the PKCS#11 modules, their slots, the PC/SC readers
 *
 * Started by virtcard, a short while before QEMU opens the same database.  NSS and the modules it loads
 * stay in here.  Prints one JSON object; exits with 0 when it could look, with 2 when the database cannot
 * be opened (the object says why), with 1 when it was called wrongly.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "nsscheck/certificates.h"
#include "nsscheck/database.h"
#include "nsscheck/modules.h"

#define PATIENCE_S 10 /* a module that hangs ends with us */

static void
prepare (void)
{
  struct rlimit none = { 0, 0 };
  int null = open ("/dev/null", O_RDONLY);

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  setrlimit (RLIMIT_CORE, &none);
  if (null >= 0 && null != STDIN_FILENO)
    {
      dup2 (null, STDIN_FILENO);
      close (null);
    }
  alarm (PATIENCE_S);
  /* NSS times the file system for 33 ms to choose a cache; nothing here is read twice. */
  g_setenv ("NSS_SDB_USE_CACHE", "no", TRUE);
}

/* Another library's exit handlers may hang; the answer is out, so that nothing else matters. */
static G_GNUC_NORETURN void
answer (VcJson *json, int status)
{
  json_dumpf (json, stdout, JSON_COMPACT);
  putchar ('\n');
  fflush (stdout);
  json_decref (json);
  _exit (status);
}

int
main (int argc, char **argv)
{
  gboolean modules = argc == 3 && strcmp (argv[1], "--modules") == 0;

  if (!modules && (argc < 4 || strcmp (argv[2], "--") != 0))
    {
      fprintf (stderr, "usage: virtcard-nss-check DATABASE -- NICKNAME...\n"
                       "       virtcard-nss-check --modules DATABASE\n");
      return 1;
    }
  prepare ();

  VcJson *why
      = database_open (modules ? argv[2] : argv[1], modules ? DATABASE_MODULES : DATABASE_CERTIFICATES);

  if (why)
    answer (why, 2);

  VcJson *result = modules ? modules_look () : certificates_look ((const char *const *) argv + 3);

  fflush (stdout);
  if (!modules)
    database_close ();
  answer (result, 0);
}
