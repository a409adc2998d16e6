/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"

/* Every command there is, in the order of names. */
/* clang-format off */
#define COMMANDS(COMMAND) \
  COMMAND (attach_device) \
  COMMAND (autostart) \
  COMMAND (card_eject) \
  COMMAND (card_insert) \
  COMMAND (card_list) \
  COMMAND (connect_doctor) \
  COMMAND (console) \
  COMMAND (create) \
  COMMAND (define) \
  COMMAND (destroy) \
  COMMAND (detach_device) \
  COMMAND (dominfo) \
  COMMAND (domstate) \
  COMMAND (domstats) \
  COMMAND (domxml_to_native) \
  COMMAND (dumpxml) \
  COMMAND (edit) \
  COMMAND (event) \
  COMMAND (help) \
  COMMAND (invite) \
  COMMAND (join) \
  COMMAND (list) \
  COMMAND (normalize) \
  COMMAND (pki_check) \
  COMMAND (pki_client) \
  COMMAND (pki_init) \
  COMMAND (pki_server) \
  COMMAND (pki_show) \
  COMMAND (qemu_monitor_command) \
  COMMAND (reboot) \
  COMMAND (reset) \
  COMMAND (restore) \
  COMMAND (resume) \
  COMMAND (run) \
  COMMAND (save) \
  COMMAND (schema) \
  COMMAND (secret_define) \
  COMMAND (secret_list) \
  COMMAND (secret_set_value) \
  COMMAND (secret_undefine) \
  COMMAND (shutdown) \
  COMMAND (start) \
  COMMAND (suspend) \
  COMMAND (tls_reload) \
  COMMAND (trust_add) \
  COMMAND (trust_list) \
  COMMAND (trust_remove) \
  COMMAND (undefine) \
  COMMAND (update_device) \
  COMMAND (user_add) \
  COMMAND (user_list) \
  COMMAND (user_remove) \
  COMMAND (validate)
/* clang-format on */

#define DECLARE(name) extern const VcCommand vc_command_##name;
#define LIST(name)    &vc_command_##name,

COMMANDS (DECLARE)

const VcCommand *const vc_commands[] = { COMMANDS (LIST) NULL };
