/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"

/* Every command there is, in the order of names. */
/* clang-format off */
#define COMMANDS(COMMAND) \
  COMMAND (domxml_to_native) \
  COMMAND (help) \
  COMMAND (normalize) \
  COMMAND (run) \
  COMMAND (schema) \
  COMMAND (validate)
/* clang-format on */

#define DECLARE(name) extern const VcCommand vc_command_##name;
#define LIST(name)    &vc_command_##name,

COMMANDS (DECLARE)

const VcCommand *const vc_commands[] = { COMMANDS (LIST) NULL };
