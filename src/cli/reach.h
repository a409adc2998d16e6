/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/command.h"
#include <virtcard/virtcard.h>

/* Commands that act on guests, wherever these are held.  What goes wrong is said here. */

/* vc_reach - connect as --connect and --root ask; Returns: new, or NULL after an error */
VirtcardConnect *vc_reach (const VcCli *cli);

/* vc_reach_domain - the guest of that name, UUID or number; Returns: new, or NULL after an error */
VirtcardDomain *vc_reach_domain (VirtcardConnect *connect, const char *what);

/* The options of a command that takes nothing but a guest. */
typedef struct
{
  char *domain;
} VcReachOptions;

extern const VcField vc_reach_options[];

/* VcActFn - do something with a guest; all is borrowed.  What is added to out is the command's output */
typedef gboolean (*VcActFn) (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error);

/* vc_reach_act - connect, find a guest and do something with it
 *
 * done: "Domain 'web' DONE" is put when it is; NULL: nothing but what act adds.
 *
 * Returns: the exit status.
 */
int vc_reach_act (const VcCli *cli, const char *what, VcActFn act, gconstpointer data, const char *done);

/* vc_reach_put - a line to the standard output; Returns: the exit status */
int vc_reach_put (const char *fmt, ...) G_GNUC_PRINTF (1, 2);

/* vc_reach_parts - --live, --config and --current as VirtcardPart
 *
 * Returns: TRUE, or FALSE when they exclude each other, which it said.
 */
gboolean vc_reach_parts (const char *command, gboolean live, gboolean config, gboolean current,
                         guint *ret_parts);

/* vc_reach_console - join a guest's console to the terminal until Ctrl-] or its end
 *
 * connect is the one domain came from.  Returns: the exit status.
 */
int vc_reach_console (VirtcardConnect *connect, VirtcardDomain *domain, const char *device, guint flags);
