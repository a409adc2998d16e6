/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What the command says to people and to pipes.  Nothing is kept back in a buffer, so that the order of
 * what goes to the standard output and to the standard error is the order in which it was said. */

/* vc_say - a line on the standard error
 *
 * fmt has no newline.  What could move a terminal's cursor or look like another line is written as an
 * escape (\n, \x1b), also where no terminal is: a line is always one message.
 */
void vc_say (const char *fmt, ...) G_GNUC_PRINTF (1, 2);

/* vc_put - text to the standard output, newlines as they are
 *
 * On a terminal control characters are escaped as vc_say does; elsewhere the bytes are kept.
 *
 * Returns: TRUE, or FALSE when it could not be written, which it said.
 */
gboolean vc_put (const char *text);

/* vc_say_safe - text with what is not for a terminal written as escapes
 *
 * keep_layout: leave newlines and tabs.
 *
 * Returns: new string, valid UTF-8.
 */
char *vc_say_safe (const char *text, gboolean keep_layout);

/* vc_say_open - make sure that descriptors 0 to 2 are open
 *
 * A file opened later must not become the standard output because that was closed.  What was closed
 * stays unusable: reading or writing it fails.
 */
void vc_say_open (void);
