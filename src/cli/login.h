/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <virtcard/virtcard.h>

/* vc_login_new - what is known to log in with at a server that wants it: a file's password, or who sits at
 * the terminal is asked; file may be NULL.  Returns: new, or NULL with error */
VirtcardAuth *vc_login_new (const char *file, GError **error);
