/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* vc_sasl_invent_add - give a password that nobody knows to every user who has none
 *
 * A source of passwords for libsasl2, to be asked behind all others: whoever does not exist goes the same way
 * as who does, step by step, and fails where a wrong password does.  In every process of a server, once.
 *
 * Returns: what libsasl2 does.
 */
int vc_sasl_invent_add (void);

/* vc_sasl_invent_last - about whom libsasl2 has asked first in this thread since it was last called
 *
 * *ret_exists: somebody else had a password for it.  Returns: new string, UTF-8, or NULL: nobody.
 */
char *vc_sasl_invent_last (gboolean *ret_exists);
