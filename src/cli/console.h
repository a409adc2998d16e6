/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A guest's console joined to our terminal.
 *
 * The terminal is raw meanwhile and is given back as it was, whatever ends us but SIGKILL.  Where the
 * standard input is no terminal the bytes are passed on all the same. */
typedef struct VcConsole VcConsole;

#define VC_CONSOLE_LEAVE 0x1d /* Ctrl-] */

/* vc_console_open - open a pseudo-terminal for vc_console_new; Returns: new, or -1 with error */
int vc_console_open (const char *path, GError **error);

/* vc_console_new - join a descriptor that does not block: a pseudo-terminal, or a socket
 *
 * Whoever uses it ignores SIGPIPE.  on_end is called once, when Ctrl-] is typed or the guest's side is
 * closed; it may free the console.
 *
 * Returns: new (free with vc_console_free), or NULL with error.
 */
VcConsole *vc_console_new (int fd_taken, void (*on_end) (gpointer data), gpointer data, GError **error);

/* vc_console_free - give the terminal back; NULL is fine.  What the guest still said is written first */
void vc_console_free (VcConsole *console);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcConsole, vc_console_free)
