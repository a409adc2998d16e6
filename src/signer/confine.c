/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "signer/confine.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

void
confine_memory (void)
{
  const struct rlimit none = { 0, 0 };

  prctl (PR_SET_DUMPABLE, 0);
  setrlimit (RLIMIT_CORE, &none);
  if (geteuid () == 0) /* whose limit does not make allocations fail */
    mlockall (MCL_CURRENT | MCL_FUTURE);
}

void
confine_files (const char *folder)
{
  /* All that the first Landlock knows; of that a note and a socket need to be read and removed. */
  const struct landlock_ruleset_attr all = { .handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
  struct landlock_path_beneath_attr below
      = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE };
  int rules;

  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  rules = (int) syscall (SYS_landlock_create_ruleset, &all, sizeof all, 0);
  if (rules < 0)
    return;
  below.parent_fd = open (folder, O_PATH | O_CLOEXEC);
  if (below.parent_fd >= 0)
    {
      syscall (SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
      close (below.parent_fd);
    }
  syscall (SYS_landlock_restrict_self, rules, 0);
  close (rules);
}
