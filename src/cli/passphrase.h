/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* vc_passphrase_ask - a line from whoever sits at the terminal of this process
 *
 * question is shown there; what is typed is not, where is_secret says so.
 *
 * Returns: new string (free with vc_wipe_text), or NULL with error: there is no terminal, or nobody wants to
 * answer (Ctrl-C, or the end of the input).
 */
char *vc_passphrase_ask (const char *question, gboolean is_secret, GError **error);

/* vc_passphrase_read - a secret from a file, the standard input, or whoever sits at a terminal
 *
 * file: NULL for the standard input, as is "-"; a terminal is asked for its "value", and does not show what
 * is typed.  One end of line at its end is not part of it.
 *
 * Returns: new bytes with a zero after them (free with vc_wipe_free), or NULL with error.
 */
char *vc_passphrase_read (const char *file, gboolean base64, gsize max, gsize *ret_len, GError **error);
