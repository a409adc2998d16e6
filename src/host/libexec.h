/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* vc_libexec_find - where a program of virtcard's own is that nobody calls by hand
 *
 * The folder is the first of VIRTCARD_LIBEXEC in the environment that has it, absolute ones with ':' between
 * them, else the one virtcard was installed to.
 *
 * Returns: new string (g_free), whether it is there or not.
 */
char *vc_libexec_find (const char *program);
