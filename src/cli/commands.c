/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"

extern const VcCommand vc_command_domxml_to_native, vc_command_help, vc_command_normalize,
    vc_command_validate;

const VcCommand *const vc_commands[] = {
  &vc_command_domxml_to_native, &vc_command_help, &vc_command_normalize, &vc_command_validate, NULL,
};
