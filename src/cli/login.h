/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <virtcard/virtcard.h>

/* vc_login_new - what is known to log in with at a server that wants it
 *
 * user: NULL for the URI's; file: has the password.  For what is missing who sits at the terminal is asked.
 *
 * Returns: new, or NULL with error.
 */
VirtcardAuth *vc_login_new (const char *user, const char *file, GError **error);
