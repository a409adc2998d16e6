/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"

/* Every command there is, in the order of names. */
/* clang-format off */
#define COMMANDS(COMMAND) \
  COMMAND (domxml_to_native) \
  COMMAND (help) \
  COMMAND (normalize) \
  COMMAND (pki_check) \
  COMMAND (pki_client) \
  COMMAND (pki_init) \
  COMMAND (pki_server) \
  COMMAND (pki_show) \
  COMMAND (run) \
  COMMAND (schema) \
  COMMAND (secret_define) \
  COMMAND (secret_list) \
  COMMAND (secret_set_value) \
  COMMAND (secret_undefine) \
  COMMAND (validate)
/* clang-format on */

#define DECLARE(name) extern const VcCommand vc_command_##name;
#define LIST(name)    &vc_command_##name,

COMMANDS (DECLARE)

const VcCommand *const vc_commands[] = { COMMANDS (LIST) NULL };
