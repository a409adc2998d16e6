/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/command.h"

/* Help, written from the rows.  The vc_help_put_… functions return an exit status. */

/* vc_help_put_all - every command and the options they share */
int vc_help_put_all (void);

/* vc_help_put_command - one command's help */
int vc_help_put_command (const VcCommand *command);

/* vc_help_put_version - the program's name and version */
int vc_help_put_version (void);

/* vc_help_add_wrapped - text in lines of at most 80 columns
 *
 * indent goes before every line but the first, which begins in column column.  An empty line in text
 * parts paragraphs.  Ends with a newline.
 */
void vc_help_add_wrapped (GString *out, const char *text, guint indent, guint column);

/* vc_help_add_synopsis - a row as it stands in a synopsis: "[--timeout SECONDS]", "FILE..." */
void vc_help_add_synopsis (GString *out, const VcField *row);
