/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* vc_pki_text - what a certificate says, fit for a message, a log or a terminal
 *
 * Bytes that are no UTF-8 are replaced; characters that control what is shown are written as "\x0a" or
 * "\u202e".
 *
 * Returns: new string.
 */
char *vc_pki_text (const void *bytes, gsize len);
