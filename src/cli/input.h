/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/command.h"

/* Files people name on the command line; "-" is the standard input. */

/* vc_input_read - all of a file
 *
 * Anything that can be read to its end will do, also a FIFO.  Stops one byte after VC_XML_MAX_BYTES,
 * so that whoever reads the text sees that it is too long.
 *
 * Returns: new bytes with a zero after them, or NULL with error: "FILE: …".
 */
char *vc_input_read (const char *file, gsize *ret_len, GError **error);

/* vc_input_origin - what a file is called in messages */
const char *vc_input_origin (const char *file);

/* vc_input_describe - read a domain and say what is wrong with it
 *
 * Says its warnings; of its errors all, or only the first.
 *
 * Returns: new, or NULL after errors.
 */
VcDescription *vc_input_describe (const VcCli *cli, const char *file, gboolean all_errors);
