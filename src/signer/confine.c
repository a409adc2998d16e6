/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "signer/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"

void
confine_memory (void)
{
  const struct rlimit none = { 0, 0 };

  prctl (PR_SET_DUMPABLE, 0);
  setrlimit (RLIMIT_CORE, &none);
  if (geteuid () == 0) /* whose limit does not make allocations fail */
    mlockall (MCL_CURRENT | MCL_FUTURE);
}

/* Returns: 0, or errno. */
static int
restrict_to (int rules, const char *folder)
{
  struct landlock_path_beneath_attr below
      = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE,
          .parent_fd = open (folder, O_PATH | O_CLOEXEC) };
  int errsv = 0;

  if (below.parent_fd < 0 || syscall (SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0) < 0
      || syscall (SYS_landlock_restrict_self, rules, 0) < 0)
    errsv = errno;
  if (below.parent_fd >= 0)
    close (below.parent_fd);
  return errsv;
}

gboolean
confine_files (const char *folder, GError **error)
{
  /* All that the first Landlock knows; of that a note and a socket need to be read and removed. */
  const struct landlock_ruleset_attr all = { .handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
  int rules, errsv = 0;

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return vc_fail_errno (error, errno, "cannot give up rights");
  rules = (int) syscall (SYS_landlock_create_ruleset, &all, sizeof all, 0);
  if (rules < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
    return TRUE; /* this kernel has none */
  if (rules < 0)
    errsv = errno;
  else
    {
      errsv = restrict_to (rules, folder);
      close (rules);
    }
  return errsv == 0 || vc_fail_errno (error, errsv, "cannot keep away from files outside '%s'", folder);
}
